"""`Topic`: one topic seen from outside, to fill it, and to see how far it or a group of readers is."""

from collections.abc import Iterable, Mapping
from typing import Self

from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from scripts.bench.bus.events import BookEvent
from scripts.bench.workload import RoundFailed

__all__ = ["Sent", "Topic"]

PARTITIONS = 4
"""Of every topic here, as the specs and the embedded broker have it."""

ANSWER_SECONDS = 10.0
FLUSH_SECONDS = 60.0

Sent = Mapping[int, tuple[BookEvent, int]]
"""For each partition the last event that was put there, and the offset behind it."""


class Topic:
    """Asks as a client of ``group``, without being a member of it; the topic is made if there is none."""

    def __init__(self, bootstrap_servers: str, name: str, group: str) -> None:
        self.name = name
        self._group_id = group
        self._admin = AdminClient({"bootstrap.servers": bootstrap_servers, "log_level": 0})
        self._producer = Producer({"bootstrap.servers": bootstrap_servers, "linger.ms": 5, "log_level": 0})
        self._producer.list_topics(name, timeout=ANSWER_SECONDS)
        self._group = Consumer({"bootstrap.servers": bootstrap_servers, "group.id": group, "log_level": 0})

    def send(self, events: Iterable[BookEvent]) -> Sent:
        """Return when the broker has all of them; raises `RoundFailed` if it does not take one."""
        sent: dict[int, tuple[BookEvent, int]] = {}
        refused: list[str] = []
        for event in events:

            def delivered(error: KafkaError | None, message: Message, event: BookEvent = event) -> None:
                if error is not None:
                    refused.append(str(error))
                else:
                    sent[message.partition() or 0] = event, (message.offset() or 0) + 1

            self._producer.produce(
                self.name,
                key=event.key,
                value=event.value,
                headers=list(event.headers),
                on_delivery=delivered,
            )
            self._producer.poll(0)
        left = self._producer.flush(FLUSH_SECONDS)
        if refused or left:
            raise RoundFailed(f"{len(refused) + left} events were not taken by the broker: {refused[:1]}")
        return sent

    def is_committed(self, sent: Sent) -> bool:
        """Tell whether the group has committed everything up to there."""
        asked = [TopicPartition(self.name, number) for number in sent]
        found = self._group.committed(asked, timeout=ANSWER_SECONDS)
        return all(each.offset >= sent[each.partition][1] for each in found)

    def readers(self) -> int:
        """Count the members of the group that have partitions of the topic, on a broker that tells."""
        described = self._admin.describe_consumer_groups([self._group_id])[self._group_id].result()
        shares = (member.assignment.topic_partitions for member in described.members if member.assignment)
        return sum(any(part.topic == self.name for part in share) for share in shares)

    def end(self) -> int:
        """Count what the topic was ever given."""
        return sum(
            self._group.get_watermark_offsets(TopicPartition(self.name, number), timeout=ANSWER_SECONDS)[1]
            for number in range(PARTITIONS)
        )

    def close(self) -> None:
        """Hang up."""
        self._producer.flush(ANSWER_SECONDS)
        self._group.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
