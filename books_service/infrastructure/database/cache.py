"""What this service has heard of authors, in PostgreSQL."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, any_, bindparam, column, delete, func, null, select, text
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

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
_EXCLUDE: Final = text("SELECT pg_advisory_xact_lock(1, lock) FROM unnest(CAST(:locks AS integer[])) AS lock")

_TOLD: Final = tuple(column for column in authors_cache.c if column.name != "deleted_at")
_GIVEN: Final = (
    func.unnest(*(bindparam(each.name, type_=ARRAY(each.type)) for each in _TOLD))
    .table_valued(*(column(each.name, each.type) for each in _TOLD))
    .render_derived("given")
)


def _upsert(deleted_at: ColumnElement[Any]) -> ReturningInsert[int]:
    """Many rows at once, of which those stay away that are no later than what is there."""
    names = [*(each.name for each in _TOLD), "deleted_at"]
    new = insert(authors_cache).from_select(names, select(*_GIVEN.c, deleted_at))
    return new.on_conflict_do_update(
        index_elements=[authors_cache.c.author_id],
        set_={column.name: column for column in new.excluded if not column.primary_key},
        where=authors_cache.c.version < new.excluded.version,
    ).returning(authors_cache.c.author_id)


_STORE: Final = _upsert(null())
# The time here: should old events be read again, the tombstone is as good as new while they are.
_BURY: Final = _upsert(func.now())
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

    async def store(self, authors: Collection[Author]) -> None:
        await self._connection.execute(_STORE, _columns(authors))

    async def bury(self, authors: Collection[Author]) -> Collection[int]:
        await self._connection.execute(_EXCLUDE, {"locks": _locks(author.author_id for author in authors)})
        rows = await self._connection.execute(_BURY, _columns(authors))
        return [row.author_id for row in rows]

    async def hold(self, author_ids: Collection[int]) -> Mapping[int, bool]:
        await self._connection.execute(_SHARE, {"locks": _locks(author_ids)})
        rows = await self._connection.execute(_FIND, {"author_ids": list(author_ids)})
        return {row.author_id: row.alive for row in rows}

    async def purge(self, retention: timedelta, limit: int) -> int:
        rows = await self._connection.execute(_PURGE, {"retention": retention, "limit": limit})
        return len(rows.all())


def _locks(author_ids: Iterable[int]) -> list[int]:
    return sorted({author_id & 0x7FFFFFFF for author_id in author_ids})


def _columns(authors: Collection[Author]) -> dict[str, list[Any]]:
    return {each.name: [getattr(author, each.name) for author in authors] for each in _TOLD}
