"""A consumer survives whatever aiokafka does while it is closed, or instead of an answer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from accord.bus.adapters import kafka_client
from accord.bus.adapters.kafka_client import abandon_consumer
from accord.bus.adapters.memory import MemoryBroker, MemoryRecordProducer
from accord.bus.consumer import EventConsumer
from accord.bus.dead_letters import DeadLetters
from accord.bus.health import State
from accord.bus.transport import Fetched, Offsets, Partition, RecordSource
from tests.waiting import eventually


class Client:
    """What of aiokafka's consumer is closed; ``stop`` is what it does."""

    def __init__(self, stop: Callable[[], Awaitable[None]]) -> None:
        self.stop = stop
        self._fetcher = None
        self._client = self
        self.closed = False

    async def close(self) -> None:
        self.closed = True


async def test_a_consumer_survives_a_cancellation_that_comes_out_of_closing_it() -> None:
    async def wait_for_a_cancelled_task() -> None:
        pending = asyncio.create_task(asyncio.sleep(60))
        await asyncio.sleep(0)
        pending.cancel()
        await pending

    client: Any = Client(wait_for_a_cancelled_task)
    await abandon_consumer(client)
    assert client.closed


async def test_a_consumer_that_swallows_its_cancellation_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_client, "_LEAVE_TIMEOUT_S", 0.05)
    released = asyncio.Event()

    async def hang() -> None:
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue

    client: Any = Client(hang)
    async with asyncio.timeout(5):
        await abandon_consumer(client)
    assert client.closed
    released.set()


class GivenUpOnce(RecordSource):
    """A source whose client cancels the first fetch by itself."""

    def __init__(self) -> None:
        self.fetches = 0

    @property
    def epoch(self) -> int:
        return 0

    @property
    def assigned(self) -> frozenset[Partition]:
        return frozenset()

    async def open(self, on_revoked: Callable[[], Awaitable[None]]) -> None:
        """Nothing to open."""

    async def fetch(self) -> Fetched:
        self.fetches += 1
        if self.fetches == 1:
            raise asyncio.CancelledError
        await asyncio.sleep(0.01)
        return Fetched(0)

    async def commit(self, offsets: Offsets) -> None:
        """Nothing to commit."""

    async def close(self) -> None:
        """Nothing to close."""


async def test_a_fetch_that_the_client_cancels_by_itself_does_not_end_the_consumer() -> None:
    source = GivenUpOnce()
    letters = DeadLetters(MemoryRecordProducer(MemoryBroker()), "dead", "group")
    consumer = EventConsumer(source, letters)
    await consumer.start()

    async def is_running_again() -> bool:
        return source.fetches > 3 and consumer.health.state is State.RUNNING

    await eventually(is_running_again)
    await consumer.stop()
