"""What tests of a storage begin with."""

from collections.abc import Callable

from accord.bus.adapters.sql_database import Database
from accord.bus.adapters.sql_statement import Statement
from books_service.contracts.interfaces import Found, IUnitOfWork
from books_service.domain.entities import Book
from books_service.domain.services import BookService
from books_service.infrastructure.database.unit_of_work import PostgreSQLUnitOfWork
from tests.books_service.examples import EARTHSEA, MORNING, a_link, an_author
from tests.books_service.fakes import TickingClock

__all__ = ["Storage", "add_book", "author_ids_of", "count", "find", "link", "remember", "silent_service"]

Storage = Callable[[], IUnitOfWork]


async def add_book(storage: Storage) -> Book:
    async with storage() as work:
        book = await work.books.add(EARTHSEA, MORNING)
        await work.commit()
    return book


async def link(storage: Storage, book: Book, *author_ids: int, linked: bool = True) -> None:
    async with storage() as work:
        await work.books.lock(book.book_id)
        await work.authors.hold(author_ids)
        await work.links.put([a_link(book.book_id, author_id, linked=linked) for author_id in author_ids])
        await work.commit()


async def find(work: IUnitOfWork, book: Book, *author_ids: int) -> Found:
    found = await work.links.find(book.book_id, author_ids)
    assert found is not None
    return found


async def remember(storage: Storage, *author_ids: int) -> None:
    async with storage() as work:
        for author_id in author_ids:
            await work.authors.store([an_author(author_id)])
        await work.commit()


async def author_ids_of(storage: Storage, book: Book, after: int = 0, limit: int = 100) -> list[int]:
    async with storage().reading() as work:
        return [author.author_id for author in await work.links.authors_of(book.book_id, after, limit)]


def silent_service(database: Database) -> BookService:
    return BookService(PostgreSQLUnitOfWork(database), None, TickingClock())


async def count(database: Database, table: str) -> int:
    return (await database.fetch(Statement(f"SELECT count(*) FROM {table}", int), {}))[0]
