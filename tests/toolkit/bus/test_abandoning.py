"""A consumer survives whatever aiokafka does while it is closed, or instead of an answer."""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Collection
from typing import Any

import pytest

from accord.bus.adapters import kafka_connecting
from accord.bus.adapters.kafka_connecting import abandon_consumer
from accord.bus.adapters.kafka_producer import KafkaRecordProducer
from accord.bus.adapters.memory import MemoryBroker, MemoryRecordProducer
from accord.bus.adapters.memory_outbox import MemoryOutbox, MemoryOutboxRows
from accord.bus.consumer import EventConsumer
from accord.bus.dead_letters import DeadLetters
from accord.bus.errors import Unavailable
from accord.bus.health import State
from accord.bus.messages import OutgoingRecord, ReceivedEvent, Record
from accord.bus.relay import OutboxRelay
from accord.bus.transport import Acknowledged, Fetched, Offsets, Partition, RecordSource
from accord.testing.brokers import KafkaBroker
from tests.toolkit.bus.harness import settings
from tests.waiting import eventually


class Client:
    """What of aiokafka's consumer is closed, its only connection included; ``stop`` is what it does."""

    def __init__(self, stop: Callable[[], Awaitable[None]]) -> None:
        self.stop = stop
        self._client = self
        self._conns = {"node": self}
        self._coordinator = self._fetcher = self._sync_task = None
        self.closed = False

    def close(self) -> None:
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
    monkeypatch.setattr(kafka_connecting, "_LEAVE_TIMEOUT_S", 0.05)
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


def trouble(kind: str) -> BaseException:
    return asyncio.CancelledError() if kind == "cancellation" else RuntimeError("of aiokafka itself")


class TroubledOnce(RecordSource):
    """A source whose client fails of itself when ``method`` is called first."""

    def __init__(self, method: str, kind: str) -> None:
        self.fetches = 0
        self._method = method
        self._kind = kind

    def _answer(self, method: str) -> None:
        if method == self._method:
            self._method = ""
            raise trouble(self._kind)

    @property
    def epoch(self) -> int:
        return 0

    @property
    def assigned(self) -> frozenset[Partition]:
        return frozenset()

    async def open(self, on_revoked: Callable[[], Awaitable[None]]) -> None:
        self._answer("open")

    async def fetch(self) -> Fetched:
        self.fetches += 1
        self._answer("fetch")
        if self.fetches == 2:
            raise Unavailable("so that it is closed")
        await asyncio.sleep(0.01)
        return Fetched(0, [Record("things", 0, self.fetches, b"a", None, (), 0)])

    async def commit(self, offsets: Offsets) -> None:
        self._answer("commit")

    async def close(self) -> None:
        self._answer("close")


@pytest.mark.parametrize("kind", ["cancellation", "defect"])
@pytest.mark.parametrize("method", ["open", "fetch", "commit", "close"])
async def test_whatever_the_client_does_of_itself_does_not_end_the_consumer(method: str, kind: str) -> None:
    source = TroubledOnce(method, kind)
    letters = DeadLetters(MemoryRecordProducer(MemoryBroker()), "dead", "group")
    consumer = EventConsumer(source, letters)
    await consumer.start()

    async def is_running_again() -> bool:
        return source.fetches > 4 and consumer.health.state is State.RUNNING

    await eventually(is_running_again)
    await consumer.stop()


async def test_a_consumer_that_is_given_up_leaves_no_error_for_the_loop_to_complain_about() -> None:
    class Away(TroubledOnce):
        async def fetch(self) -> Fetched:
            return Fetched(
                0, [Record("things", 0, offset, b"a", b'{"event_type": "lit"}') for offset in (0, 1)]
            )

        async def commit(self, offsets: Offsets) -> None:
            raise Unavailable("gone as well")

    complaints = list[str]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context["message"]))
    letters = DeadLetters(MemoryRecordProducer(MemoryBroker()), "dead", "group")
    consumer = EventConsumer(Away("", "defect"), letters, stop_timeout_s=0.05)
    handling = asyncio.Event()

    async def handle(event: ReceivedEvent) -> None:
        if event.record.offset == 1:
            handling.set()
            await asyncio.Event().wait()

    consumer.register_handler("lit", handle)
    await consumer.start()
    await handling.wait()
    await consumer.stop()
    del consumer
    gc.collect()
    assert complaints == []


class TroubledOutbox(MemoryOutbox):
    """Whose database driver fails of itself once."""

    kind = ""

    async def delete(self, ids: Collection[int]) -> None:
        if self.kind:
            kind, self.kind = self.kind, ""
            raise trouble(kind)
        await super().delete(ids)


@pytest.mark.parametrize("kind", ["cancellation", "defect"])
async def test_whatever_a_driver_does_of_itself_does_not_end_the_relay(kind: str) -> None:
    rows, broker = MemoryOutboxRows(), MemoryBroker()
    outbox = TroubledOutbox(rows)
    outbox.kind = kind
    relay = OutboxRelay(outbox, MemoryRecordProducer(broker), poll_interval_s=0.01)
    await relay.start()
    rows.append(OutgoingRecord("things", b"a", b"{}"))
    await eventually(lambda: _is_true(not rows.rows))
    await relay.stop()
    assert len(broker.records("things")) == 2


async def _is_true(value: bool) -> bool:
    return value


@pytest.mark.parametrize("kind", ["cancellation", "defect"])
async def test_whatever_aiokafka_does_while_it_connects_does_not_end_the_producer(
    kind: str, kafka: KafkaBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, failures = KafkaRecordProducer._connect, [trouble(kind)]

    async def fail_once(self: KafkaRecordProducer) -> Any:
        if failures:
            raise failures.pop()
        return await connect(self)

    monkeypatch.setattr(KafkaRecordProducer, "_connect", fail_once)
    # Long enough for a busy broker to make the topic.
    producer = KafkaRecordProducer(settings(kafka.bootstrap_servers, delivery_timeout_s=5.5))
    await producer.start()
    (outcome,) = await producer.send([OutgoingRecord("things-of-the-troubled", b"a", b"{}")])
    assert isinstance(outcome, Acknowledged)
    await producer.stop()


async def test_a_producer_ends_though_aiokafka_makes_an_error_of_its_cancellation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connecting = asyncio.Event()

    async def hang(_self: KafkaRecordProducer) -> Any:
        connecting.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise OSError("closed") from None

    monkeypatch.setattr(KafkaRecordProducer, "_connect", hang)
    producer = KafkaRecordProducer(settings("127.0.0.1:1"))
    await producer.start()
    await connecting.wait()
    async with asyncio.timeout(5):
        await producer.stop()
