"""The books in PostgreSQL."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from accord.bus.adapters.sql_session import Session
from accord.bus.adapters.sql_statement import Statement, assigned, names, values
from books_service.contracts.interfaces import IBookRepository
from books_service.domain.entities import Book, BookDetails, members
from books_service.domain.errors import DuplicateIsbn

__all__ = ["PostgreSQLBookRepository"]

_NEW_IDS: Final = Statement(
    "SELECT nextval(pg_get_serial_sequence('books', 'book_id')) FROM generate_series(1, :count)", int
)
_ADD: Final = Statement(f"INSERT INTO books ({names(Book)}) VALUES ({values(Book)})")
_BY_ID: Final = f"SELECT {names(Book)} FROM books WHERE book_id = :book_id"
_GET: Final = Statement(_BY_ID, Book)
_LOCK: Final = Statement(f"{_BY_ID} FOR UPDATE", Book)
_LOCK_ALL: Final = Statement(
    "SELECT book_id FROM books WHERE book_id = ANY (:book_ids) ORDER BY book_id FOR UPDATE", int
)
_IN_ORDER: Final = f"SELECT {names(Book)} FROM books WHERE book_id > :after ORDER BY book_id LIMIT :limit"
_PAGE: Final = Statement(_IN_ORDER, Book)
_SHARE: Final = Statement(f"{_IN_ORDER} FOR SHARE", Book)
_REPLACE: Final = Statement(f"UPDATE books SET {assigned(Book, but='book_id')} WHERE book_id = :book_id")
_REMOVE: Final = Statement("DELETE FROM books WHERE book_id = :book_id")
_KEEP: Final = Statement(f"INSERT INTO deleted_books ({names(Book)}) VALUES ({values(Book)})")
_REMOVED: Final = Statement(
    f"SELECT {names(Book)} FROM deleted_books WHERE book_id > :after ORDER BY book_id LIMIT :limit",
    Book,
)
_PURGE: Final = Statement(
    """
    DELETE FROM deleted_books WHERE book_id IN (
        SELECT book_id FROM deleted_books WHERE updated_at < :before
        ORDER BY updated_at LIMIT :limit FOR UPDATE SKIP LOCKED
    ) RETURNING book_id
    """
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
