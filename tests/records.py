"""Records as the services send them: around an envelope, its key and the headers that repeat it."""

import json
from typing import Any

from accord.bus.messages import Header, OutgoingRecord

__all__ = ["around", "headers_of", "key_of"]

_REPEATED = ("event_type", "event_id", "correlation_id")
_KEYS = {
    "library.authors": ("author_id",),
    "library.books": ("book_id",),
    "library.author-books": ("author_id", "book_id"),
    "library.book-authors": ("author_id", "book_id"),
}


def around(topic: str, value: bytes, key: bytes | None = None) -> OutgoingRecord:
    """The record of an envelope, or of anything else as good as it goes; ``key`` is another than its own."""
    try:
        envelope = json.loads(value)
    except ValueError:
        envelope = None
    return OutgoingRecord(topic, key_of(topic, envelope) if key is None else key, value, headers_of(envelope))


def key_of(topic: str, envelope: Any) -> bytes:
    """The key of an event about the entity in its data; some key for what is no event."""
    data = envelope.get("data") if isinstance(envelope, dict) else None
    if not isinstance(data, dict):
        return b"4"
    return ":".join(str(data.get(member)) for member in _KEYS[topic]).encode()


def headers_of(envelope: Any) -> tuple[Header, ...]:
    """What the headers say again."""
    if not isinstance(envelope, dict):
        return ()
    return tuple((name, str(envelope[name]).encode()) for name in _REPEATED if name in envelope)
