"""Fixtures for tests that need real servers; ``pytest_plugins = ["accord.testing.plugin"]`` brings them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from uuid import uuid4

import pytest
import pytest_asyncio

from accord.testing.capture import EventCapture
from accord.testing.kafka import EmbeddedKafka
from accord.testing.postgres import EmbeddedPostgres

__all__ = ["CaptureEvents", "database", "events", "kafka", "module_database", "postgres"]

CaptureEvents = Callable[..., Awaitable[EventCapture]]
"""``await events("library.authors", ...)``: captures from then on, until the test ends."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One server for the whole run, started on first use."""
    with EmbeddedPostgres() as server:
        yield server


@pytest.fixture(scope="session")
def kafka() -> Iterator[EmbeddedKafka]:
    """One broker for the whole run; tests keep apart by topics and groups of their own."""
    with EmbeddedKafka() as broker:
        yield broker


@pytest.fixture
def database(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The asyncpg URL of an empty database for this test alone."""
    with _fresh_database(postgres) as url:
        yield url


@pytest.fixture(scope="module")
def module_database(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The asyncpg URL of a database that begins empty and that the tests of one module share."""
    with _fresh_database(postgres) as url:
        yield url


@pytest_asyncio.fixture
async def events(kafka: EmbeddedKafka) -> AsyncIterator[CaptureEvents]:
    """Begin to capture topics of the embedded Kafka; see `CaptureEvents`."""
    async with AsyncExitStack() as captures:

        async def capture(*topics: str) -> EventCapture:
            return await captures.enter_async_context(EventCapture(kafka.bootstrap_servers, topics))

        yield capture


@contextmanager
def _fresh_database(server: EmbeddedPostgres) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    yield server.create_database(name)
    server.drop_database(name)
