"""What this service has heard of authors, in PostgreSQL."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Final

from sqlalchemy import BigInteger, any_, bindparam, delete, func, null, select, text
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL, insert
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
_UPSERT: Final = _INSERT.on_conflict_do_update(
    index_elements=[authors_cache.c.author_id],
    set_={column.name: column for column in _INSERT.excluded if not column.primary_key},
    where=authors_cache.c.version < _INSERT.excluded.version,
).returning(authors_cache.c.author_id)
_STORE: Final = _UPSERT.values(deleted_at=null())
# The time here: should old events be read again, the tombstone is as good as new while they are.
_BURY: Final = _UPSERT.values(deleted_at=func.now())
_FIND: Final = select(authors_cache.c.author_id, authors_cache.c.deleted_at.is_(None).label("alive")).where(
    authors_cache.c.author_id == any_(bindparam("author_ids", type_=ARRAY(BigInteger)))
)

_EXPIRED: Final = (
    select(authors_cache.c.author_id)
    .where(authors_cache.c.deleted_at < func.now() - bindparam("retention", type_=INTERVAL))
    .order_by(authors_cache.c.deleted_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_PURGE: Final = (
    delete(authors_cache).where(authors_cache.c.author_id.in_(_EXPIRED)).returning(authors_cache.c.author_id)
)


class PostgreSQLAuthorsCache(IAuthorsCache):
    """Runs in the transaction of ``connection``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def store(self, author: Author) -> None:
        await self._connection.execute(_STORE, asdict(author))

    async def bury(self, author: Author) -> bool:
        await self._connection.execute(_EXCLUDE, {"lock": _lock(author.author_id)})
        rows = await self._connection.execute(_BURY, asdict(author))
        return rows.first() is not None

    async def hold(self, author_ids: Collection[int]) -> Mapping[int, bool]:
        await self._connection.execute(
            _SHARE, {"locks": sorted({_lock(author_id) for author_id in author_ids})}
        )
        rows = await self._connection.execute(_FIND, {"author_ids": list(author_ids)})
        return {row.author_id: row.alive for row in rows}

    async def purge(self, retention: timedelta, limit: int) -> int:
        rows = await self._connection.execute(_PURGE, {"retention": retention, "limit": limit})
        return len(rows.all())


def _lock(author_id: int) -> int:
    return author_id & 0x7FFFFFFF
