"""What this service has heard of books, in PostgreSQL."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, any_, bindparam, column, delete, func, null, select, text
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

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
_SHARE: Final = text(
    "SELECT pg_advisory_xact_lock_shared(1, lock) FROM unnest(CAST(:locks AS integer[])) AS lock"
)
_EXCLUDE: Final = text("SELECT pg_advisory_xact_lock(1, lock) FROM unnest(CAST(:locks AS integer[])) AS lock")

_TOLD: Final = tuple(column for column in books_cache.c if column.name != "deleted_at")
_GIVEN: Final = (
    func.unnest(*(bindparam(each.name, type_=ARRAY(each.type)) for each in _TOLD))
    .table_valued(*(column(each.name, each.type) for each in _TOLD))
    .render_derived("given")
)


def _upsert(deleted_at: ColumnElement[Any]) -> ReturningInsert[int]:
    """Many rows at once, of which those stay away that are no later than what is there."""
    names = [*(each.name for each in _TOLD), "deleted_at"]
    new = insert(books_cache).from_select(names, select(*_GIVEN.c, deleted_at))
    return new.on_conflict_do_update(
        index_elements=[books_cache.c.book_id],
        set_={column.name: column for column in new.excluded if not column.primary_key},
        where=books_cache.c.version < new.excluded.version,
    ).returning(books_cache.c.book_id)


_STORE: Final = _upsert(null())
# The time here: should old events be read again, the tombstone is as good as new while they are.
_BURY: Final = _upsert(func.now())
_FIND: Final = select(books_cache.c.book_id, books_cache.c.deleted_at.is_(None).label("alive")).where(
    books_cache.c.book_id == any_(bindparam("book_ids", type_=ARRAY(BigInteger)))
)

_EXPIRED: Final = (
    select(books_cache.c.book_id)
    .where(books_cache.c.deleted_at < func.now() - bindparam("retention", type_=INTERVAL))
    .order_by(books_cache.c.deleted_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_PURGE: Final = (
    delete(books_cache).where(books_cache.c.book_id.in_(_EXPIRED)).returning(books_cache.c.book_id)
)


class PostgreSQLBooksCache(IBooksCache):
    """Runs in the transaction of ``connection``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def store(self, books: Collection[Book]) -> None:
        await self._connection.execute(_STORE, _columns(books))

    async def bury(self, books: Collection[Book]) -> Collection[int]:
        await self._connection.execute(_EXCLUDE, {"locks": _locks(book.book_id for book in books)})
        rows = await self._connection.execute(_BURY, _columns(books))
        return [row.book_id for row in rows]

    async def hold(self, book_ids: Collection[int]) -> Mapping[int, bool]:
        await self._connection.execute(_SHARE, {"locks": _locks(book_ids)})
        rows = await self._connection.execute(_FIND, {"book_ids": list(book_ids)})
        return {row.book_id: row.alive for row in rows}

    async def purge(self, retention: timedelta, limit: int) -> int:
        rows = await self._connection.execute(_PURGE, {"retention": retention, "limit": limit})
        return len(rows.all())


def _locks(book_ids: Iterable[int]) -> list[int]:
    return sorted({book_id & 0x7FFFFFFF for book_id in book_ids})


def _columns(books: Collection[Book]) -> dict[str, list[Any]]:
    return {each.name: [getattr(book, each.name) for book in books] for each in _TOLD}
