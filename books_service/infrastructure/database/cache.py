"""What this service has heard of authors, in PostgreSQL."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Final

import orjson

from accord.bus.adapters.sql_session import Session
from accord.bus.adapters.sql_statement import Statement, names, objects_given, taken_over
from books_service.contracts.interfaces import IAuthorsCache
from books_service.domain.entities import Author

__all__ = ["PostgreSQLAuthorsCache", "locks"]

# A link row has no foreign key into the cache, because a link may arrive before its author. So nothing would
# stop a link from being inserted while the author's tombstone, which removes all links, is being written:
# each transaction would miss the other's rows. An advisory lock per author takes the foreign key's place:
# shared for those who write links, by `_SHARE` or in `confirm_links` (a function of the database), and
# exclusive for the tombstone. (On the book's side the lock on the book's row does the same.) Locks are taken
# in ascending order; authors that share one wait for each other now and then, and nothing else.
_LOCKS: Final = "FROM unnest(CAST(:locks AS integer[])) AS lock"
_SHARE: Final = Statement(f"SELECT pg_advisory_xact_lock_shared(1, lock) {_LOCKS}")
_EXCLUDE: Final = Statement(f"SELECT pg_advisory_xact_lock(1, lock) {_LOCKS}")

_TOLD: Final = tuple(field.name for field in fields(Author))


def _upsert(deleted_at: str) -> str:
    """Many rows at once, of which those stay away that are no later than what is there."""
    return f"""
        INSERT INTO authors_cache ({names(Author)}, deleted_at)
        SELECT {names(Author)}, {deleted_at} FROM ({objects_given(Author, "authors")}) AS told
        ON CONFLICT (author_id) DO UPDATE SET {taken_over(*_TOLD[1:], "deleted_at")}
        WHERE authors_cache.version < excluded.version
    """


_STORE: Final = Statement(_upsert(deleted_at="CAST(NULL AS timestamptz)"))
# The time here: should old events be read again, the tombstone is as good as new while they are.
_BURY: Final = Statement(f"{_upsert(deleted_at='now()')} RETURNING author_id", int)
# After `_SHARE` and not in one statement with it, which would not see what it had to wait for.
_FIND: Final = Statement(
    "SELECT author_id, deleted_at IS NULL FROM authors_cache WHERE author_id = ANY (:author_ids)"
)
_PURGE: Final = Statement(
    """
    DELETE FROM authors_cache WHERE author_id IN (
        SELECT author_id FROM authors_cache WHERE deleted_at < now() - CAST(:retention AS interval)
        ORDER BY deleted_at LIMIT :limit FOR UPDATE SKIP LOCKED
    ) RETURNING author_id
    """
)


class PostgreSQLAuthorsCache(IAuthorsCache):
    """Reads and writes in ``session``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def store(self, authors: Collection[Author]) -> None:
        await self._session.write(_STORE, {"authors": _json(authors)})

    async def bury(self, authors: Collection[Author]) -> Collection[int]:
        await self._session.fetch(_EXCLUDE, locks=locks(author.author_id for author in authors))
        return await self._session.fetch(_BURY, authors=_json(authors))

    async def hold(self, author_ids: Collection[int]) -> Mapping[int, bool]:
        await self._session.fetch(_SHARE, locks=locks(author_ids))
        return dict(await self._session.fetch(_FIND, author_ids=list(author_ids)))

    async def purge(self, retention: timedelta, limit: int) -> int:
        return len(await self._session.fetch(_PURGE, retention=retention, limit=limit))


def locks(author_ids: Iterable[int]) -> list[int]:
    """The numbers of the advisory locks of authors, in the order in which they are taken."""
    return sorted({author_id & 0x7FFFFFFF for author_id in author_ids})


def _json(authors: Collection[Author]) -> str:
    return orjson.dumps(list(authors)).decode()
