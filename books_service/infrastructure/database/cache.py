"""What this service has heard of authors, in PostgreSQL."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, any_, bindparam, delete, func, null, select, text
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL, Insert, insert

from accord.bus.adapters.sql_session import Session
from accord.bus.adapters.sql_statement import Statement, rows_given
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
_LOCKS: Final = "FROM unnest(CAST(:locks AS integer[])) AS lock"
_SHARE: Final = Statement(text(f"SELECT pg_advisory_xact_lock_shared(1, lock) {_LOCKS}"))
_EXCLUDE: Final = Statement(text(f"SELECT pg_advisory_xact_lock(1, lock) {_LOCKS}"))

_TOLD: Final = tuple(column.name for column in authors_cache.c if column.name != "deleted_at")


def _upsert(deleted_at: ColumnElement[Any]) -> Insert:
    """Many rows at once, of which those stay away that are no later than what is there."""
    rows = rows_given(authors_cache, *_TOLD).add_columns(deleted_at)
    new = insert(authors_cache).from_select([*_TOLD, "deleted_at"], rows)
    return new.on_conflict_do_update(
        index_elements=[authors_cache.c.author_id],
        set_={column.name: column for column in new.excluded if not column.primary_key},
        where=authors_cache.c.version < new.excluded.version,
    )


_STORE: Final = Statement(_upsert(null()))
# The time here: should old events be read again, the tombstone is as good as new while they are.
_BURY: Final = Statement(_upsert(func.now()).returning(authors_cache.c.author_id), int)
# After `_SHARE` and not in one statement with it, which would not see what it had to wait for.
_FIND: Final = Statement(
    select(authors_cache.c.author_id, authors_cache.c.deleted_at.is_(None)).where(
        authors_cache.c.author_id == any_(bindparam("author_ids", type_=ARRAY(BigInteger)))
    )
)

_EXPIRED: Final = (
    select(authors_cache.c.author_id)
    .where(authors_cache.c.deleted_at < func.now() - bindparam("retention", type_=INTERVAL))
    .order_by(authors_cache.c.deleted_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_PURGE: Final = Statement(
    delete(authors_cache).where(authors_cache.c.author_id.in_(_EXPIRED)).returning(authors_cache.c.author_id)
)


class PostgreSQLAuthorsCache(IAuthorsCache):
    """Reads and writes in ``session``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def store(self, authors: Collection[Author]) -> None:
        await self._session.write(_STORE, _columns(authors))

    async def bury(self, authors: Collection[Author]) -> Collection[int]:
        await self._session.fetch(_EXCLUDE, locks=_locks(author.author_id for author in authors))
        return await self._session.fetch(_BURY, **_columns(authors))

    async def hold(self, author_ids: Collection[int]) -> Mapping[int, bool]:
        await self._session.fetch(_SHARE, locks=_locks(author_ids))
        return dict(await self._session.fetch(_FIND, author_ids=list(author_ids)))

    async def purge(self, retention: timedelta, limit: int) -> int:
        return len(await self._session.fetch(_PURGE, retention=retention, limit=limit))


def _locks(author_ids: Iterable[int]) -> list[int]:
    return sorted({author_id & 0x7FFFFFFF for author_id in author_ids})


def _columns(authors: Collection[Author]) -> dict[str, list[Any]]:
    return {name: [getattr(author, name) for author in authors] for name in _TOLD}
