"""The links of authors to books, in PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, and_, any_, bindparam, delete, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from authors_service.contracts.interfaces import ILinkRepository
from authors_service.domain.entities import ORIGIN, Book, Link
from authors_service.infrastructure.database.tables import author_books, books_cache, link_floor

__all__ = ["PostgreSQLLinkRepository"]

_FIND: Final = select(*author_books.c).where(
    author_books.c.author_id == bindparam("author_id"),
    author_books.c.book_id == any_(bindparam("book_ids", type_=ARRAY(BigInteger))),
)
_INSERT: Final = insert(author_books)
_PUT: Final = _INSERT.on_conflict_do_update(
    index_elements=[author_books.c.author_id, author_books.c.book_id],
    set_={column.name: column for column in _INSERT.excluded if not column.primary_key},
)
_REMOVE_BOOK: Final = delete(author_books).where(author_books.c.book_id == bindparam("book_id"))
_KEY: Final = tuple_(author_books.c.author_id, author_books.c.book_id)
_SHARE: Final = (
    select(*author_books.c)
    .where(tuple_(bindparam("author_id"), bindparam("book_id")) < _KEY)
    .order_by(author_books.c.author_id, author_books.c.book_id)
    .limit(bindparam("limit"))
    .with_for_update(read=True)
)
_EXPIRED: Final = (
    select(*author_books.c)
    .where(
        ~author_books.c.linked,
        or_(
            and_(author_books.c.origin != ORIGIN, author_books.c.changed_at < bindparam("theirs")),
            and_(author_books.c.origin == ORIGIN, author_books.c.changed_at < bindparam("ours")),
        ),
    )
    .order_by(author_books.c.changed_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_PURGE: Final = delete(author_books).where(
    author_books.c.author_id == bindparam("author_key"), author_books.c.book_id == bindparam("book_key")
)
_RAISE_FLOOR: Final = (
    insert(link_floor)
    .values(single=True)
    .on_conflict_do_update(
        index_elements=[link_floor.c.single],
        set_={"version": func.greatest(link_floor.c.version, insert(link_floor).excluded.version)},
    )
)
_FLOOR: Final = select(func.coalesce(func.max(link_floor.c.version), 0))
_BOOKS_OF: Final = (
    select(*(column for column in books_cache.c if column.name != "deleted_at"))
    .join(author_books, author_books.c.book_id == books_cache.c.book_id)
    .where(
        author_books.c.author_id == bindparam("author_id"),
        author_books.c.book_id > bindparam("after"),
        author_books.c.linked,
        books_cache.c.deleted_at.is_(None),
    )
    .order_by(author_books.c.book_id)
    .limit(bindparam("limit"))
)


class PostgreSQLLinkRepository(ILinkRepository):
    """Runs in the transaction of ``connection``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, author_id: int, book_ids: Collection[int]) -> Mapping[int, Link]:
        rows = await self._connection.execute(_FIND, {"author_id": author_id, "book_ids": list(book_ids)})
        return {row.book_id: Link(**row._mapping) for row in rows}

    async def put(self, links: Collection[Link]) -> None:
        if links:
            await self._connection.execute(_PUT, [asdict(link) for link in links])

    async def remove_book(self, book_id: int) -> None:
        await self._connection.execute(_REMOVE_BOOK, {"book_id": book_id})

    async def share(self, after: tuple[int, int], limit: int) -> Sequence[Link]:
        values = {"author_id": after[0], "book_id": after[1], "limit": limit}
        rows = await self._connection.execute(_SHARE, values)
        return [Link(**row._mapping) for row in rows]

    async def expired(self, theirs: datetime, ours: datetime, limit: int) -> Sequence[Link]:
        values = {"theirs": theirs, "ours": ours, "limit": limit}
        rows = await self._connection.execute(_EXPIRED, values)
        return [Link(**row._mapping) for row in rows]

    async def purge(self, tombstones: Collection[Link]) -> None:
        if tombstones:
            keys = [{"author_key": link.author_id, "book_key": link.book_id} for link in tombstones]
            await self._connection.execute(_PURGE, keys)
            await self._connection.execute(
                _RAISE_FLOOR, {"version": max(link.version for link in tombstones)}
            )

    async def floor(self) -> int:
        version: int = (await self._connection.execute(_FLOOR)).scalar_one()
        return version

    async def books_of(self, author_id: int, after: int, limit: int) -> Sequence[Book]:
        rows = await self._connection.execute(
            _BOOKS_OF, {"author_id": author_id, "after": after, "limit": limit}
        )
        return [Book(**row._mapping) for row in rows]
