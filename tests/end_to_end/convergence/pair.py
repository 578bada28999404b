"""Both services side by side over one broker, each with a migrated database of its own."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

import authors_service.infrastructure.database.engine as authors_engine
import authors_service.infrastructure.database.migrate as authors_migrate
import authors_service.infrastructure.database.tables as authors_tables
import books_service.infrastructure.database.engine as books_engine
import books_service.infrastructure.database.migrate as books_migrate
import books_service.infrastructure.database.tables as books_tables
from accord.bus.adapters.memory import MemoryBroker
from accord.bus.adapters.sql import OutboxPublisher
from accord.bus.adapters.sql_database import Database
from accord.bus.adapters.sql_outbox import SqlOutbox
from authors_service.domain.services import AuthorService
from authors_service.infrastructure.database.unit_of_work import PostgreSQLUnitOfWork as AuthorsWork
from authors_service.infrastructure.kafka.handlers import AuthorsEventHandlers
from books_service.domain.services import BookService
from books_service.infrastructure.database.unit_of_work import PostgreSQLUnitOfWork as BooksWork
from books_service.infrastructure.kafka.handlers import BooksEventHandlers
from generated.authors import channels as authors_channels
from generated.books import channels as books_channels
from tests.authors_service.fakes import TickingClock
from tests.end_to_end.convergence.faults import Fate
from tests.end_to_end.convergence.side import PARTITIONS, Side

__all__ = ["Pair", "open_pair"]

Clock = Callable[[], datetime]


class MortalAuthorsWork(AuthorsWork):
    def __init__(self, database: Database, fate: Fate) -> None:
        super().__init__(database)
        self._fate = fate

    async def commit(self) -> None:
        await self._fate.meet(super().commit)


class MortalBooksWork(BooksWork):
    def __init__(self, database: Database, fate: Fate) -> None:
        super().__init__(database)
        self._fate = fate

    async def commit(self) -> None:
        await self._fate.meet(super().commit)


@dataclass
class Pair:
    """The Authors Service and the Books Service."""

    authors: Side[AuthorService]
    books: Side[BookService]
    clock: TickingClock
    broker: MemoryBroker

    @property
    def sides(self) -> tuple[Side[AuthorService], Side[BookService]]:
        return self.authors, self.books

    async def wait(self, time: timedelta) -> None:
        """Let time pass, for the services and for what they wrote with their databases' own clock."""
        self.clock.now += time
        for side in self.sides:
            await side.observer.execute(
                f"UPDATE {side.cache.name} SET deleted_at = deleted_at - $1::interval", time
            )

    async def begin(self) -> None:
        """Empty databases, empty streams, the same morning."""
        self.clock.now = TickingClock().now
        for side in self.sides:
            await side.begin()
        self.new_broker()

    def new_broker(self) -> None:
        """Empty streams, and consumers at their beginning."""
        self.broker = MemoryBroker(PARTITIONS)
        for side in self.sides:
            side.read_from(self.broker)

    async def republish(self) -> None:
        """Both sides tell all that they have, as the command does."""
        await self.authors.open().republish_authors(0, 1000)
        await self.authors.open().republish_deleted_authors(0, 1000)
        await self.books.open().republish_books(0, 1000)
        await self.books.open().republish_deleted_books(0, 1000)
        for side in self.sides:
            await side.open().republish_links((0, 0), 1000)


@asynccontextmanager
async def open_pair(authors_url: str, books_url: str) -> AsyncIterator[Pair]:
    """Migrate both databases and keep connections to them; nothing is shared but the broker."""
    async with AsyncExitStack() as stack:
        clock = TickingClock()
        authors = authors_engine.open_database(authors_url, pool_size=2)
        books = books_engine.open_database(books_url, pool_size=2)
        stack.push_async_callback(authors.close)
        stack.push_async_callback(books.close)
        await authors_migrate.upgrade(authors_migrate.create_engine(authors_url))
        await books_migrate.upgrade(books_migrate.create_engine(books_url))
        yield Pair(
            await _authors_side(stack, authors, clock),
            await _books_side(stack, books, clock),
            clock,
            MemoryBroker(PARTITIONS),
        )


async def _authors_side(stack: AsyncExitStack, database: Database, clock: Clock) -> Side[AuthorService]:
    def service(fate: Fate) -> AuthorService:
        work = MortalAuthorsWork(database, fate)
        publisher = OutboxPublisher(authors_channels.SENDS, work.session)
        return AuthorService(work, publisher, clock)

    def handlers(fate: Fate) -> AuthorsEventHandlers:
        @asynccontextmanager
        async def silent() -> AsyncIterator[AuthorService]:
            yield AuthorService(MortalAuthorsWork(database, fate), None, clock)

        return AuthorsEventHandlers(silent)

    return Side(
        name="authors",
        service=service,
        handlers=handlers,
        sends=authors_channels.SENT_TOPICS,
        receives=authors_channels.RECEIVED_TOPICS,
        metadata=authors_tables.metadata,
        owned=authors_tables.authors,
        cache=authors_tables.books_cache,
        links=authors_tables.author_books,
        database=database,
        outbox=await _led(
            stack,
            SqlOutbox(database),
        ),
        observer=await _observer(stack, database),
    )


async def _books_side(stack: AsyncExitStack, database: Database, clock: Clock) -> Side[BookService]:
    def service(fate: Fate) -> BookService:
        work = MortalBooksWork(database, fate)
        publisher = OutboxPublisher(books_channels.SENDS, work.session)
        return BookService(work, publisher, clock)

    def handlers(fate: Fate) -> BooksEventHandlers:
        @asynccontextmanager
        async def silent() -> AsyncIterator[BookService]:
            yield BookService(MortalBooksWork(database, fate), None, clock)

        return BooksEventHandlers(silent)

    return Side(
        name="books",
        service=service,
        handlers=handlers,
        sends=books_channels.SENT_TOPICS,
        receives=books_channels.RECEIVED_TOPICS,
        metadata=books_tables.metadata,
        owned=books_tables.books,
        cache=books_tables.authors_cache,
        links=books_tables.book_authors,
        database=database,
        outbox=await _led(stack, SqlOutbox(database)),
        observer=await _observer(stack, database),
    )


async def _led(stack: AsyncExitStack, outbox: SqlOutbox) -> SqlOutbox:
    await outbox.acquire(lambda: None)
    stack.push_async_callback(outbox.release)
    return outbox


async def _observer(stack: AsyncExitStack, database: Database) -> asyncpg.Connection:
    """A connection beside the pool, for what no service does."""
    connection = await database.connect()
    stack.push_async_callback(connection.close)
    return connection
