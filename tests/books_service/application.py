"""The whole service without a server: in-memory storage and bus behind the real routes and handlers."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from accord.bus.adapters.memory import (
    MemoryBroker,
    MemoryConsumer,
    MemoryRecordProducer,
)
from accord.bus.adapters.memory_outbox import MemoryOutbox, MemoryOutboxRows
from accord.bus.envelope import EnvelopeBuilder
from accord.bus.messages import Record
from accord.bus.relay import OutboxRelay
from accord.bus.retry import Backoff, RetryPolicy
from accord.http.health import Check
from books_service.api.routes import BooksRoutes
from books_service.dependencies import Dependencies
from books_service.domain.services import BookService
from books_service.infrastructure.database.purge import TombstonePurge
from books_service.infrastructure.kafka.handlers import BooksEventHandlers
from books_service.main import create_app
from books_service.settings import Settings
from generated.books import channels
from tests.books_service.fakes import InMemoryDatabase, InMemoryPublisher, InMemoryUnitOfWork, TickingClock

__all__ = ["Application", "run_application", "some_settings"]

AT_ONCE = Backoff(first_s=0, cap_s=0)


def some_settings() -> Settings:
    return Settings(
        database_url=SecretStr("postgresql+asyncpg://nobody:secret@127.0.0.1:1/books_db"),
        kafka_bootstrap_servers="127.0.0.1:1",
    )


class Application:
    """What a test looks at: the client, and everything behind the service."""

    def __init__(self, checks: Mapping[str, Check] | None = None) -> None:
        self.database = InMemoryDatabase()
        self.broker = MemoryBroker()
        self.clock = TickingClock()
        outbox = MemoryOutboxRows()
        envelopes = EnvelopeBuilder(channels.SENDS)
        # Building the record holds the event against the contract.
        self.database.on_commit = lambda kind, data: outbox.append(envelopes.record(kind, data))
        self.dependencies = Dependencies(
            api=BooksRoutes(self.services),
            handlers=BooksEventHandlers(self.silent_services),
            consumer=MemoryConsumer(
                self.broker,
                "books-service",
                channels.RECEIVED_TOPICS,
                policy=RetryPolicy(retries=3, backoff=AT_ONCE, outage=AT_ONCE),
            ),
            purge=TombstonePurge(self.services, timedelta(days=30)),
            relay=OutboxRelay(MemoryOutbox(outbox), MemoryRecordProducer(self.broker)),
            checks=checks or {},
            close=self._close,
        )
        self.app = create_app(some_settings(), self.dependencies)
        transport = httpx.ASGITransport(self.app)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://books")
        self.closed = False

    @asynccontextmanager
    async def services(self) -> AsyncIterator[BookService]:
        work = InMemoryUnitOfWork(self.database)
        yield BookService(work, InMemoryPublisher(work), self.clock)

    @asynccontextmanager
    async def silent_services(self) -> AsyncIterator[BookService]:
        yield BookService(InMemoryUnitOfWork(self.database), None, self.clock)

    async def new_book(self, **members: Any) -> int:
        """Create a book over HTTP; answers its id."""
        answer = await self.client.post("/books", json={"title": "A Wizard of Earthsea", **members})
        assert answer.status_code == 201, answer.text
        book_id: int = answer.json()["book_id"]
        return book_id

    async def records(self, topic: str, count: int = 1) -> list[Record]:
        """Wait until the broker has so many records in ``topic``."""
        async with asyncio.timeout(5):
            while len(found := self.broker.records(topic)) < count:
                await self.broker.arrival(1)
        return found

    async def consumed(self, topic: str, partition: int, offset: int) -> None:
        """Wait until the consumer has committed the record."""

        def committed() -> bool:
            return self.broker.committed("books-service").get((topic, partition), 0) > offset

        async with asyncio.timeout(5):
            while not committed():  # noqa: ASYNC110  # the broker tells nobody of a commit
                await asyncio.sleep(0.005)

    async def _close(self) -> None:
        self.closed = True


@asynccontextmanager
async def run_application() -> AsyncIterator[Application]:
    """The application from start to stop."""
    application = Application()
    async with application.app.router.lifespan_context(application.app), application.client:
        yield application
