"""The bus over Kafka: the publisher and the consumer that a service wires up."""

from collections.abc import Mapping, Sequence
from typing import Any

from accord.bus.adapters.kafka_client import KafkaSettings
from accord.bus.adapters.kafka_producer import KafkaRecordProducer
from accord.bus.adapters.kafka_source import KafkaRecordSource
from accord.bus.consumer import STOP_TIMEOUT_S, EventConsumer
from accord.bus.contract import EventContract, Topic
from accord.bus.dead_letters import DeadLetters, letters_topic
from accord.bus.health import Health
from accord.bus.publisher import DirectPublisher
from accord.bus.retry import RetryPolicy

__all__ = ["KafkaConsumerService", "KafkaProducerService", "KafkaRecordProducer", "KafkaSettings"]


class KafkaProducerService(DirectPublisher):
    """Publishes straight to Kafka; ``contracts`` are what the service sends, by event type."""

    def __init__(self, settings: KafkaSettings, contracts: Mapping[str, EventContract[Any]]) -> None:
        topics = {contract.topic.name: contract.topic for contract in contracts.values()}
        self._kafka = KafkaRecordProducer(settings, tuple(topics.values()))
        super().__init__(self._kafka, contracts)

    @property
    def health(self) -> Health:
        """Whether the producer is connected."""
        return self._kafka.health


class KafkaConsumerService(EventConsumer):
    """Reads ``topics`` as the only member of ``group`` in this process, from the first record on.

    What no retry can help goes to ``dead_letters``, by default ``<group>.dead-letters``. That topic, too, is
    made if it is missing.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        group: str,
        topics: Sequence[Topic],
        *,
        dead_letters: Topic | None = None,
        policy: RetryPolicy | None = None,
        stop_timeout_s: float = STOP_TIMEOUT_S,
    ) -> None:
        letters = dead_letters or letters_topic(f"{group}.dead-letters")
        self._letters_producer = KafkaRecordProducer(settings, (letters,))
        super().__init__(
            KafkaRecordSource(settings, group, topics),
            DeadLetters(self._letters_producer, letters.name, group),
            policy,
            stop_timeout_s=stop_timeout_s,
        )

    async def start(self) -> None:
        await self._letters_producer.start()
        await super().start()

    async def stop(self) -> None:
        await super().stop()
        await self._letters_producer.stop()
