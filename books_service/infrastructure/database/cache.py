"""What this service has heard of authors, in PostgreSQL."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from books_service.contracts.interfaces import IAuthorsCache
from books_service.domain.entities import Author
from books_service.infrastructure.database.tables import authors_cache

__all__ = ["PostgreSQLAuthorsCache"]

# A link row has no foreign key into the cache, because a link may arrive before its author. So nothing would
# stop a link from being inserted while the author's tombstone, which removes all links, is being written:
# each transaction would miss the other's rows. An advisory lock per author takes the foreign key's place:
# shared for those who write links, exclusive for the tombstone. (On the book's side the lock on the book's
# row does the same.) Locks are taken in ascending order; authors that share one wait for each other now and
# then, and nothing else.
_SHARE: Final = text(
    "SELECT pg_advisory_xact_lock_shared(1, lock) FROM unnest(CAST(:locks AS integer[])) AS lock"
)
_EXCLUDE: Final = text("SELECT pg_advisory_xact_lock(1, CAST(:lock AS integer))")

_INSERT: Final = insert(authors_cache)
_STORE: Final = _INSERT.on_conflict_do_update(
    index_elements=[authors_cache.c.author_id],
    set_={column.name: column for column in _INSERT.excluded if not column.primary_key},
    where=authors_cache.c.version < _INSERT.excluded.version,
).returning(authors_cache.c.author_id)
_FIND: Final = select(authors_cache.c.author_id, authors_cache.c.deleted_at.is_(None).label("alive")).where(
    authors_cache.c.author_id == any_(bindparam("author_ids", type_=ARRAY(BigInteger)))
)


class PostgreSQLAuthorsCache(IAuthorsCache):
    """Runs in the transaction of ``connection``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def store(self, author: Author) -> None:
        await self._store(author, deleted_at=None)

    async def bury(self, author: Author) -> bool:
        await self._connection.execute(_EXCLUDE, {"lock": _lock(author.author_id)})
        return await self._store(author, deleted_at=author.updated_at)

    async def hold(self, author_ids: Collection[int]) -> Mapping[int, bool]:
        await self._connection.execute(
            _SHARE, {"locks": sorted({_lock(author_id) for author_id in author_ids})}
        )
        rows = await self._connection.execute(_FIND, {"author_ids": list(author_ids)})
        return {row.author_id: row.alive for row in rows}

    async def _store(self, author: Author, deleted_at: datetime | None) -> bool:
        rows = await self._connection.execute(_STORE, {**asdict(author), "deleted_at": deleted_at})
        return rows.first() is not None


def _lock(author_id: int) -> int:
    return author_id & 0x7FFFFFFF
