"""Both services' domain, SQL, relay and consumer over one in-memory broker, and what their tables hold."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table

import authors_service.infrastructure.database.engine as authors_engine
import authors_service.infrastructure.database.migrate as authors_migrate
import authors_service.infrastructure.database.tables as authors_tables
import books_service.infrastructure.database.engine as books_engine
import books_service.infrastructure.database.migrate as books_migrate
import books_service.infrastructure.database.tables as books_tables
from accord.bus.adapters.memory import MemoryBroker, MemoryConsumer, MemoryRecordProducer
from accord.bus.adapters.sql import OutboxPublisher
from accord.bus.adapters.sql_database import Database
from accord.bus.adapters.sql_outbox import SqlOutbox
from accord.bus.adapters.sql_statement import Statement
from accord.bus.relay import OutboxRelay
from authors_service.domain.entities import AuthorDetails
from authors_service.domain.services import AuthorService
from authors_service.infrastructure.database.unit_of_work import PostgreSQLUnitOfWork as AuthorsWork
from authors_service.infrastructure.kafka.handlers import AuthorsEventHandlers
from books_service.domain.entities import BookDetails
from books_service.domain.services import BookService
from books_service.infrastructure.database.unit_of_work import PostgreSQLUnitOfWork as BooksWork
from books_service.infrastructure.kafka.handlers import BooksEventHandlers
from generated.authors import channels as authors_channels
from generated.books import channels as books_channels
from tests.waiting import eventually

__all__ = ["Pair", "now", "open_pair", "rows", "some_history"]

Rows = Sequence[Mapping[str, Any]]


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Pair:
    """Two databases and the streams between them; a group of its own reads them from offset 0 again."""

    authors: Database
    books: Database
    broker: MemoryBroker
    replays: int = 0

    @asynccontextmanager
    async def author_services(self) -> AsyncIterator[AuthorService]:
        work = AuthorsWork(self.authors)
        publisher = OutboxPublisher(authors_channels.SENDS, work.session)
        yield AuthorService(work, publisher, now)

    @asynccontextmanager
    async def book_services(self) -> AsyncIterator[BookService]:
        work = BooksWork(self.books)
        publisher = OutboxPublisher(books_channels.SENDS, work.session)
        yield BookService(work, publisher, now)

    @asynccontextmanager
    async def silent_authors(self) -> AsyncIterator[AuthorService]:
        yield AuthorService(AuthorsWork(self.authors), None, now)

    @asynccontextmanager
    async def silent_books(self) -> AsyncIterator[BookService]:
        yield BookService(BooksWork(self.books), None, now)

    async def settle(self, *, replay: bool = False) -> None:
        """Send all that is committed, and read all that was sent: again from offset 0 if ``replay``."""
        self.replays += replay
        for database in (self.authors, self.books):
            relay = OutboxRelay(SqlOutbox(database), MemoryRecordProducer(self.broker))
            await relay.start()
            await eventually(lambda db=database: _is_empty(db))  # type: ignore[misc]
            await relay.stop()
        to_authors = MemoryConsumer(self.broker, f"authors {self.replays}", authors_channels.RECEIVED_TOPICS)
        AuthorsEventHandlers(self.silent_authors).register(to_authors)
        to_books = MemoryConsumer(self.broker, f"books {self.replays}", books_channels.RECEIVED_TOPICS)
        BooksEventHandlers(self.silent_books).register(to_books)
        for consumer, topics in (
            (to_authors, authors_channels.RECEIVED_TOPICS),
            (to_books, books_channels.RECEIVED_TOPICS),
        ):
            group = f"{'authors' if consumer is to_authors else 'books'} {self.replays}"
            await consumer.start()
            await eventually(lambda g=group, t=topics: self._has_read(g, [each.name for each in t]))  # type: ignore[misc]
            await consumer.stop()
            assert not self.broker.records(f"{group}.dead-letters")

    async def _has_read(self, group: str, topics: Sequence[str]) -> bool:
        committed = self.broker.committed(group)
        ends: dict[tuple[str, int], int] = {}
        for topic in topics:
            for record in self.broker.records(topic):
                ends[topic, record.partition] = record.offset + 1
        return all(committed.get(partition, 0) >= end for partition, end in ends.items())

    async def agrees(self) -> None:
        """Assert that what is alive is the same on both sides, versions included."""
        owned = await rows(self.authors, authors_tables.authors)
        assert await alive(self.books, books_tables.authors_cache) == owned
        owned = await rows(self.books, books_tables.books)
        assert await alive(self.authors, authors_tables.books_cache) == owned
        assert await linked(self.authors, authors_tables.author_books) == await linked(
            self.books, books_tables.book_authors
        )


async def rows(database: Database, table: Table, condition: str = "true") -> Rows:
    """All rows, in the order of their keys."""
    columns = ", ".join(column.name for column in table.c if column.name != "deleted_at")
    order = ", ".join(column.name for column in table.primary_key)
    statement = Statement(f"SELECT {columns} FROM {table.name} WHERE {condition} ORDER BY {order}")
    return [dict(row) for row in await database.fetch(statement, {})]


async def alive(database: Database, cache: Table) -> Rows:
    return await rows(database, cache, "deleted_at IS NULL")


async def linked(database: Database, table: Table) -> set[tuple[int, int, int, str]]:
    return {
        (row["author_id"], row["book_id"], row["version"], row["origin"])
        for row in await rows(database, table)
        if row["linked"]
    }


async def _is_empty(database: Database) -> bool:
    return await database.fetch(Statement("SELECT count(*) FROM outbox", int), {}) == [0]


@asynccontextmanager
async def open_pair(authors_url: str, books_url: str) -> AsyncIterator[Pair]:
    """Over two databases that are empty."""
    async with AsyncExitStack() as stack:
        authors = authors_engine.open_database(authors_url, pool_size=5)
        books = books_engine.open_database(books_url, pool_size=5)
        stack.push_async_callback(authors.close)
        stack.push_async_callback(books.close)
        await authors_migrate.upgrade(authors_migrate.create_engine(authors_url))
        await books_migrate.upgrade(books_migrate.create_engine(books_url))
        yield Pair(authors, books, MemoryBroker())


async def some_history(pair: Pair) -> None:
    """Authors and books; links set and removed on either side, and by the deletion of their ends."""
    for number in range(12):
        async with pair.author_services() as authors:
            await authors.create_author(AuthorDetails(f"Author {number}", None, None))
        async with pair.book_services() as books:
            await books.create_book(BookDetails(f"Book {number}", None, None, None))
    await pair.settle()
    async with pair.author_services() as authors:
        await authors.link_books(1, range(1, 9))
    async with pair.book_services() as books:
        await books.link_authors(10, range(1, 9))
    await pair.settle()
    async with pair.author_services() as authors:
        await authors.unlink_book(2, 10)
    async with pair.book_services() as books:
        await books.unlink_author(2, 1)
    async with pair.author_services() as authors:
        await authors.change_author(3, {"name": "Renamed"})
    async with pair.author_services() as authors:
        await authors.delete_author(4)
    async with pair.book_services() as books:
        await books.delete_book(5)
    await pair.settle()
    await pair.agrees()
