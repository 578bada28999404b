"""What this service has heard of books, in PostgreSQL."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Final

import orjson

from accord.bus.adapters.sql_session import Session
from accord.bus.adapters.sql_statement import Statement, names, objects_given, taken_over
from authors_service.contracts.interfaces import IBooksCache
from authors_service.domain.entities import Book

__all__ = ["PostgreSQLBooksCache", "locks"]

# A link row has no foreign key into the cache, because a link may arrive before its book. So nothing would
# stop a link from being inserted while the book's tombstone, which removes all links, is being written: each
# transaction would miss the other's rows. An advisory lock per book takes the foreign key's place: shared for
# those who write links, by `_SHARE` or in `confirm_links` (a function of the database), and exclusive for the
# tombstone. (On the author's side the lock on the author's row does the same.) Locks are taken in ascending
# order; books that share one wait for each other now and then, and nothing else.
_LOCKS: Final = "FROM unnest(CAST(:locks AS integer[])) AS lock"
_SHARE: Final = Statement(f"SELECT pg_advisory_xact_lock_shared(1, lock) {_LOCKS}")
_EXCLUDE: Final = Statement(f"SELECT pg_advisory_xact_lock(1, lock) {_LOCKS}")

_TOLD: Final = tuple(field.name for field in fields(Book))


def _upsert(deleted_at: str) -> str:
    """Many rows at once, of which those stay away that are no later than what is there."""
    return f"""
        INSERT INTO books_cache ({names(Book)}, deleted_at)
        SELECT {names(Book)}, {deleted_at} FROM ({objects_given(Book, "books")}) AS told
        ON CONFLICT (book_id) DO UPDATE SET {taken_over(*_TOLD[1:], "deleted_at")}
        WHERE books_cache.version < excluded.version
    """


_STORE: Final = Statement(_upsert(deleted_at="CAST(NULL AS timestamptz)"))
# The time here: should old events be read again, the tombstone is as good as new while they are.
_BURY: Final = Statement(f"{_upsert(deleted_at='now()')} RETURNING book_id", int)
# After `_SHARE` and not in one statement with it, which would not see what it had to wait for.
_FIND: Final = Statement(
    "SELECT book_id, deleted_at IS NULL FROM books_cache WHERE book_id = ANY (:book_ids)"
)
_PURGE: Final = Statement(
    """
    DELETE FROM books_cache WHERE book_id IN (
        SELECT book_id FROM books_cache WHERE deleted_at < now() - CAST(:retention AS interval)
        ORDER BY deleted_at LIMIT :limit FOR UPDATE SKIP LOCKED
    ) RETURNING book_id
    """
)


class PostgreSQLBooksCache(IBooksCache):
    """Reads and writes in ``session``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def store(self, books: Collection[Book]) -> None:
        await self._session.write(_STORE, {"books": _json(books)})

    async def bury(self, books: Collection[Book]) -> Collection[int]:
        await self._session.fetch(_EXCLUDE, locks=locks(book.book_id for book in books))
        return await self._session.fetch(_BURY, books=_json(books))

    async def hold(self, book_ids: Collection[int]) -> Mapping[int, bool]:
        await self._session.fetch(_SHARE, locks=locks(book_ids))
        return dict(await self._session.fetch(_FIND, book_ids=list(book_ids)))

    async def purge(self, retention: timedelta, limit: int) -> int:
        return len(await self._session.fetch(_PURGE, retention=retention, limit=limit))


def locks(book_ids: Iterable[int]) -> list[int]:
    """The numbers of the advisory locks of books, in the order in which they are taken."""
    return sorted({book_id & 0x7FFFFFFF for book_id in book_ids})


def _json(books: Collection[Book]) -> str:
    return orjson.dumps(list(books)).decode()
