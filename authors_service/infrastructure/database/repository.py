"""The authors in PostgreSQL."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Integer, any_, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from accord.bus.adapters.sql_session import Session
from accord.bus.adapters.sql_statement import Statement, given
from authors_service.contracts.interfaces import IAuthorRepository
from authors_service.domain.entities import Author, AuthorDetails, members
from authors_service.infrastructure.database.tables import authors, deleted_authors

__all__ = ["PostgreSQLAuthorRepository"]

_NEW_IDS: Final = Statement(
    select(func.nextval(func.pg_get_serial_sequence(authors.name, "author_id"))).select_from(
        func.generate_series(1, bindparam("count", type_=Integer))
    ),
    int,
)
_ADD: Final = Statement(insert(authors).values(given(*authors.c)))
_BY_ID: Final = select(*authors.c).where(authors.c.author_id == bindparam("author_id"))
_GET: Final = Statement(_BY_ID, Author)
_LOCK: Final = Statement(_BY_ID.with_for_update(), Author)
_LOCK_ALL: Final = Statement(
    select(authors.c.author_id)
    .where(authors.c.author_id == any_(bindparam("author_ids", type_=ARRAY(BigInteger))))
    .order_by(authors.c.author_id)
    .with_for_update(),
    int,
)
_IN_ORDER: Final = (
    select(*authors.c)
    .where(authors.c.author_id > bindparam("after"))
    .order_by(authors.c.author_id)
    .limit(bindparam("limit"))
)
_PAGE: Final = Statement(_IN_ORDER, Author)
_SHARE: Final = Statement(_IN_ORDER.with_for_update(read=True), Author)
_REPLACE: Final = Statement(
    update(authors)
    .where(authors.c.author_id == bindparam("author_id"))
    .values(given(*(column for column in authors.c if not column.primary_key)))
)
_REMOVE: Final = Statement(delete(authors).where(authors.c.author_id == bindparam("author_id")))
_KEEP: Final = Statement(insert(deleted_authors).values(given(*deleted_authors.c)))
_REMOVED: Final = Statement(
    select(*deleted_authors.c)
    .where(deleted_authors.c.author_id > bindparam("after"))
    .order_by(deleted_authors.c.author_id)
    .limit(bindparam("limit")),
    Author,
)
_EXPIRED: Final = (
    select(deleted_authors.c.author_id)
    .where(deleted_authors.c.updated_at < bindparam("before"))
    .order_by(deleted_authors.c.updated_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_PURGE: Final = Statement(
    delete(deleted_authors)
    .where(deleted_authors.c.author_id.in_(_EXPIRED))
    .returning(deleted_authors.c.author_id)
)


class PostgreSQLAuthorRepository(IAuthorRepository):
    """Reads and writes in ``session``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, details: AuthorDetails, at: datetime) -> Author:
        author_id = await self._session.new_id(_NEW_IDS)
        author = Author(author_id, version=1, created_at=at, updated_at=at, **members(details))
        await self._session.write(_ADD, members(author))
        return author

    async def get(self, author_id: int) -> Author | None:
        return await self._session.first(_GET, author_id=author_id)

    async def lock(self, author_id: int) -> Author | None:
        return await self._session.first(_LOCK, author_id=author_id)

    async def lock_all(self, author_ids: Collection[int]) -> Collection[int]:
        return set(await self._session.fetch(_LOCK_ALL, author_ids=list(author_ids)))

    async def page(self, after: int, limit: int) -> Sequence[Author]:
        return await self._session.fetch(_PAGE, after=after, limit=limit)

    async def share(self, after: int, limit: int) -> Sequence[Author]:
        return await self._session.fetch(_SHARE, after=after, limit=limit)

    async def replace(self, author: Author) -> None:
        await self._session.write(_REPLACE, members(author))

    async def remove(self, last: Author) -> None:
        await self._session.write(_REMOVE, {"author_id": last.author_id})
        await self._session.write(_KEEP, members(last))

    async def removed(self, after: int, limit: int) -> Sequence[Author]:
        return await self._session.fetch(_REMOVED, after=after, limit=limit)

    async def purge(self, before: datetime, limit: int) -> int:
        return len(await self._session.fetch(_PURGE, before=before, limit=limit))
