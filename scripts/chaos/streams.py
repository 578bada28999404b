"""Doing with a stream what its readers must bear: old records once more, and older offsets to begin at."""

import random
import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from accord.bus.messages import Record
from accord.testing.capture import to_record
from accord.testing.process import ProcessFailed
from scripts.chaos.snapshot import STREAMS

__all__ = ["READ", "repeat", "rewind"]

READ = {
    "authors": ("library.books", "library.book-authors"),
    "books": ("library.authors", "library.author-books"),
}
"""What each service consumes."""

LOOKED_AT = 40
"""Records of each partition, of which about every other is repeated."""

MOST_REWOUND = 200
"""Records of each partition."""

PATIENCE_S = 60.0
"""A member that was killed is in its group until its session ends, and the broker may be away as well."""

ANSWER_S = 5.0
ASK_AGAIN_S = 0.5


def repeat(bootstrap_servers: str, dice: random.Random) -> None:
    """Append old records of all streams to their partitions; raises `ProcessFailed`.

    Only some of those that followed each other: were they all there, the last of a key would mend the others.
    A producer without idempotence does so when it is not answered, and so does whoever replays dead letters.
    """
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            found = _old_records(bootstrap_servers, dice)
            break
        except KafkaException as error:
            _wait(deadline, f"no old records to repeat: {error}")
    producer = Producer({"bootstrap.servers": bootstrap_servers, "log_level": 0, "acks": "all"})
    for each in found:
        headers: list[tuple[str, str | bytes | None]] = [*each.headers]
        producer.produce(each.topic, each.value, each.key, partition=each.partition, headers=headers)
    if left := producer.flush(PATIENCE_S):
        raise ProcessFailed(f"{left} of {len(found)} repeated records were not acknowledged")


def rewind(bootstrap_servers: str, side: str, dice: random.Random) -> None:
    """Commit older offsets for the group of ``side``, none of whose members lives; raises `ProcessFailed`."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        group = _consumer(bootstrap_servers, f"{side}-service")
        try:
            places = [
                TopicPartition(topic, number)
                for topic in READ[side]
                for number in group.list_topics(topic, timeout=ANSWER_S).topics[topic].partitions
            ]
            for place in (committed := group.committed(places, timeout=ANSWER_S)):
                place.offset = max(0, place.offset - dice.randint(1, MOST_REWOUND))
            group.commit(offsets=committed, asynchronous=False)
            return
        except KafkaException as error:
            _wait(deadline, f"the group of {side} was not rewound: {error}")
        finally:
            group.close()


def _old_records(bootstrap_servers: str, dice: random.Random) -> list[Record]:
    """The records at some place of each partition, with gaps."""
    reader = _consumer(bootstrap_servers, "chaos")
    try:
        found: list[Record] = []
        for topic in STREAMS:
            for number in sorted(reader.list_topics(topic, timeout=ANSWER_S).topics[topic].partitions):
                low, high = reader.get_watermark_offsets(TopicPartition(topic, number), timeout=ANSWER_S)
                first = dice.randint(low, max(low, high - LOOKED_AT))
                reader.assign([TopicPartition(topic, number, first)])
                for message in reader.consume(min(LOOKED_AT, high - first), timeout=ANSWER_S):
                    if (error := message.error()) is not None:
                        raise KafkaException(error)
                    if dice.random() < 0.5:
                        found.append(to_record(message))
        return found
    finally:
        reader.close()


def _consumer(bootstrap_servers: str, group: str) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": bootstrap_servers,
            "group.id": group,
            "enable.auto.commit": False,
            "log_level": 0,
        }
    )


def _wait(deadline: float, trouble: str) -> None:
    if time.monotonic() > deadline:
        raise ProcessFailed(trouble)
    time.sleep(ASK_AGAIN_S)
