"""Reading from Kafka as one member of a consumer group, with offsets committed by hand."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalOperation, KafkaError

from accord.bus.adapters.kafka_client import KafkaSettings, away, ensure_topics, in_one_line
from accord.bus.adapters.kafka_connecting import abandon_consumer, connect
from accord.bus.adapters.kafka_names import read_any_name
from accord.bus.contract import Topic
from accord.bus.errors import Unavailable
from accord.bus.messages import Record
from accord.bus.transport import Fetched, Offsets, Partition, RecordSource
from accord.observability import get_logger

__all__ = ["KafkaRecordSource", "to_record"]

_POLL_MS = 500
_COMMIT_TIMEOUT_S = 10.0
_FOR_EVER_MS = 2**31 - 1
"""aiokafka leaves the group when nobody fetched for so long; waiting for a database is no reason to leave."""

_log = get_logger(__name__)


class KafkaRecordSource(RecordSource):
    """Starts at the first record where the group has committed nothing yet."""

    def __init__(self, settings: KafkaSettings, group: str, topics: Sequence[Topic]) -> None:
        self._settings = settings
        self._group = group
        self._topics = tuple(topics)
        self._consumer: AIOKafkaConsumer | None = None
        self._epoch = 0
        self._revoked = False
        self._heard_at = 0.0
        self._joining: asyncio.Task[None] | None = None
        self._absent_since: float | None = None
        """Since when it is opened, or opened again and again, without an assignment."""

    @property
    def epoch(self) -> int:
        return self._epoch

    @property
    def assigned(self) -> frozenset[Partition]:
        if self._consumer is None:
            return frozenset()
        return frozenset((each.topic, each.partition) for each in self._consumer.assignment())

    async def open(self, on_revoked: Callable[[], Awaitable[None]]) -> None:
        await self.close()
        try:
            await ensure_topics(self._settings, self._topics)
        except (KafkaError, OSError) as error:
            raise away(error) from error
        self._absent_since = self._absent_since or time.monotonic()
        self._consumer = consumer = self._client()
        listener = _Listener(self, on_revoked)
        if any(topic.parameters for topic in self._topics):
            pattern = "|".join(topic.pattern for topic in self._topics)
            consumer.subscribe(pattern=f"^(?:{pattern})$", listener=listener)
        else:
            consumer.subscribe([topic.name for topic in self._topics], listener=listener)
        self._joining = asyncio.create_task(self._join(consumer), name="joining the group")

    async def _join(self, consumer: AIOKafkaConsumer) -> None:
        try:
            async with asyncio.timeout(2 * self._settings.request_timeout_s):
                await connect(consumer)
        except TimeoutError as error:
            raise Unavailable("the broker is away: it assigned no partitions") from error
        except (KafkaError, OSError) as error:
            raise away(error) from error
        self._heard_at = time.monotonic()
        self._absent_since = None

    async def fetch(self) -> Fetched:
        consumer = self._opened()
        if not await self._has_joined():
            return Fetched(self._epoch, trouble=self._absence())
        try:
            fetched = await consumer.getmany(timeout_ms=_POLL_MS, max_records=self._settings.max_poll_records)
            # Nothing was awaited since getmany returned. Until partitions are assigned anew, it goes on with
            # those that are taken away, which is of no epoch.
            epoch = -1 if self._revoked else self._epoch
        except (KafkaError, OSError) as error:
            raise away(error) from error
        except UnicodeDecodeError as error:
            read_any_name()
            raise Unavailable("the name of a header is no UTF-8: its partition is read anew") from error
        if fetched:
            self._heard_at = time.monotonic()
            return Fetched(epoch, [to_record(each) for part in sorted(fetched) for each in fetched[part]])
        return Fetched(epoch, trouble=await self._trouble(consumer))

    async def commit(self, offsets: Offsets) -> None:
        try:
            async with asyncio.timeout(_COMMIT_TIMEOUT_S):
                await self._opened().commit(
                    {TopicPartition(topic, number): offset for (topic, number), offset in offsets.items()}
                )
        except (TimeoutError, KafkaError, OSError, IllegalOperation) as error:
            raise Unavailable(f"offsets not committed: {in_one_line(error)}") from error

    async def close(self) -> None:
        consumer, self._consumer = self._consumer, None
        joining, self._joining = self._joining, None
        try:
            if joining is not None:
                joining.cancel()
                await asyncio.gather(joining, return_exceptions=True)
        finally:
            if consumer is not None:
                self._epoch += 1
                await abandon_consumer(consumer)

    async def _has_joined(self) -> bool:
        """Wait a moment for the assignment, if it is still to come; raise why it does not."""
        if self._joining is not None:
            await asyncio.wait([self._joining], timeout=_POLL_MS / 1000)
            if not self._joining.done():
                return False
            joining, self._joining = self._joining, None
            joining.result()
        return True

    def _absence(self) -> str | None:
        """Others take as long as the time-out of a rebalance to let a member in; after that it is trouble."""
        absent_s = time.monotonic() - (self._absent_since or 0)
        return "the group assigns no partitions" if absent_s > self._settings.rebalance_timeout_s else None

    async def _trouble(self, consumer: AIOKafkaConsumer) -> str | None:
        """aiokafka is silent about a broker that does not answer; asking for the topics tells."""
        if time.monotonic() - self._heard_at < self._settings.check_interval_s:
            return None
        try:
            async with asyncio.timeout(self._settings.check_interval_s):
                await consumer.topics()
        except (TimeoutError, KafkaError, OSError) as error:
            return str(away(error))
        self._heard_at = time.monotonic()
        return None

    def _opened(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            raise Unavailable("the source is closed")
        return self._consumer

    def _client(self) -> AIOKafkaConsumer:
        settings = self._settings
        return AIOKafkaConsumer(
            **settings.for_every_client(),
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=int(settings.session_timeout_s * 1000),
            heartbeat_interval_ms=int(settings.session_timeout_s * 1000 / 4),
            rebalance_timeout_ms=int(settings.rebalance_timeout_s * 1000),
            max_poll_interval_ms=_FOR_EVER_MS,
            fetch_max_wait_ms=int(settings.fetch_wait_s * 1000),
            max_partition_fetch_bytes=settings.max_partition_fetch_bytes,
            fetch_max_bytes=settings.max_fetch_bytes,
        )

    def revoke(self) -> None:
        """What was fetched until now is of an earlier epoch."""
        self._epoch += 1
        self._revoked = True

    def assign(self) -> None:
        """What is fetched from now on is of the present epoch."""
        self._revoked = False


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """aiokafka gives all partitions away in each rebalance, and starts again from the committed offsets."""

    def __init__(self, source: KafkaRecordSource, on_revoked: Callable[[], Awaitable[None]]) -> None:
        self._source = source
        self._on_revoked = on_revoked

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        self._source.revoke()
        if revoked:
            _log.info("partitions revoked", partitions=_names(revoked))
        await self._on_revoked()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self._source.assign()
        _log.info("partitions assigned", partitions=_names(assigned))


def _names(partitions: set[TopicPartition]) -> list[str]:
    return sorted(f"{each.topic}/{each.partition}" for each in partitions)


def to_record(found: Any) -> Record:
    """What aiokafka read, as a value."""
    return Record(
        found.topic,
        found.partition,
        found.offset,
        found.key,
        found.value,
        tuple([(name, value or b"") for name, value in found.headers]),
        found.timestamp,
    )
