"""Sending records to Kafka, idempotent and acknowledged by all replicas in sync."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordListTooLargeError,
)

from accord.bus.adapters.kafka_client import KafkaSettings, abandon_producer, away, ensure_topics
from accord.bus.contract import Topic
from accord.bus.errors import BusError, Refused, Unavailable
from accord.bus.health import Health, State
from accord.bus.messages import OutgoingRecord
from accord.bus.retry import Backoff, is_our_end
from accord.bus.transport import Acknowledged, Outcome, RecordKey, RecordProducer
from accord.observability import get_logger

__all__ = ["KafkaRecordProducer"]

_REFUSALS = (InvalidTopicError, MessageSizeTooLargeError, PolicyViolationError, RecordListTooLargeError)
_RECONNECT = Backoff(first_s=0.2, cap_s=2.0)
_CHECK_TIMEOUT_S = 2.0
_STOP_TIMEOUT_S = 5.0

_log = get_logger(__name__)


class KafkaRecordProducer(RecordProducer):
    """Connects in the background, makes ``topics`` that are missing, connects anew after a failure.

    After any failure the client is thrown away with what it has under way. So nothing that was sent before
    can arrive behind what is sent later, and no gap in the sequence numbers (KIP-98) stays in the way.
    """

    def __init__(self, settings: KafkaSettings, topics: Sequence[Topic] = ()) -> None:
        self._settings = settings
        self._topics = tuple(topics)
        self._health = Health()
        self._producer: AIOKafkaProducer | None = None
        self._connected = asyncio.Event()
        self._lost = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def health(self) -> Health:
        """`State.RUNNING` while connected, as far as the last record told."""
        return self._health

    async def start(self) -> None:
        if self._task is None:
            self._lost.set()
            self._health.become(State.STARTING)
            self._task = asyncio.create_task(self._keep_connected(), name="kafka producer")

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        await asyncio.wait([task])
        self._connected.clear()
        producer, self._producer = self._producer, None
        if producer is not None:
            try:
                async with asyncio.timeout(_STOP_TIMEOUT_S):
                    await producer.stop()
            except (TimeoutError, KafkaError, OSError):
                await abandon_producer(producer)
        self._health.become(State.STOPPED)

    async def send(self, records: Sequence[OutgoingRecord]) -> Sequence[Outcome]:
        outcomes: list[Outcome | None] = [None] * len(records)
        producer: AIOKafkaProducer | None = None
        error: BusError | None
        try:
            async with asyncio.timeout(self._settings.delivery_timeout_s):
                producer = await self._connection()
                error = await _send(producer, records, outcomes)
        except TimeoutError:
            error = Unavailable(
                f"the broker is away: no answer within {self._settings.delivery_timeout_s:g} s"
            )
        except (KafkaError, OSError) as failure:
            error = away(failure)
        except asyncio.CancelledError:
            await self._drop(producer, Unavailable("sending was cancelled"))
            raise
        if error is not None:
            await self._drop(producer, error)
        unknown = Unavailable(str(error))
        return [outcome or unknown for outcome in outcomes]

    async def check(self) -> None:
        try:
            async with asyncio.timeout(_CHECK_TIMEOUT_S):
                producer = await self._connection()
                await producer.client.fetch_all_metadata()
        except (TimeoutError, KafkaError, OSError) as error:
            raise away(error) from error

    async def _connection(self) -> AIOKafkaProducer:
        if self._task is None:
            raise Unavailable("the producer was not started")
        await self._connected.wait()
        return self._producer

    async def _drop(self, producer: AIOKafkaProducer | None, error: BusError) -> None:
        """Whoever used the same client meanwhile finds out by his own timeout."""
        if producer is None or producer is not self._producer:
            return
        self._producer = None
        self._connected.clear()
        self._waiting(error)
        await abandon_producer(producer)
        self._lost.set()

    async def _keep_connected(self) -> None:
        attempt = 0
        while True:
            await self._lost.wait()
            try:
                self._producer = await self._connect()
            except BaseException as error:
                if is_our_end(error):
                    raise
                self._waiting(away(error))
                await asyncio.sleep(_RECONNECT.delay_s(attempt))
                attempt += 1
            else:
                attempt = 0
                self._lost.clear()
                self._connected.set()
                if self._health.become(State.RUNNING):
                    _log.info("producer is connected", bootstrap_servers=self._settings.bootstrap_servers)

    async def _connect(self) -> AIOKafkaProducer:
        # Each request of aiokafka ends by itself; cancelling it while it connects would leak the socket.
        await ensure_topics(self._settings, self._topics)
        producer = AIOKafkaProducer(
            **self._settings.for_every_client(),
            acks="all",
            enable_idempotence=True,
            max_batch_size=self._settings.max_batch_bytes,
            max_request_size=self._settings.max_record_bytes,
        )
        try:
            # Only the wait for a producer id has no end of its own.
            async with asyncio.timeout(2 * self._settings.request_timeout_s):
                await producer.start()
        except BaseException:
            with suppress(KafkaError, OSError):
                await abandon_producer(producer)
            raise
        return producer

    def _waiting(self, error: BusError) -> None:
        if self._health.become(State.WAITING, str(error)):
            _log.warning("producer waits", reason=str(error))


async def _send(
    producer: AIOKafkaProducer, records: Sequence[OutgoingRecord], outcomes: list[Outcome | None]
) -> BusError | None:
    """Fill in the outcomes, and return the first that leaves the client unfit for more.

    What has no outcome when this raises or is cancelled may or may not have arrived.
    """
    under_way: dict[int, asyncio.Future[Any]] = {}
    blocked: set[RecordKey] = set()
    try:
        for index, record in enumerate(records):
            if (record.topic, record.key) in blocked:
                outcomes[index] = Unavailable("waits behind a refused record of the same key")
                continue
            try:
                under_way[index] = await producer.send(
                    record.topic, record.value, key=record.key, headers=list(record.headers)
                )
            except _REFUSALS as error:
                outcomes[index] = _refused(error)
                blocked.add((record.topic, record.key))
        if under_way:
            await asyncio.wait(under_way.values())
    finally:
        for index, future in under_way.items():
            if future.done():
                outcomes[index] = _outcome(future)
    sent = (outcomes[index] for index in under_way)
    return next((outcome for outcome in sent if isinstance(outcome, BusError)), None)


def _outcome(future: asyncio.Future[Any]) -> Outcome:
    error = future.exception()
    if error is None:
        metadata = future.result()
        return Acknowledged(metadata.partition, metadata.offset)
    return _refused(error) if isinstance(error, _REFUSALS) else away(error)


def _refused(error: Exception) -> Refused:
    return Refused(f"the broker refuses the record: {type(error).__name__}: {error}")
