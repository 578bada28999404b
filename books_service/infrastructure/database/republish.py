"""Telling everything once more: all books, deleted ones too, and links through the outbox, by batches."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, TypeVar

from accord.bus.adapters.sql_database import Database
from accord.bus.adapters.sql_statement import Statement
from accord.bus.errors import Unavailable
from books_service.domain.services import BookService, BookServiceFactory

__all__ = ["BATCH", "MAX_WAITING", "Republication"]

BATCH: Final = 500
"""Rows of one transaction, which holds them for some milliseconds."""

MAX_WAITING: Final = 10_000
"""No batch is added while more rows than this wait in the outbox: news of today shall not wait for hours."""

_ATTEMPTS: Final = 5
_ASK_AGAIN_S: Final = 0.1
_WAITING: Final = Statement(
    f"SELECT count(*) FROM (SELECT FROM outbox LIMIT {MAX_WAITING + 1}) AS first_rows", int
)
_SIZE: Final = Statement(
    "SELECT (SELECT count(*) FROM books) + (SELECT count(*) FROM deleted_books)"
    " + (SELECT count(*) FROM book_authors)",
    int,
)

Place = TypeVar("Place")


class Republication:
    """May be done as often as one likes, beside a service that runs: versions and origins stay as they are.

    It holds one batch in memory. What was deleted so long ago that it was purged here is not told again; the
    stream keeps the deletion.
    """

    def __init__(self, database: Database, services: BookServiceFactory) -> None:
        self._database = database
        self._services = services

    async def size(self) -> int:
        """How many rows will be looked at, roughly."""
        (rows,) = await self._database.fetch(_SIZE, {})
        return rows

    async def run(
        self,
        since: datetime | None,
        progress: Callable[[int], None],
        waiting: Callable[[], None] = lambda: None,
    ) -> None:
        """Tell of what changed at ``since`` or later, or of everything; raises `Unavailable`.

        ``progress`` is called with the number of rows of each batch, ``waiting`` when the outbox is full.
        """

        async def some_books(service: BookService, after: int) -> int | None:
            return await service.republish_books(after, BATCH, since)

        async def some_deleted(service: BookService, after: int) -> int | None:
            return await service.republish_deleted_books(after, BATCH, since)

        async def some_links(service: BookService, after: tuple[int, int]) -> tuple[int, int] | None:
            return await service.republish_links(after, BATCH, since)

        await self._all(some_books, 0, progress, waiting)
        await self._all(some_deleted, 0, progress, waiting)
        await self._all(some_links, (0, 0), progress, waiting)

    async def _all(
        self,
        some: Callable[[BookService, Place], Awaitable[Place | None]],
        begin: Place,
        progress: Callable[[int], None],
        waiting: Callable[[], None],
    ) -> None:
        place: Place | None = begin
        while place is not None:
            await self._room(waiting)
            place = await self._batch(some, place)
            progress(BATCH)

    async def _batch(
        self, some: Callable[[BookService, Place], Awaitable[Place | None]], place: Place
    ) -> Place | None:
        """Tried again if another transaction was in the way: telling a batch twice does no harm."""
        attempt = 1
        while True:
            try:
                async with self._services() as service:
                    return await some(service, place)
            except Unavailable:
                if attempt == _ATTEMPTS:
                    raise
            await asyncio.sleep(attempt * _ASK_AGAIN_S)
            attempt += 1

    async def _room(self, waiting: Callable[[], None]) -> None:
        told = False
        while True:
            (rows,) = await self._database.fetch(_WAITING, {})
            if rows <= MAX_WAITING:
                return
            if not told:
                waiting()
                told = True
            await asyncio.sleep(_ASK_AGAIN_S)
