"""The authors in PostgreSQL."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, any_, bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from authors_service.contracts.interfaces import IAuthorRepository
from authors_service.domain.entities import Author, AuthorDetails
from authors_service.infrastructure.database.tables import authors, deleted_authors

__all__ = ["PostgreSQLAuthorRepository"]

# Built once: composing a statement costs more than looking up its compiled form.
_ADD: Final = insert(authors).returning(*authors.c)
_GET: Final = select(*authors.c).where(authors.c.author_id == bindparam("author_id"))
_LOCK: Final = _GET.with_for_update()
_LOCK_ALL: Final = (
    select(authors.c.author_id)
    .where(authors.c.author_id == any_(bindparam("author_ids", type_=ARRAY(BigInteger))))
    .order_by(authors.c.author_id)
    .with_for_update()
)
_PAGE: Final = (
    select(*authors.c)
    .where(authors.c.author_id > bindparam("after"))
    .order_by(authors.c.author_id)
    .limit(bindparam("limit"))
)
_SHARE: Final = _PAGE.with_for_update(read=True)
_REPLACE: Final = update(authors).where(authors.c.author_id == bindparam("key"))
_REMOVE: Final = delete(authors).where(authors.c.author_id == bindparam("author_id"))
_KEEP: Final = insert(deleted_authors)
_REMOVED: Final = (
    select(*deleted_authors.c)
    .where(deleted_authors.c.author_id > bindparam("after"))
    .order_by(deleted_authors.c.author_id)
    .limit(bindparam("limit"))
)
_EXPIRED: Final = (
    select(deleted_authors.c.author_id)
    .where(deleted_authors.c.updated_at < bindparam("before"))
    .order_by(deleted_authors.c.updated_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_PURGE: Final = (
    delete(deleted_authors)
    .where(deleted_authors.c.author_id.in_(_EXPIRED))
    .returning(deleted_authors.c.author_id)
)


class PostgreSQLAuthorRepository(IAuthorRepository):
    """Runs in the transaction of ``connection``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, details: AuthorDetails, at: datetime) -> Author:
        values = {**asdict(details), "version": 1, "created_at": at, "updated_at": at}
        row = (await self._connection.execute(_ADD, values)).one()
        return Author(**row._mapping)

    async def get(self, author_id: int) -> Author | None:
        row = (await self._connection.execute(_GET, {"author_id": author_id})).one_or_none()
        return None if row is None else Author(**row._mapping)

    async def lock(self, author_id: int) -> Author | None:
        row = (await self._connection.execute(_LOCK, {"author_id": author_id})).one_or_none()
        return None if row is None else Author(**row._mapping)

    async def lock_all(self, author_ids: Collection[int]) -> Collection[int]:
        rows = await self._connection.execute(_LOCK_ALL, {"author_ids": list(author_ids)})
        return {row.author_id for row in rows}

    async def page(self, after: int, limit: int) -> Sequence[Author]:
        rows = await self._connection.execute(_PAGE, {"after": after, "limit": limit})
        return [Author(**row._mapping) for row in rows]

    async def share(self, after: int, limit: int) -> Sequence[Author]:
        rows = await self._connection.execute(_SHARE, {"after": after, "limit": limit})
        return [Author(**row._mapping) for row in rows]

    async def replace(self, author: Author) -> None:
        values = asdict(author)
        await self._connection.execute(_REPLACE, {"key": values.pop("author_id"), **values})

    async def remove(self, last: Author) -> None:
        await self._connection.execute(_REMOVE, {"author_id": last.author_id})
        await self._connection.execute(_KEEP, asdict(last))

    async def removed(self, after: int, limit: int) -> Sequence[Author]:
        rows = await self._connection.execute(_REMOVED, {"after": after, "limit": limit})
        return [Author(**row._mapping) for row in rows]

    async def purge(self, before: datetime, limit: int) -> int:
        rows = await self._connection.execute(_PURGE, {"before": before, "limit": limit})
        return len(rows.all())
