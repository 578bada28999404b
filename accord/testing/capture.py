"""`EventCapture`: everything that arrives on some topics while a test or a demo runs.

It reads with librdkafka, a client that the services do not use, so that it witnesses what is on the wire.
"""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from accord.bus.messages import Record

__all__ = ["EventCapture", "NotCaptured", "to_record"]

BATCH = 1000
"""Records handed over to the event loop at once."""

POLL_SECONDS = 0.1
FETCH_WAIT_MS = 20
"""The mock cluster answers an empty fetch only after this time, whatever arrives meanwhile."""

REQUEST_SECONDS = 10.0
BEING_MADE = (
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_LEADER_FOR_PARTITION,
)

Answer = TypeVar("Answer")


class NotCaptured(AssertionError):
    """What was waited for did not arrive in time; the message lists what did."""


class EventCapture:
    """Collects the records of ``topics`` in ``records``, in the order of each partition.

    An async context manager. It starts at the end of each partition, so that it sees only what comes
    afterwards, or at the first record if ``from_start``. It belongs to no consumer group and leaves no trace
    on the broker, except that topics which are not there yet are made.
    """

    def __init__(self, bootstrap_servers: str, topics: Sequence[str], *, from_start: bool = False) -> None:
        self.topics = tuple(topics)
        self.records: list[Record] = []
        self._bootstrap_servers = bootstrap_servers
        self._from_start = from_start
        self._positions: dict[tuple[str, int], int] = {}
        self._arrived = asyncio.Event()
        self._error: KafkaError | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._consumer: Consumer | None = None

    async def start(self) -> Self:
        """Return once every later record will be seen; raises `confluent_kafka.KafkaException`."""
        self._consumer = await asyncio.to_thread(self._connect)
        arguments = (self._consumer, asyncio.get_running_loop())
        self._thread = threading.Thread(target=self._read, args=arguments, name="event-capture", daemon=True)
        self._thread.start()
        return self

    async def stop(self) -> None:
        """Stop to read; ``records`` stay. Safe to call twice."""
        self._stopping.set()
        if self._thread:
            await asyncio.to_thread(self._thread.join)
        if self._consumer:
            await asyncio.to_thread(self._consumer.close)
        self._thread = self._consumer = None

    async def wait_for(
        self, wanted: Callable[[Record], bool], within: float = 10.0, since: int = 0
    ) -> Record:
        """Return the first record from index ``since`` on that is ``wanted``.

        Raises `NotCaptured` unless it is there ``within`` so many seconds.
        """
        return (await self.wait_for_all(wanted, 1, within, since))[0]

    async def wait_for_all(
        self, wanted: Callable[[Record], bool], count: int, within: float = 10.0, since: int = 0
    ) -> list[Record]:
        """Like `wait_for`, for the first ``count`` of them."""
        found: list[Record] = []
        seen = since
        try:
            async with asyncio.timeout(within):
                while True:
                    self._arrived.clear()
                    found += [record for record in self.records[seen:] if wanted(record)]
                    seen = len(self.records)
                    if len(found) >= count:
                        return found[:count]
                    self._raise_error()
                    await self._arrived.wait()
        except TimeoutError:
            listed = "\n".join(map(describe, self.records[since:])) or "nothing"
            raise NotCaptured(
                f"{len(found)} of {count} records arrived within {within:g} s; captured:\n{listed}"
            ) from None

    async def event(self, event_type: str, within: float = 10.0, since: int = 0) -> dict[str, Any]:
        """Return the first event of this type, as its JSON object; raises `NotCaptured`."""
        record = await self.wait_for(lambda record: _event_type(record) == event_type, within, since)
        envelope: dict[str, Any] = json.loads(record.value or b"")
        return envelope

    async def catch_up(self, within: float = 10.0) -> list[Record]:
        """Return all records, every one included that is on the broker by now; raises `NotCaptured`."""
        ends = await asyncio.to_thread(self._ends)
        try:
            async with asyncio.timeout(within):
                while True:
                    self._arrived.clear()
                    if all(self._positions[partition] >= end for partition, end in ends.items()):
                        return self.records
                    self._raise_error()
                    await self._arrived.wait()
        except TimeoutError:
            raise NotCaptured(f"the ends {ends} were not reached within {within:g} s") from None

    def _connect(self) -> Consumer:
        consumer = self._client()
        for topic in self.topics:
            for number in _partitions(consumer, topic):
                first, end = _watermarks(consumer, topic, number)
                self._positions[topic, number] = first if self._from_start else end
        consumer.assign([TopicPartition(*where, offset) for where, offset in self._positions.items()])
        return consumer

    def _ends(self) -> dict[tuple[str, int], int]:
        # Another client: while one reads in a thread of its own, its questions may wait for ever.
        inquirer = self._client()
        try:
            return {where: _watermarks(inquirer, *where)[1] for where in self._positions}
        finally:
            inquirer.close()

    def _client(self) -> Consumer:
        return Consumer(
            {
                "bootstrap.servers": self._bootstrap_servers,
                "group.id": "unused",  # demanded by the client, never joined
                "enable.auto.commit": False,
                "allow.auto.create.topics": True,
                "auto.offset.reset": "error",
                "fetch.wait.max.ms": FETCH_WAIT_MS,
                "log_level": 0,
            }
        )

    def _read(self, consumer: Consumer, loop: asyncio.AbstractEventLoop) -> None:
        while not self._stopping.is_set():
            message = consumer.poll(POLL_SECONDS)
            batch: list[Message] = []
            while message is not None and len(batch) < BATCH:
                batch.append(message)
                message = consumer.poll(0)
            if message is not None:
                batch.append(message)
            if batch and not loop.is_closed():
                loop.call_soon_threadsafe(self._take, batch)

    def _take(self, batch: list[Message]) -> None:
        for message in batch:
            if (error := message.error()) is None:
                record = to_record(message)
                self.records.append(record)
                self._positions[record.topic, record.partition] = record.offset + 1
            elif not error.retriable():
                self._error = error
        self._arrived.set()

    def _raise_error(self) -> None:
        if self._error is not None and self._error.fatal():
            raise KafkaException(self._error)

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


def _event_type(record: Record) -> str | None:
    try:
        envelope = json.loads(record.value or b"")
    except ValueError:
        return None
    return envelope.get("event_type") if isinstance(envelope, dict) else None


def describe(record: Record) -> str:
    """Put a record on one line."""
    return f"{record.topic}@{record.partition}:{record.offset} key={record.key!r} value={record.value!r:.300}"


def _partitions(consumer: Consumer, topic: str) -> list[int]:
    def ask() -> list[int]:
        metadata = consumer.list_topics(topic, timeout=REQUEST_SECONDS).topics[topic]
        if metadata.error is not None:
            raise KafkaException(metadata.error)
        return list(metadata.partitions)

    return _patiently(ask)


def _watermarks(consumer: Consumer, topic: str, partition: int) -> tuple[int, int]:
    where = TopicPartition(topic, partition)
    found = _patiently(lambda: consumer.get_watermark_offsets(where, timeout=REQUEST_SECONDS))
    if found is None:
        raise NotCaptured(f"the broker did not tell the ends of {topic}")
    return found


def _patiently(ask: Callable[[], Answer]) -> Answer:
    """A topic that is asked for the first time is there in a moment; some brokers take that moment."""
    deadline = time.monotonic() + REQUEST_SECONDS
    while True:
        try:
            return ask()
        except KafkaException as error:
            if error.args[0].code() not in BEING_MADE or time.monotonic() > deadline:
                raise
        time.sleep(POLL_SECONDS)


def to_record(message: Message) -> Record:
    """What confluent-kafka read, as a value."""
    # The client's stubs allow what no consumer ever sees: a message from nowhere, headers as a dictionary.
    headers = cast(list[tuple[str, bytes | None]], message.headers() or [])
    return Record(
        topic=cast(str, message.topic()),
        partition=cast(int, message.partition()),
        offset=cast(int, message.offset()),
        key=message.key(),
        value=message.value(),
        headers=tuple((name, value or b"") for name, value in headers),
        timestamp=message.timestamp()[1],
    )
