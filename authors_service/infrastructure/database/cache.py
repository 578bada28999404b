"""What this service has heard of books, in PostgreSQL."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, any_, bindparam, delete, func, null, select, text
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL, Insert, insert

from accord.bus.adapters.sql_session import Session
from accord.bus.adapters.sql_statement import Statement, rows_given
from authors_service.contracts.interfaces import IBooksCache
from authors_service.domain.entities import Book
from authors_service.infrastructure.database.tables import books_cache

__all__ = ["PostgreSQLBooksCache"]

# A link row has no foreign key into the cache, because a link may arrive before its book. So nothing would
# stop a link from being inserted while the book's tombstone, which removes all links, is being written: each
# transaction would miss the other's rows. An advisory lock per book takes the foreign key's place: shared for
# those who write links, exclusive for the tombstone. (On the author's side the lock on the author's row does
# the same.) Locks are taken in ascending order; books that share one wait for each other now and then, and
# nothing else.
_LOCKS: Final = "FROM unnest(CAST(:locks AS integer[])) AS lock"
_SHARE: Final = Statement(text(f"SELECT pg_advisory_xact_lock_shared(1, lock) {_LOCKS}"))
_EXCLUDE: Final = Statement(text(f"SELECT pg_advisory_xact_lock(1, lock) {_LOCKS}"))

_TOLD: Final = tuple(column.name for column in books_cache.c if column.name != "deleted_at")


def _upsert(deleted_at: ColumnElement[Any]) -> Insert:
    """Many rows at once, of which those stay away that are no later than what is there."""
    rows = rows_given(books_cache, *_TOLD).add_columns(deleted_at)
    new = insert(books_cache).from_select([*_TOLD, "deleted_at"], rows)
    return new.on_conflict_do_update(
        index_elements=[books_cache.c.book_id],
        set_={column.name: column for column in new.excluded if not column.primary_key},
        where=books_cache.c.version < new.excluded.version,
    )


_STORE: Final = Statement(_upsert(null()))
# The time here: should old events be read again, the tombstone is as good as new while they are.
_BURY: Final = Statement(_upsert(func.now()).returning(books_cache.c.book_id), int)
# After `_SHARE` and not in one statement with it, which would not see what it had to wait for.
_FIND: Final = Statement(
    select(books_cache.c.book_id, books_cache.c.deleted_at.is_(None)).where(
        books_cache.c.book_id == any_(bindparam("book_ids", type_=ARRAY(BigInteger)))
    )
)

_EXPIRED: Final = (
    select(books_cache.c.book_id)
    .where(books_cache.c.deleted_at < func.now() - bindparam("retention", type_=INTERVAL))
    .order_by(books_cache.c.deleted_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_PURGE: Final = Statement(
    delete(books_cache).where(books_cache.c.book_id.in_(_EXPIRED)).returning(books_cache.c.book_id)
)


class PostgreSQLBooksCache(IBooksCache):
    """Reads and writes in ``session``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def store(self, books: Collection[Book]) -> None:
        await self._session.write(_STORE, _columns(books))

    async def bury(self, books: Collection[Book]) -> Collection[int]:
        await self._session.fetch(_EXCLUDE, locks=_locks(book.book_id for book in books))
        return await self._session.fetch(_BURY, **_columns(books))

    async def hold(self, book_ids: Collection[int]) -> Mapping[int, bool]:
        await self._session.fetch(_SHARE, locks=_locks(book_ids))
        return dict(await self._session.fetch(_FIND, book_ids=list(book_ids)))

    async def purge(self, retention: timedelta, limit: int) -> int:
        return len(await self._session.fetch(_PURGE, retention=retention, limit=limit))


def _locks(book_ids: Iterable[int]) -> list[int]:
    return sorted({book_id & 0x7FFFFFFF for book_id in book_ids})


def _columns(books: Collection[Book]) -> dict[str, list[Any]]:
    return {name: [getattr(book, name) for book in books] for name in _TOLD}
