"""Dead letters: records that no retry can help, kept as they came, with what an operator needs to know."""

from collections.abc import Callable
from datetime import UTC, datetime

from accord.bus.dispatch import correlation_id_of
from accord.bus.errors import Refused, Unavailable
from accord.bus.messages import Header, OutgoingRecord, Record
from accord.bus.transport import Acknowledged, RecordProducer
from accord.observability import correlation, get_logger

__all__ = ["PREFIX", "DeadLetters", "dead_letter"]

PREFIX = "dead_letter."
"""What the names of the added headers begin with, so that they never hide one that came."""

MAX_REASON = 1000
"""Characters; the header must not make the record larger than the broker takes."""

_log = get_logger(__name__)


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
        "reason": _shorten(str(error) or type(error).__name__),
        "error": f"{type(error).__module__}.{type(error).__qualname__}",
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "timestamp": str(record.timestamp),
        "group": group,
        "correlation_id": correlation_id or "",
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
            # Most likely too large with our headers. The value is still where it came from.
            omitted = (PREFIX + "value_omitted", str(len(record.value or b"")).encode())
            shorter = OutgoingRecord(letter.topic, letter.key, b"", (*letter.headers[-9:], omitted))
            outcome = (await self._producer.send([shorter]))[0]
        if not isinstance(outcome, Acknowledged):
            raise Unavailable(f"the dead letter topic {self._topic} does not take the record: {outcome}")
        with correlation(correlation_id):
            _log.error(
                "event dead-lettered",
                reason=_shorten(str(error)),
                exc_info=error,
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
                key=None if record.key is None else record.key.decode(errors="replace"),
                dead_letter_topic=self._topic,
                dead_letter_partition=outcome.partition,
                dead_letter_offset=outcome.offset,
            )


def _shorten(sentence: str) -> str:
    return sentence if len(sentence) <= MAX_REASON else f"{sentence[: MAX_REASON - 1]}…"
