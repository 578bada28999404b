"""Sending records to Kafka, idempotent and acknowledged by all replicas in sync."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from accord.bus.adapters.kafka_client import KafkaSettings, away, ensure_topics, in_one_line
from accord.bus.adapters.kafka_connecting import abandon_producer, connect
from accord.bus.adapters.kafka_delivery import Delivery
from accord.bus.contract import Topic
from accord.bus.errors import BusError, Unavailable
from accord.bus.health import Health, State
from accord.bus.messages import OutgoingRecord
from accord.bus.retry import Backoff, is_our_end
from accord.bus.transport import Blocked, Failure, Outcome, RecordProducer
from accord.observability import get_logger

__all__ = ["KafkaRecordProducer"]

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
        self._turn = asyncio.Lock()
        """Of whoever hands over: calls that overlap are sent in the order in which they were made."""
        self._max_batch_bytes = settings.max_batch_bytes
        """Halved when a topic takes no batch as large, as Kafka's own client splits it."""
        self._deadlines: set[asyncio.Timeout] = set()
        """Of those that use the client."""

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
        await asyncio.gather(task, return_exceptions=True)
        self._connected.clear()
        producer, self._producer = self._producer, None
        if producer is not None:
            try:
                async with asyncio.timeout(_STOP_TIMEOUT_S):
                    await producer.stop()
            except (TimeoutError, KafkaError, OSError) as error:
                _log.warning("producer stopped without an answer of the broker", reason=in_one_line(error))
            finally:
                await abandon_producer(producer)
        self._health.become(State.STOPPED)

    async def send(
        self, records: Sequence[OutgoingRecord], blocked: Blocked | None = None
    ) -> Sequence[Outcome]:
        delivery = Delivery(records, {} if blocked is None else blocked)
        producer: AIOKafkaProducer | None = None
        failure: Failure | None = None
        try:
            async with asyncio.timeout(self._settings.delivery_timeout_s) as deadline:
                async with self._turn:
                    producer = await self._connection()
                    self._deadlines.add(deadline)
                    await delivery.hand_over(producer, self._settings.max_record_bytes)
                await delivery.answered()
        except TimeoutError:
            if producer is None or producer is self._producer:
                failure = Unavailable(
                    f"the broker is away: no answer within {self._settings.delivery_timeout_s:g} s"
                )
            else:
                failure = Unavailable(f"the connection was given up: {self._health.reason}")
        except (KafkaError, OSError) as error:
            failure = away(error)
        except asyncio.CancelledError:
            await self._drop(producer, Unavailable("sending was cancelled"))
            raise
        finally:
            self._deadlines.discard(deadline)
        # First the keys are blocked, then the next in turn gets another client.
        unfit = delivery.end(failure)
        if delivery.batches_too_large:
            self._max_batch_bytes = max(1, self._max_batch_bytes // 2)
        if unfit is not None:
            await self._drop(producer, unfit)
        return delivery.outcomes

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
        """Whoever uses the same client is out of time now."""
        if producer is None or producer is not self._producer:
            return
        self._producer = None
        self._connected.clear()
        self._waiting(error)
        for deadline in self._deadlines:
            if not deadline.expired():
                deadline.reschedule(0)
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
        await ensure_topics(self._settings, self._topics)
        producer = AIOKafkaProducer(
            **self._settings.for_every_client(),
            acks="all",
            enable_idempotence=True,
            max_batch_size=self._max_batch_bytes,
            max_request_size=self._settings.max_record_bytes,
        )
        try:
            # Only the wait for a producer id has no end of its own.
            async with asyncio.timeout(2 * self._settings.request_timeout_s):
                await connect(producer)
        except BaseException:
            await abandon_producer(producer)
            raise
        return producer

    def _waiting(self, error: BusError) -> None:
        if self._health.become(State.WAITING, str(error)):
            _log.warning("producer waits", reason=str(error))
