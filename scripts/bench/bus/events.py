"""Events of the Books Service as the bytes that Kafka carries, made before any clock runs."""

import random
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import orjson

__all__ = ["BookEvent", "changes", "mixed"]

_UPDATED = 5
"""Every fifth event of a mixture changes a book that an earlier one created."""

_RECENT = 200
"""One of so many that were created last."""


@dataclass(frozen=True, slots=True)
class BookEvent:
    """About 300 bytes of JSON under the book's id; the headers repeat what the envelope says."""

    book_id: int
    version: int
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def mixed(count: int, seed: int = 0) -> list[BookEvent]:
    """Books that are created and changed, each book's versions in their order; the same bytes each time."""
    chance = random.Random(seed)
    versions: dict[int, int] = {}
    events = []
    for number in range(1, count + 1):
        newest = len(versions)
        repeated = newest and number % _UPDATED == 0
        book_id = newest - chance.randrange(min(newest, _RECENT)) if repeated else newest + 1
        versions[book_id] = versions.get(book_id, 0) + 1
        events.append(_event(book_id, versions[book_id], chance))
    return events


def changes(book_ids: Iterable[int], version: int, seed: int = 0) -> Iterator[BookEvent]:
    """One event for each of the books, which raises it to ``version``."""
    chance = random.Random(seed)
    return (_event(book_id, version, chance) for book_id in book_ids)


def _event(book_id: int, version: int, chance: random.Random) -> BookEvent:
    event_type = "book.created" if version == 1 else "book.updated"
    event_id, correlation_id = (str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _ in range(2))
    moment = "2026-01-05T09:30:00.000000Z"
    envelope = {
        "event_type": event_type,
        "event_id": event_id,
        "timestamp": moment,
        "correlation_id": correlation_id,
        "data": {
            "book_id": book_id,
            "title": f"Tales from Earthsea, {book_id}",
            "isbn": None,
            "publication_year": 2001,
            "summary": None,
            "version": version,
            "created_at": moment,
            "updated_at": moment,
        },
    }
    headers = {"event_type": event_type, "event_id": event_id, "correlation_id": correlation_id}
    return BookEvent(
        book_id,
        version,
        str(book_id).encode(),
        orjson.dumps(envelope),
        [(name, text.encode()) for name, text in headers.items()],
    )
