"""The books in PostgreSQL."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Integer, any_, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from accord.bus.adapters.sql_session import Session
from accord.bus.adapters.sql_statement import Statement, given
from books_service.contracts.interfaces import IBookRepository
from books_service.domain.entities import Book, BookDetails, members
from books_service.domain.errors import DuplicateIsbn
from books_service.infrastructure.database.tables import books, deleted_books

__all__ = ["PostgreSQLBookRepository"]

_NEW_IDS: Final = Statement(
    select(func.nextval(func.pg_get_serial_sequence(books.name, "book_id"))).select_from(
        func.generate_series(1, bindparam("count", type_=Integer))
    ),
    int,
)
_ADD: Final = Statement(insert(books).values(given(*books.c)))
_BY_ID: Final = select(*books.c).where(books.c.book_id == bindparam("book_id"))
_GET: Final = Statement(_BY_ID, Book)
_LOCK: Final = Statement(_BY_ID.with_for_update(), Book)
_LOCK_ALL: Final = Statement(
    select(books.c.book_id)
    .where(books.c.book_id == any_(bindparam("book_ids", type_=ARRAY(BigInteger))))
    .order_by(books.c.book_id)
    .with_for_update(),
    int,
)
_IN_ORDER: Final = (
    select(*books.c)
    .where(books.c.book_id > bindparam("after"))
    .order_by(books.c.book_id)
    .limit(bindparam("limit"))
)
_PAGE: Final = Statement(_IN_ORDER, Book)
_SHARE: Final = Statement(_IN_ORDER.with_for_update(read=True), Book)
_REPLACE: Final = Statement(
    update(books)
    .where(books.c.book_id == bindparam("book_id"))
    .values(given(*(column for column in books.c if not column.primary_key)))
)
_REMOVE: Final = Statement(delete(books).where(books.c.book_id == bindparam("book_id")))
_KEEP: Final = Statement(insert(deleted_books).values(given(*deleted_books.c)))
_REMOVED: Final = Statement(
    select(*deleted_books.c)
    .where(deleted_books.c.book_id > bindparam("after"))
    .order_by(deleted_books.c.book_id)
    .limit(bindparam("limit")),
    Book,
)
_EXPIRED: Final = (
    select(deleted_books.c.book_id)
    .where(deleted_books.c.updated_at < bindparam("before"))
    .order_by(deleted_books.c.updated_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_PURGE: Final = Statement(
    delete(deleted_books).where(deleted_books.c.book_id.in_(_EXPIRED)).returning(deleted_books.c.book_id)
)


class PostgreSQLBookRepository(IBookRepository):
    """Reads and writes in ``session``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, details: BookDetails, at: datetime) -> Book:
        book_id = await self._session.new_id(_NEW_IDS)
        book = Book(book_id, version=1, created_at=at, updated_at=at, **members(details))
        await self._session.write(_ADD, members(book), _refusals(book))
        return book

    async def get(self, book_id: int) -> Book | None:
        return await self._session.first(_GET, book_id=book_id)

    async def lock(self, book_id: int) -> Book | None:
        return await self._session.first(_LOCK, book_id=book_id)

    async def lock_all(self, book_ids: Collection[int]) -> Collection[int]:
        return set(await self._session.fetch(_LOCK_ALL, book_ids=list(book_ids)))

    async def page(self, after: int, limit: int) -> Sequence[Book]:
        return await self._session.fetch(_PAGE, after=after, limit=limit)

    async def share(self, after: int, limit: int) -> Sequence[Book]:
        return await self._session.fetch(_SHARE, after=after, limit=limit)

    async def replace(self, book: Book) -> None:
        await self._session.write(_REPLACE, members(book), _refusals(book))

    async def remove(self, last: Book) -> None:
        await self._session.write(_REMOVE, {"book_id": last.book_id})
        await self._session.write(_KEEP, members(last))

    async def removed(self, after: int, limit: int) -> Sequence[Book]:
        return await self._session.fetch(_REMOVED, after=after, limit=limit)

    async def purge(self, before: datetime, limit: int) -> int:
        return len(await self._session.fetch(_PURGE, before=before, limit=limit))


def _refusals(book: Book) -> dict[str, Exception]:
    """The constraint alone can tell, since others may be writing the same ISBN at the same time."""
    return {"books_isbn_key": DuplicateIsbn(book.isbn)}
