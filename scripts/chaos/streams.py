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

MOST_REPEATED = 300
MOST_REWOUND = 500
"""Records of each partition."""

PATIENCE_S = 60.0
"""A member that was killed is in its group until its session ends, and the broker may be away as well."""

ANSWER_S = 5.0
ASK_AGAIN_S = 0.5


def repeat(bootstrap_servers: str, dice: random.Random) -> None:
    """Append records from some old offset on to their partition; raises `ProcessFailed`.

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
    reader = _consumer(bootstrap_servers, "chaos")
    try:
        topic = dice.choice(STREAMS)
        number = dice.choice(sorted(reader.list_topics(topic, timeout=ANSWER_S).topics[topic].partitions))
        low, high = reader.get_watermark_offsets(TopicPartition(topic, number), timeout=ANSWER_S)
        reader.assign([TopicPartition(topic, number, dice.randint(low, max(low, high - 1)))])
        found = reader.consume(MOST_REPEATED, timeout=ANSWER_S)
        for each in found:
            if (error := each.error()) is not None:
                raise KafkaException(error)
        return [to_record(each) for each in found]
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
