"""Dead letters: records that no retry can help, kept as they came, with what an operator needs to know."""

from collections.abc import Callable
from datetime import UTC, datetime

from accord.bus.contract import Topic
from accord.bus.dispatch import correlation_id_of
from accord.bus.errors import Refused, Unavailable
from accord.bus.messages import Header, OutgoingRecord, Record
from accord.bus.transport import Acknowledged, RecordProducer
from accord.observability import correlation, get_logger

__all__ = ["KEY_OMITTED", "PREFIX", "VALUE_OMITTED", "DeadLetters", "dead_letter", "letters_topic"]

PREFIX = "dead_letter."
"""What the names of the added headers begin with, so that they never hide one that came."""

MAX_REASON = 1000
"""Characters; the header must not make the record larger than the broker takes."""

MAX_CORRELATION_ID = 128
"""What the envelope admits; a header may hold anything."""

MAX_KEY = 1000
"""Bytes; a longer key stays behind with a value that is too large."""

VALUE_OMITTED = "value_omitted"
KEY_OMITTED = "key_omitted"
"""The headers, under `PREFIX`, of a dead letter without its value or key; they tell how many bytes it had."""

_OUR_HEADERS = 9

_log = get_logger(__name__)


def letters_topic(name: str) -> Topic:
    """A dead-letter stream where no spec describes it: kept for ever, not for the week that Kafka grants."""
    return Topic(name, partitions=1, config={"cleanup.policy": "delete", "retention.ms": "-1"})


def _now() -> datetime:
    return datetime.now(UTC)


def dead_letter(
    topic: str, group: str, record: Record, error: BaseException, correlation_id: str | None, time: datetime
) -> OutgoingRecord:
    """Build the dead letter: same key and value, the headers that came, then ours, each under `PREFIX`.

    ``reason``, ``error``, ``topic``, ``partition``, ``offset``, ``timestamp`` (milliseconds since the epoch),
    ``group``, ``correlation_id`` and ``time`` (RFC 3339, UTC), all as text.
    """
    about = {
        "reason": _shorten(str(error) or type(error).__name__, MAX_REASON),
        "error": f"{type(error).__module__}.{type(error).__qualname__}",
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "timestamp": str(record.timestamp),
        "group": group,
        "correlation_id": _shorten(correlation_id or "", MAX_CORRELATION_ID),
        "time": time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }
    added: tuple[Header, ...] = tuple(
        (PREFIX + name, text.encode(errors="replace")) for name, text in about.items()
    )
    return OutgoingRecord(topic, record.key, record.value, (*record.headers, *added))


class DeadLetters:
    """Writes the dead letters of one consumer group to its topic; the producer is started by the owner."""

    def __init__(
        self, producer: RecordProducer, topic: str, group: str, clock: Callable[[], datetime] = _now
    ) -> None:
        self._producer = producer
        self._topic = topic
        self._group = group
        self._clock = clock

    async def bury(self, record: Record, error: BaseException, correlation_id: str | None = None) -> None:
        """Return once the broker has the dead letter; raises `Unavailable` if that is not certain."""
        correlation_id = correlation_id or correlation_id_of(record)
        letter = dead_letter(self._topic, self._group, record, error, correlation_id, self._clock())
        outcome = (await self._producer.send([letter]))[0]
        if isinstance(outcome, Refused):
            # Most likely too large with our headers. What is left out is still where it came from.
            outcome = (await self._producer.send([_without_contents(letter)]))[0]
        if not isinstance(outcome, Acknowledged):
            raise Unavailable(f"the dead letter topic {self._topic} does not take the record: {outcome}")
        with correlation(correlation_id):
            _log.error(
                "event dead-lettered",
                reason=_shorten(str(error), MAX_REASON),
                exc_info=error,
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
                key=None if record.key is None else record.key[:MAX_KEY].decode(errors="replace"),
                dead_letter_topic=self._topic,
                dead_letter_partition=outcome.partition,
                dead_letter_offset=outcome.offset,
            )


def _without_contents(letter: OutgoingRecord) -> OutgoingRecord:
    """Leave out the value and the headers that came, and a key that may be what is too large."""
    headers = [*letter.headers[-_OUR_HEADERS:], (PREFIX + VALUE_OMITTED, _size(letter.value))]
    key = letter.key
    if key is not None and len(key) > MAX_KEY:
        key = None
        headers.append((PREFIX + KEY_OMITTED, _size(letter.key)))
    return OutgoingRecord(letter.topic, key, b"", tuple(headers))


def _size(contents: bytes | None) -> bytes:
    return str(len(contents or b"")).encode()


def _shorten(sentence: str, most: int) -> str:
    return sentence if len(sentence) <= most else f"{sentence[: most - 1]}…"
