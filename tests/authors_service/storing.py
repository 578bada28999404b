"""What tests of a storage begin with."""

from collections.abc import Callable

from accord.bus.adapters.sql_database import Database
from accord.bus.adapters.sql_statement import Statement
from authors_service.contracts.interfaces import Found, IUnitOfWork
from authors_service.domain.entities import Author
from authors_service.domain.services import AuthorService
from authors_service.infrastructure.database.unit_of_work import PostgreSQLUnitOfWork
from tests.authors_service.examples import LE_GUIN, MORNING, a_book, a_link
from tests.authors_service.fakes import TickingClock

__all__ = ["Storage", "add_author", "book_ids_of", "count", "find", "link", "remember", "silent_service"]

Storage = Callable[[], IUnitOfWork]


async def add_author(storage: Storage) -> Author:
    async with storage() as work:
        author = await work.authors.add(LE_GUIN, MORNING)
        await work.commit()
    return author


async def link(storage: Storage, author: Author, *book_ids: int, linked: bool = True) -> None:
    async with storage() as work:
        await work.authors.lock(author.author_id)
        await work.books.hold(book_ids)
        await work.links.put([a_link(author.author_id, book_id, linked=linked) for book_id in book_ids])
        await work.commit()


async def find(work: IUnitOfWork, author: Author, *book_ids: int) -> Found:
    found = await work.links.find(author.author_id, book_ids)
    assert found is not None
    return found


async def remember(storage: Storage, *book_ids: int) -> None:
    async with storage() as work:
        for book_id in book_ids:
            await work.books.store([a_book(book_id)])
        await work.commit()


async def book_ids_of(storage: Storage, author: Author, after: int = 0, limit: int = 100) -> list[int]:
    async with storage().reading() as work:
        return [book.book_id for book in await work.links.books_of(author.author_id, after, limit)]


def silent_service(database: Database) -> AuthorService:
    return AuthorService(PostgreSQLUnitOfWork(database), None, TickingClock())


async def count(database: Database, table: str) -> int:
    return (await database.fetch(Statement(f"SELECT count(*) FROM {table}", int), {}))[0]
