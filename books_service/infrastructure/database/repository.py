"""The books in PostgreSQL."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, any_, bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from books_service.contracts.interfaces import IBookRepository
from books_service.domain.entities import Book, BookDetails
from books_service.domain.errors import DuplicateIsbn
from books_service.infrastructure.database.tables import books, deleted_books

__all__ = ["PostgreSQLBookRepository"]

# Built once: composing a statement costs more than looking up its compiled form.
_ADD: Final = insert(books).returning(*books.c)
_GET: Final = select(*books.c).where(books.c.book_id == bindparam("book_id"))
_LOCK: Final = _GET.with_for_update()
_LOCK_ALL: Final = (
    select(books.c.book_id)
    .where(books.c.book_id == any_(bindparam("book_ids", type_=ARRAY(BigInteger))))
    .order_by(books.c.book_id)
    .with_for_update()
)
_PAGE: Final = (
    select(*books.c)
    .where(books.c.book_id > bindparam("after"))
    .order_by(books.c.book_id)
    .limit(bindparam("limit"))
)
_SHARE: Final = _PAGE.with_for_update(read=True)
_REPLACE: Final = update(books).where(books.c.book_id == bindparam("key"))
_REMOVE: Final = delete(books).where(books.c.book_id == bindparam("book_id"))
_KEEP: Final = insert(deleted_books)
_REMOVED: Final = (
    select(*deleted_books.c)
    .where(deleted_books.c.book_id > bindparam("after"))
    .order_by(deleted_books.c.book_id)
    .limit(bindparam("limit"))
)
_EXPIRED: Final = (
    select(deleted_books.c.book_id)
    .where(deleted_books.c.updated_at < bindparam("before"))
    .order_by(deleted_books.c.updated_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_PURGE: Final = (
    delete(deleted_books).where(deleted_books.c.book_id.in_(_EXPIRED)).returning(deleted_books.c.book_id)
)

_ISBN_CONSTRAINT: Final = "books_isbn_key"


class PostgreSQLBookRepository(IBookRepository):
    """Runs in the transaction of ``connection``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, details: BookDetails, at: datetime) -> Book:
        values = {**asdict(details), "version": 1, "created_at": at, "updated_at": at}
        with _refusing_duplicate(details.isbn):
            row = (await self._connection.execute(_ADD, values)).one()
        return Book(**row._mapping)

    async def get(self, book_id: int) -> Book | None:
        row = (await self._connection.execute(_GET, {"book_id": book_id})).one_or_none()
        return None if row is None else Book(**row._mapping)

    async def lock(self, book_id: int) -> Book | None:
        row = (await self._connection.execute(_LOCK, {"book_id": book_id})).one_or_none()
        return None if row is None else Book(**row._mapping)

    async def lock_all(self, book_ids: Collection[int]) -> Collection[int]:
        rows = await self._connection.execute(_LOCK_ALL, {"book_ids": list(book_ids)})
        return {row.book_id for row in rows}

    async def page(self, after: int, limit: int) -> Sequence[Book]:
        rows = await self._connection.execute(_PAGE, {"after": after, "limit": limit})
        return [Book(**row._mapping) for row in rows]

    async def share(self, after: int, limit: int) -> Sequence[Book]:
        rows = await self._connection.execute(_SHARE, {"after": after, "limit": limit})
        return [Book(**row._mapping) for row in rows]

    async def replace(self, book: Book) -> None:
        values = asdict(book)
        with _refusing_duplicate(book.isbn):
            await self._connection.execute(_REPLACE, {"key": values.pop("book_id"), **values})

    async def remove(self, last: Book) -> None:
        await self._connection.execute(_REMOVE, {"book_id": last.book_id})
        await self._connection.execute(_KEEP, asdict(last))

    async def removed(self, after: int, limit: int) -> Sequence[Book]:
        rows = await self._connection.execute(_REMOVED, {"after": after, "limit": limit})
        return [Book(**row._mapping) for row in rows]

    async def purge(self, before: datetime, limit: int) -> int:
        rows = await self._connection.execute(_PURGE, {"before": before, "limit": limit})
        return len(rows.all())


@contextmanager
def _refusing_duplicate(isbn: str | None) -> Iterator[None]:
    """The constraint alone can tell, since others may be writing the same ISBN at the same time."""
    try:
        yield
    except IntegrityError as error:
        driver_error = error.orig.__cause__ if error.orig else None
        if getattr(driver_error, "constraint_name", None) == _ISBN_CONSTRAINT:
            raise DuplicateIsbn(isbn) from error
        raise
