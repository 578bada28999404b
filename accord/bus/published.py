"""The log line that every published event leaves, whichever way it went."""

from collections.abc import Iterable
from typing import Any

from accord.bus.messages import OutgoingRecord
from accord.bus.transport import Acknowledged
from accord.observability import current_correlation_id, get_logger, log_each

__all__ = ["log_published"]

_log = get_logger(__name__)


def log_published(sent: Iterable[tuple[OutgoingRecord, Acknowledged]], name: str | None = None) -> None:
    """Log each under its own correlation id: a relay sends what many requests left.

    ``name`` is that of messages whose headers do not say it.
    """
    log_each(_log, "event published", (_members(*each, name) for each in sent))


def _members(record: OutgoingRecord, acknowledged: Acknowledged, name: str | None) -> dict[str, Any]:
    headers = dict(record.headers)
    members = {
        "event_type": _text(headers.get("event_type")) or name,
        "topic": record.topic,
        "partition": acknowledged.partition,
        "offset": acknowledged.offset,
        "key": _text(record.key),
    }
    if correlation_id := _text(headers.get("correlation_id")) or current_correlation_id():
        members["correlation_id"] = correlation_id
    return members


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode(errors="replace")
