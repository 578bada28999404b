"""The links of authors to books, in PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    TableValuedAlias,
    and_,
    any_,
    bindparam,
    column,
    delete,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from authors_service.contracts.interfaces import ILinkRepository
from authors_service.domain.entities import ORIGIN, Book, Link, LinkKey
from authors_service.infrastructure.database.tables import author_books, books_cache, link_floor

__all__ = ["PostgreSQLLinkRepository"]


def _given(*columns: Column[Any]) -> TableValuedAlias:
    """Rows that are parameters, a list for each column."""
    lists = (bindparam(each.name, type_=ARRAY(each.type)) for each in columns)
    rows = func.unnest(*lists).table_valued(*(column(each.name, each.type) for each in columns))
    return rows.render_derived("given")


_FIND: Final = select(*author_books.c).where(
    author_books.c.author_id == bindparam("author_id"),
    author_books.c.book_id == any_(bindparam("book_ids", type_=ARRAY(BigInteger))),
)
_KEY: Final = tuple_(author_books.c.author_id, author_books.c.book_id)
_FIND_ALL: Final = select(*author_books.c).where(
    _KEY.in_(select(*_given(author_books.c.author_id, author_books.c.book_id).c))
)
_INSERT: Final = insert(author_books).from_select(author_books.c.keys(), select(*_given(*author_books.c).c))
_PUT: Final = _INSERT.on_conflict_do_update(
    index_elements=[author_books.c.author_id, author_books.c.book_id],
    set_={column.name: column for column in _INSERT.excluded if not column.primary_key},
)
# In the order in which links are changed elsewhere, so that nobody waits for each other.
_REMOVE_BOOKS: Final = delete(author_books).where(
    _KEY.in_(
        select(author_books.c.author_id, author_books.c.book_id)
        .where(author_books.c.book_id == any_(bindparam("book_ids", type_=ARRAY(BigInteger))))
        .order_by(author_books.c.author_id, author_books.c.book_id)
        .with_for_update()
    )
)
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

    async def find_all(self, keys: Collection[LinkKey]) -> Mapping[LinkKey, Link]:
        author_ids, book_ids = zip(*keys, strict=True)
        rows = await self._connection.execute(_FIND_ALL, {"author_id": author_ids, "book_id": book_ids})
        links = (Link(**row._mapping) for row in rows)
        return {link.key: link for link in links}

    async def put(self, links: Collection[Link]) -> None:
        if links:
            names = author_books.c.keys()
            columns = {name: [getattr(link, name) for link in links] for name in names}
            await self._connection.execute(_PUT, columns)

    async def remove_books(self, book_ids: Collection[int]) -> None:
        if book_ids:
            await self._connection.execute(_REMOVE_BOOKS, {"book_ids": list(book_ids)})

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
