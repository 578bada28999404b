"""The unit of work over one PostgreSQL transaction."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from sqlalchemy.ext.asyncio import AsyncEngine

from accord.bus.adapters.availability import (
    is_away,
    outcome_unknown_when_away,
    unavailable_when_away,
)
from authors_service.contracts.interfaces import IUnitOfWork
from authors_service.infrastructure.database.cache import PostgreSQLBooksCache
from authors_service.infrastructure.database.links import PostgreSQLLinkRepository
from authors_service.infrastructure.database.repository import PostgreSQLAuthorRepository

__all__ = ["PostgreSQLUnitOfWork"]


class PostgreSQLUnitOfWork(IUnitOfWork):
    """Holds a connection of the pool while entered; the outbox writes through ``connection`` too."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.connection = engine.connect()
        self.authors = PostgreSQLAuthorRepository(self.connection)
        self.books = PostgreSQLBooksCache(self.connection)
        self.links = PostgreSQLLinkRepository(self.connection)

    async def __aenter__(self) -> Self:
        with unavailable_when_away():
            await self.connection.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with unavailable_when_away():
            await self.connection.__aexit__(kind, error, traceback)
            if error is not None and is_away(error):
                raise error

    async def commit(self) -> None:
        with outcome_unknown_when_away():
            await self.connection.commit()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Self]:
        with unavailable_when_away():
            async with self.connection as connection:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                yield self
