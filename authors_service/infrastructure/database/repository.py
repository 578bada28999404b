"""The authors in PostgreSQL."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from accord.bus.adapters.sql_session import Session
from accord.bus.adapters.sql_statement import Statement, assigned, names, values
from authors_service.contracts.interfaces import IAuthorRepository
from authors_service.domain.entities import Author, AuthorDetails, members

__all__ = ["PostgreSQLAuthorRepository"]

_NEW_IDS: Final = Statement(
    "SELECT nextval(pg_get_serial_sequence('authors', 'author_id')) FROM generate_series(1, :count)", int
)
_ADD: Final = Statement(f"INSERT INTO authors ({names(Author)}) VALUES ({values(Author)})")
_BY_ID: Final = f"SELECT {names(Author)} FROM authors WHERE author_id = :author_id"
_GET: Final = Statement(_BY_ID, Author)
_LOCK: Final = Statement(f"{_BY_ID} FOR UPDATE", Author)
_LOCK_ALL: Final = Statement(
    "SELECT author_id FROM authors WHERE author_id = ANY (:author_ids) ORDER BY author_id FOR UPDATE", int
)
_IN_ORDER: Final = (
    f"SELECT {names(Author)} FROM authors WHERE author_id > :after ORDER BY author_id LIMIT :limit"
)
_PAGE: Final = Statement(_IN_ORDER, Author)
_SHARE: Final = Statement(f"{_IN_ORDER} FOR SHARE", Author)
_REPLACE: Final = Statement(
    f"UPDATE authors SET {assigned(Author, but='author_id')} WHERE author_id = :author_id"
)
_REMOVE: Final = Statement("DELETE FROM authors WHERE author_id = :author_id")
_KEEP: Final = Statement(f"INSERT INTO deleted_authors ({names(Author)}) VALUES ({values(Author)})")
_REMOVED: Final = Statement(
    f"SELECT {names(Author)} FROM deleted_authors WHERE author_id > :after ORDER BY author_id LIMIT :limit",
    Author,
)
_PURGE: Final = Statement(
    """
    DELETE FROM deleted_authors WHERE author_id IN (
        SELECT author_id FROM deleted_authors WHERE updated_at < :before
        ORDER BY updated_at LIMIT :limit FOR UPDATE SKIP LOCKED
    ) RETURNING author_id
    """
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
