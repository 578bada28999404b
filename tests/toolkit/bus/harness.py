"""What the bus suite needs from a broker, for the in-memory twin and for Kafka alike."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

from aiokafka.errors import KafkaError

from accord.bus.adapters.kafka import KafkaConsumerService, KafkaProducerService, KafkaSettings
from accord.bus.adapters.kafka_client import ensure_topics
from accord.bus.adapters.kafka_producer import KafkaRecordProducer
from accord.bus.adapters.memory import MemoryBroker, MemoryConsumer, MemoryPublisher, MemoryRecordProducer
from accord.bus.consumer import EventConsumer
from accord.bus.contract import Topic
from accord.bus.messages import OutgoingRecord, ReceivedEvent, Record
from accord.bus.ports import IEventPublisher
from accord.bus.retry import Backoff, RetryPolicy
from accord.bus.transport import Acknowledged, RecordProducer
from accord.testing.brokers import KafkaBroker
from accord.testing.capture import EventCapture
from tests.toolkit.bus.things import contracts

FAST = RetryPolicy(retries=3, backoff=Backoff(0.001, 0.01), outage=Backoff(0.01, 0.1))


class Harness(ABC):
    """One topic and one group of one's own at a broker; whatever it makes, it stops."""

    def __init__(self, producer: RecordProducer) -> None:
        self.group = f"group-{uuid4().hex[:8]}"
        self.topic = Topic(f"things-{uuid4().hex[:8]}", partitions=4)
        self.producer = producer
        self.consumers: list[EventConsumer] = []
        self.publishers: list[IEventPublisher] = []

    @property
    def dead_letter_topic(self) -> str:
        return f"{self.group}.dead-letters"

    async def start(self) -> None:
        await self.producer.start()

    async def stop(self) -> None:
        for consumer in self.consumers:
            await consumer.stop()
        for publisher in self.publishers:
            await publisher.stop()
        await self.producer.stop()

    async def put(self, *records: OutgoingRecord) -> list[Acknowledged]:
        """Let the broker have the records."""
        outcomes = await self.producer.send(records)
        return [outcome for outcome in outcomes if isinstance(outcome, Acknowledged)]

    def consumer(self, policy: RetryPolicy = FAST) -> EventConsumer:
        consumer = self._consumer(policy)
        self.consumers.append(consumer)
        return consumer

    async def publisher(self) -> IEventPublisher:
        publisher = self._publisher()
        await publisher.start()
        self.publishers.append(publisher)
        return publisher

    async def dead_letters(self, count: int) -> list[Record]:
        """Wait for so many dead letters, and see that there are no more."""
        await eventually(lambda: self._count(self.dead_letter_topic), at_least=count)
        found = await self.records(self.dead_letter_topic)
        assert len(found) == count, found
        return found

    async def _count(self, topic: str) -> int:
        return len(await self.records(topic))

    @abstractmethod
    async def records(self, topic: str) -> list[Record]: ...

    @abstractmethod
    async def away(self) -> None: ...

    @abstractmethod
    async def back(self) -> None: ...

    @abstractmethod
    async def committed(self) -> int:
        """How many records of the topic the group need not read again."""

    @abstractmethod
    def _consumer(self, policy: RetryPolicy) -> EventConsumer: ...

    @abstractmethod
    def _publisher(self) -> IEventPublisher: ...


class MemoryHarness(Harness):
    def __init__(self) -> None:
        self.broker = MemoryBroker()
        super().__init__(MemoryRecordProducer(self.broker))

    async def records(self, topic: str) -> list[Record]:
        return self.broker.records(topic)

    async def away(self) -> None:
        self.broker.away = True

    async def back(self) -> None:
        self.broker.away = False

    async def committed(self) -> int:
        return sum(self.broker.committed(self.group).values())

    def _consumer(self, policy: RetryPolicy) -> EventConsumer:
        return MemoryConsumer(self.broker, self.group, [self.topic], policy=policy)

    def _publisher(self) -> IEventPublisher:
        return MemoryPublisher(self.broker, contracts(self.topic))


class KafkaHarness(Harness):
    def __init__(self, kafka: KafkaBroker) -> None:
        self.kafka = kafka
        self.settings = settings(kafka.bootstrap_servers)
        super().__init__(KafkaRecordProducer(self.settings))

    async def start(self) -> None:
        # A busy broker takes longer to make a topic than a record may wait, and one that was frozen before
        # may not count itself among the brokers yet.
        await eventually(self._has_topic)
        await super().start()

    async def _has_topic(self) -> bool:
        try:
            await ensure_topics(self.settings, [self.topic])
        except KafkaError:
            return False
        return True

    async def records(self, topic: str) -> list[Record]:
        async with EventCapture(self.kafka.bootstrap_servers, [topic], from_start=True) as capture:
            return list(await capture.catch_up())

    async def away(self) -> None:
        self.kafka.pause()

    async def back(self) -> None:
        self.kafka.resume()

    async def committed(self) -> int:
        from confluent_kafka import Consumer, TopicPartition

        def ask() -> int:
            client = Consumer({"bootstrap.servers": self.kafka.bootstrap_servers, "group.id": self.group})
            partitions = [TopicPartition(self.topic.name, n) for n in range(self.topic.partitions or 0)]
            offsets = [max(found.offset, 0) for found in client.committed(partitions, timeout=10)]
            client.close()
            return sum(offsets)

        return await asyncio.to_thread(ask)

    def _consumer(self, policy: RetryPolicy) -> EventConsumer:
        return KafkaConsumerService(self.settings, self.group, [self.topic], policy=policy)

    def _publisher(self) -> IEventPublisher:
        return KafkaProducerService(self.settings, contracts(self.topic))


def settings(bootstrap_servers: str, **changed: Any) -> KafkaSettings:
    """Time-outs that let a test see an outage."""
    times = {
        "request_timeout_s": 6.0,
        "delivery_timeout_s": 2.0,
        "rebalance_timeout_s": 5.0,
        "check_interval_s": 0.5,
        **changed,
    }
    return KafkaSettings(bootstrap_servers, **times)


class Witness:
    """A handler that remembers what it saw, and fails as told: ``failures`` says per number, in turn, how."""

    def __init__(self, failures: dict[int, Sequence[Exception]] | None = None) -> None:
        self.attempts: list[ReceivedEvent] = []
        self.events: list[ReceivedEvent] = []
        self.batches: list[int] = []
        self._failures = {number: list(errors) for number, errors in (failures or {}).items()}
        self._news = asyncio.Event()

    async def one(self, event: ReceivedEvent) -> None:
        await self.many([event])

    async def many(self, events: Sequence[ReceivedEvent]) -> None:
        self.attempts += events
        self._news.set()
        for event in events:
            if errors := self._failures.get(event.payload["data"]["number"]):
                raise errors.pop(0)
        self.events += events
        self.batches.append(len(events))
        self._news.set()

    async def saw(self, count: int, within: float = 30.0) -> list[ReceivedEvent]:
        return await self._until(lambda: self.events, count, within)

    async def tried(self, count: int, within: float = 30.0) -> list[ReceivedEvent]:
        return await self._until(lambda: self.attempts, count, within)

    async def _until(
        self, what: Callable[[], list[ReceivedEvent]], count: int, within: float
    ) -> list[ReceivedEvent]:
        async with asyncio.timeout(within):
            while len(what()) < count:
                self._news.clear()
                await self._news.wait()
        return what()


async def eventually(question: Callable[[], Any], at_least: int = 1, within: float = 30.0) -> None:
    """Ask until the answer, a number or a truth value, is large enough."""
    async with asyncio.timeout(within):
        while True:
            answer = question()
            if asyncio.iscoroutine(answer):
                answer = await answer
            if answer >= at_least:
                return
            await asyncio.sleep(0.02)
