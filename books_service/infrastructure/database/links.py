"""The links of books to authors, in PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Final

from sqlalchemy import BigInteger, any_, bindparam, delete, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from books_service.contracts.interfaces import ILinkRepository
from books_service.domain.entities import Author, Link
from books_service.infrastructure.database.tables import authors_cache, book_authors

__all__ = ["PostgreSQLLinkRepository"]

_FIND: Final = select(*book_authors.c).where(
    book_authors.c.book_id == bindparam("book_id"),
    book_authors.c.author_id == any_(bindparam("author_ids", type_=ARRAY(BigInteger))),
)
_INSERT: Final = insert(book_authors)
_PUT: Final = _INSERT.on_conflict_do_update(
    index_elements=[book_authors.c.book_id, book_authors.c.author_id],
    set_={column.name: column for column in _INSERT.excluded if not column.primary_key},
)
_REMOVE_AUTHOR: Final = delete(book_authors).where(book_authors.c.author_id == bindparam("author_id"))
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

    async def put(self, links: Collection[Link]) -> None:
        if links:
            await self._connection.execute(_PUT, [asdict(link) for link in links])

    async def remove_author(self, author_id: int) -> None:
        await self._connection.execute(_REMOVE_AUTHOR, {"author_id": author_id})

    async def authors_of(self, book_id: int, after: int, limit: int) -> Sequence[Author]:
        rows = await self._connection.execute(
            _AUTHORS_OF, {"book_id": book_id, "after": after, "limit": limit}
        )
        return [Author(**row._mapping) for row in rows]
