"""What producer and consumer over aiokafka share: settings, making topics, words for an error."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from accord.bus.adapters.kafka_connecting import abandon_admin, connect
from accord.bus.contract import Topic
from accord.bus.errors import Unavailable
from accord.observability import get_logger

__all__ = [
    "KafkaSettings",
    "away",
    "ensure_topics",
    "in_one_line",
    "new_topic",
]

_BROKER_DEFAULT = -1

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """Where the brokers are, and how long each thing may take; times in seconds, sizes in bytes."""

    bootstrap_servers: str
    client_id: str = "accord"
    request_timeout_s: float = 30.0
    delivery_timeout_s: float = 15.0
    """From the sending of records to their acknowledgement. Less than the request timeout: aiokafka gives up
    single batches after that, and later ones of the same key could then overtake them."""
    session_timeout_s: float = 6.0
    """After a crash the partitions of a member are free after this time (Kafka's least by default)."""
    rebalance_timeout_s: float = 20.0
    """How long a rebalance waits for the event in hand."""
    metadata_max_age_s: float = 2.0
    """A topic or partition that somebody else makes is seen after this time."""
    check_interval_s: float = 5.0
    """A consumer to which nothing comes asks the broker this often whether it is there."""
    fetch_wait_s: float = 0.05
    """How long a broker may hold back an empty answer; librdkafka's mock always does, so this adds delay."""
    max_record_bytes: int = 1_000_000
    max_batch_bytes: int = 65_536
    max_partition_fetch_bytes: int = 1_048_576
    max_fetch_bytes: int = 16_777_216
    max_poll_records: int = 200
    """As many as a consumer hands on at once."""

    def __post_init__(self) -> None:
        if not self.delivery_timeout_s < self.request_timeout_s:
            raise ValueError("delivery_timeout_s must be less than request_timeout_s")
        if not self.rebalance_timeout_s < self.request_timeout_s:
            raise ValueError(
                "rebalance_timeout_s must be less than request_timeout_s: joining waits that long"
            )

    def for_every_client(self) -> dict[str, Any]:
        """The arguments that each client of aiokafka takes."""
        return {
            "bootstrap_servers": self.bootstrap_servers,
            "client_id": self.client_id,
            "request_timeout_ms": int(self.request_timeout_s * 1000),
            "metadata_max_age_ms": int(self.metadata_max_age_s * 1000),
        }


def away(error: BaseException) -> Unavailable:
    """Say in one line that the broker is away, and why."""
    return Unavailable(f"the broker is away: {in_one_line(error)}")


def in_one_line(error: BaseException) -> str:
    """What went wrong; some errors of aiokafka bring line breaks along, or no words at all."""
    return " ".join(f"{type(error).__name__}: {error}".rstrip(": ").split())


def new_topic(name: str, partitions: int | None, replicas: int | None, config: Mapping[str, str]) -> NewTopic:
    """What a broker is asked to make; None leaves a number to its own settings (KIP-464)."""
    topic = NewTopic(name, 1, 1, topic_configs=dict(config))
    # Afterwards, as aiokafka itself takes -1 for a mistake.
    topic.num_partitions = _BROKER_DEFAULT if partitions is None else partitions
    topic.replication_factor = _BROKER_DEFAULT if replicas is None else replicas
    return topic


async def ensure_topics(settings: KafkaSettings, topics: Iterable[Topic]) -> None:
    """Create what does not exist yet, as the spec wants it; raises KafkaError if no broker answers.

    Topics with parameters are made by whoever knows their values.
    A broker that forbids it is only warned about: the topics may exist, or somebody else may make them.
    """
    admin = AIOKafkaAdminClient(**settings.for_every_client())
    try:
        await connect(admin)
        existing = set(await admin.list_topics())
        named = {topic.name: topic for topic in topics if not topic.parameters}
        missing = {name: topic for name, topic in named.items() if name not in existing}
        if not missing:
            return
        cluster = await admin.describe_cluster()
        if cluster["controller_id"] not in {broker["node_id"] for broker in cluster["brokers"]}:
            # No controller, nobody to create topics: such a broker makes them when they are first asked for.
            await admin.describe_topics(list(missing))
            return
        answer = await admin.create_topics(
            [
                new_topic(topic.name, topic.partitions, topic.replicas, topic.config)
                for topic in missing.values()
            ]
        )
        for name, code, *_ in answer.topic_errors:
            if code == 0:
                _log.info("topic created", topic=name, partitions=missing[name].partitions)
            elif for_code(code) is not TopicAlreadyExistsError:
                _log.warning("topic not created", topic=name, reason=for_code(code).__name__)
    finally:
        await abandon_admin(admin)
