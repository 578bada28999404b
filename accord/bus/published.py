"""The log line that every published event leaves, whichever way it went."""

from accord.bus.messages import OutgoingRecord
from accord.bus.transport import Acknowledged
from accord.observability import correlation, get_logger

__all__ = ["log_published"]

_log = get_logger(__name__)


def log_published(record: OutgoingRecord, acknowledged: Acknowledged, name: str | None = None) -> None:
    """Log under the record's own correlation id: a relay sends what many requests left.

    ``name`` is that of a message whose headers do not say it.
    """
    headers = {name: value.decode(errors="replace") for name, value in record.headers}
    with correlation(headers.get("correlation_id")):
        _log.info(
            "event published",
            event_type=headers.get("event_type", name),
            topic=record.topic,
            partition=acknowledged.partition,
            offset=acknowledged.offset,
            key=None if record.key is None else record.key.decode(errors="replace"),
        )
