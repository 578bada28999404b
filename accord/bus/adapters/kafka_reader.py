"""Reading what a Kafka topic holds at present, as no member of any group."""

import time
from collections.abc import AsyncGenerator, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from accord.bus.adapters.kafka_client import KafkaSettings, away
from accord.bus.adapters.kafka_connecting import abandon_admin, abandon_consumer, connect
from accord.bus.adapters.kafka_source import to_record
from accord.bus.errors import Unavailable, UnknownTopic
from accord.bus.messages import Record
from accord.bus.transport import TopicReader

__all__ = ["KafkaTopicReader"]

_POLL_MS = 500
_MAX_RECORDS = 500


class KafkaTopicReader(TopicReader):
    """Connects for each reading anew; commits nothing."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings

    async def topics(self) -> Mapping[str, int]:
        """The topics of the cluster, each with its number of partitions; raises `Unavailable`."""
        admin = AIOKafkaAdminClient(**self._settings.for_every_client())
        try:
            await connect(admin)
            # All are asked for: a broker may make a topic that it is asked for by name.
            return {each["topic"]: len(each["partitions"]) for each in await admin.describe_topics()}
        except (KafkaError, OSError) as error:
            raise away(error) from error
        finally:
            await abandon_admin(admin)

    async def read(
        self, topic: str, within: Mapping[int, tuple[int, int]] | None = None
    ) -> AsyncGenerator[Record, None]:
        partitions = (await self.topics()).get(topic)
        if partitions is None:
            raise UnknownTopic(f"there is no topic {topic}")
        consumer = self._client()
        try:
            await connect(consumer)
            ends = await _assign(consumer, [TopicPartition(topic, n) for n in range(partitions)], within)
            heard_at = time.monotonic()
            while any([await consumer.position(part) < end for part, end in ends.items()]):
                fetched = await consumer.getmany(timeout_ms=_POLL_MS, max_records=_MAX_RECORDS)
                for part, records in fetched.items():
                    for found in records:
                        if found.offset < ends[part]:
                            yield to_record(found)
                if fetched:
                    heard_at = time.monotonic()
                elif time.monotonic() - heard_at > self._settings.request_timeout_s:
                    raise Unavailable(f"the broker is away: no more of {topic} came")
        except (KafkaError, OSError) as error:
            raise away(error) from error
        finally:
            await abandon_consumer(consumer)

    def _client(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            **self._settings.for_every_client(),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=int(self._settings.fetch_wait_s * 1000),
            max_partition_fetch_bytes=self._settings.max_partition_fetch_bytes,
            fetch_max_bytes=self._settings.max_fetch_bytes,
        )


async def _assign(
    consumer: AIOKafkaConsumer,
    partitions: list[TopicPartition],
    within: Mapping[int, tuple[int, int]] | None,
) -> dict[TopicPartition, int]:
    """Go to where the reading begins; return where it ends, for the partitions that hold anything of it."""
    firsts, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
    if within is not None:
        partitions = [part for part in partitions if part.partition in within]
        firsts |= {part: max(firsts[part], within[part.partition][0]) for part in partitions}
        ends |= {part: min(ends[part], within[part.partition][1]) for part in partitions}
    partitions = [part for part in partitions if firsts[part] < ends[part]]
    consumer.assign(partitions)
    for part in partitions:
        consumer.seek(part, firsts[part])
    return {part: ends[part] for part in partitions}
