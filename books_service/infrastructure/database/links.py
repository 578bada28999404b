"""The links of books to authors, in PostgreSQL."""

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

from books_service.contracts.interfaces import ILinkRepository
from books_service.domain.entities import ORIGIN, Author, Link, LinkKey
from books_service.infrastructure.database.tables import authors_cache, book_authors, link_floor

__all__ = ["PostgreSQLLinkRepository"]


def _given(*columns: Column[Any]) -> TableValuedAlias:
    """Rows that are parameters, a list for each column."""
    lists = (bindparam(each.name, type_=ARRAY(each.type)) for each in columns)
    rows = func.unnest(*lists).table_valued(*(column(each.name, each.type) for each in columns))
    return rows.render_derived("given")


_FIND: Final = select(*book_authors.c).where(
    book_authors.c.book_id == bindparam("book_id"),
    book_authors.c.author_id == any_(bindparam("author_ids", type_=ARRAY(BigInteger))),
)
_KEY: Final = tuple_(book_authors.c.book_id, book_authors.c.author_id)
_FIND_ALL: Final = select(*book_authors.c).where(
    _KEY.in_(select(*_given(book_authors.c.book_id, book_authors.c.author_id).c))
)
_INSERT: Final = insert(book_authors).from_select(book_authors.c.keys(), select(*_given(*book_authors.c).c))
_PUT: Final = _INSERT.on_conflict_do_update(
    index_elements=[book_authors.c.book_id, book_authors.c.author_id],
    set_={column.name: column for column in _INSERT.excluded if not column.primary_key},
)
# In the order in which links are changed elsewhere, so that nobody waits for each other.
_REMOVE_BOOKS: Final = delete(book_authors).where(
    _KEY.in_(
        select(book_authors.c.book_id, book_authors.c.author_id)
        .where(book_authors.c.author_id == any_(bindparam("author_ids", type_=ARRAY(BigInteger))))
        .order_by(book_authors.c.book_id, book_authors.c.author_id)
        .with_for_update()
    )
)
_SHARE: Final = (
    select(*book_authors.c)
    .where(tuple_(bindparam("book_id"), bindparam("author_id")) < _KEY)
    .order_by(book_authors.c.book_id, book_authors.c.author_id)
    .limit(bindparam("limit"))
    .with_for_update(read=True)
)
_EXPIRED: Final = (
    select(*book_authors.c)
    .where(
        ~book_authors.c.linked,
        or_(
            and_(book_authors.c.origin != ORIGIN, book_authors.c.changed_at < bindparam("theirs")),
            and_(book_authors.c.origin == ORIGIN, book_authors.c.changed_at < bindparam("ours")),
        ),
    )
    .order_by(book_authors.c.changed_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_PURGE: Final = delete(book_authors).where(
    book_authors.c.book_id == bindparam("book_key"), book_authors.c.author_id == bindparam("author_key")
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
_AUTHORS_OF: Final = (
    select(*(column for column in authors_cache.c if column.name != "deleted_at"))
    .join(book_authors, book_authors.c.author_id == authors_cache.c.author_id)
    .where(
        book_authors.c.book_id == bindparam("book_id"),
        book_authors.c.author_id > bindparam("after"),
        book_authors.c.linked,
        authors_cache.c.deleted_at.is_(None),
    )
    .order_by(book_authors.c.author_id)
    .limit(bindparam("limit"))
)


class PostgreSQLLinkRepository(ILinkRepository):
    """Runs in the transaction of ``connection``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, book_id: int, author_ids: Collection[int]) -> Mapping[int, Link]:
        rows = await self._connection.execute(_FIND, {"book_id": book_id, "author_ids": list(author_ids)})
        return {row.author_id: Link(**row._mapping) for row in rows}

    async def find_all(self, keys: Collection[LinkKey]) -> Mapping[LinkKey, Link]:
        book_ids, author_ids = zip(*keys, strict=True)
        rows = await self._connection.execute(_FIND_ALL, {"book_id": book_ids, "author_id": author_ids})
        links = (Link(**row._mapping) for row in rows)
        return {link.key: link for link in links}

    async def put(self, links: Collection[Link]) -> None:
        if links:
            names = book_authors.c.keys()
            columns = {name: [getattr(link, name) for link in links] for name in names}
            await self._connection.execute(_PUT, columns)

    async def remove_authors(self, author_ids: Collection[int]) -> None:
        if author_ids:
            await self._connection.execute(_REMOVE_BOOKS, {"author_ids": list(author_ids)})

    async def share(self, after: tuple[int, int], limit: int) -> Sequence[Link]:
        values = {"book_id": after[0], "author_id": after[1], "limit": limit}
        rows = await self._connection.execute(_SHARE, values)
        return [Link(**row._mapping) for row in rows]

    async def expired(self, theirs: datetime, ours: datetime, limit: int) -> Sequence[Link]:
        values = {"theirs": theirs, "ours": ours, "limit": limit}
        rows = await self._connection.execute(_EXPIRED, values)
        return [Link(**row._mapping) for row in rows]

    async def purge(self, tombstones: Collection[Link]) -> None:
        if tombstones:
            keys = [{"book_key": link.book_id, "author_key": link.author_id} for link in tombstones]
            await self._connection.execute(_PURGE, keys)
            await self._connection.execute(
                _RAISE_FLOOR, {"version": max(link.version for link in tombstones)}
            )

    async def floor(self) -> int:
        version: int = (await self._connection.execute(_FLOOR)).scalar_one()
        return version

    async def authors_of(self, book_id: int, after: int, limit: int) -> Sequence[Author]:
        rows = await self._connection.execute(
            _AUTHORS_OF, {"book_id": book_id, "after": after, "limit": limit}
        )
        return [Author(**row._mapping) for row in rows]
