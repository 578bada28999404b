"""Dead letters read back: what each says, and what an operator decided about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import orjson

from accord.bus.contract import Topic
from accord.bus.dead_letters import KEY_OMITTED, PREFIX, VALUE_OMITTED
from accord.bus.messages import Header, OutgoingRecord, Record

__all__ = ["DeadLetter", "Outcome", "Status", "outcomes_topic", "read_letter", "read_outcome"]


class Status(StrEnum):
    """Where a dead letter stands."""

    OPEN = "open"
    REPLAYED = "replayed"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """``about`` is what our headers say, without `PREFIX`; ``headers`` are those that came with the record.

    A record that somebody else wrote to the stream has nothing in ``about``.
    """

    record: Record
    about: Mapping[str, str]
    headers: tuple[Header, ...]

    @property
    def id(self) -> str:
        """``partition:offset`` within the dead-letter stream."""
        return f"{self.record.partition}:{self.record.offset}"

    @property
    def event_type(self) -> str | None:
        """What the record's header says it was, else its value."""
        for name, value in self.headers:
            if name == "event_type":
                return value.decode(errors="replace")
        try:
            envelope = orjson.loads(self.record.value or b"")
        except orjson.JSONDecodeError:
            return None
        found = envelope.get("event_type") if isinstance(envelope, dict) else None
        return found if isinstance(found, str) else None

    @property
    def obstacle(self) -> str | None:
        """Why it cannot be replayed, if so."""
        if not self.about.get("topic"):
            return "it is no dead letter: it does not say where it came from"
        for what in (KEY_OMITTED, VALUE_OMITTED):
            if what in self.about:
                part = what.removesuffix("_omitted")
                origin = f"{self.about['topic']}, partition {self.about['partition']}"
                return (
                    f"its {part} of {self.about[what]} bytes was too large to be kept here; "
                    f"it may still be in {origin}, at offset {self.about['offset']}"
                )
        return None

    def original(self) -> OutgoingRecord:
        """The record as it came, for the stream that it came from; only without `obstacle`."""
        return OutgoingRecord(self.about["topic"], self.record.key, self.record.value, self.headers)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided about the dead letter ``id``, and when (RFC 3339, UTC); ``reason`` of a discard.

    ``letter`` is when that dead letter was written: a stream that was deleted and made anew counts from 0.
    """

    id: str
    status: Status
    at: str
    letter: str
    reason: str = ""

    def concerns(self, letter: DeadLetter) -> bool:
        """Whether it is this letter that was decided about."""
        return self.id == letter.id and self.letter == letter.about.get("time", "")

    def record(self, topic: str) -> OutgoingRecord:
        """Keyed by the id, so that compaction keeps the last decision."""
        return OutgoingRecord(topic, self.id.encode(), orjson.dumps(self))


def outcomes_topic(topic: str) -> Topic:
    """The companion of a dead-letter stream."""
    return Topic(f"{topic}.outcomes", partitions=1, config={"cleanup.policy": "compact"})


def read_letter(record: Record) -> DeadLetter:
    """Part our headers, which are the last ones, from those that came."""
    names = [name for name, _ in record.headers]
    start = len(names)
    if PREFIX + "reason" in names:
        start -= names[::-1].index(PREFIX + "reason") + 1
    about = {
        name.removeprefix(PREFIX): value.decode(errors="replace")
        for name, value in record.headers[start:]
        if name.startswith(PREFIX)
    }
    return DeadLetter(record, about, record.headers[:start])


def read_outcome(record: Record) -> Outcome | None:
    """None for what no command here wrote."""
    try:
        said = orjson.loads(record.value or b"")
        return Outcome(
            str(said["id"]), Status(said["status"]), str(said["at"]), str(said["letter"]), str(said["reason"])
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None
