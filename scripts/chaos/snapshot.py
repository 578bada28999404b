"""`Snapshot`: both databases and all streams at rest, as the judge reads them."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from accord.bus.messages import Record
from accord.testing.capture import EventCapture
from scripts.chaos.ledger import SIDES, other_side

__all__ = ["DEAD_LETTERS", "STREAMS", "Entity", "EntityEvent", "Link", "LinkEvent", "Snapshot", "take"]

STREAMS = ("library.authors", "library.author-books", "library.books", "library.book-authors")
DEAD_LETTERS = ("authors-service.dead-letters", "books-service.dead-letters")
READ_SECONDS = 60.0

ENTITIES = {
    "authors": "SELECT author_id, version, name, {0} FROM {1}",
    "books": "SELECT book_id, version, title, {0} FROM {1}",
}
OTHER_COLUMNS = {
    "authors": "nationality, biography, created_at, updated_at",
    "books": "isbn, publication_year, summary, created_at, updated_at",
}
LINKS = {"authors": "author_books", "books": "book_authors"}


@dataclass(frozen=True, slots=True)
class Entity:
    """A row of the owner's table, or a living one of the cache."""

    version: int
    token: str
    others: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A row of a side's table of links."""

    version: int
    origin: str
    linked: bool


@dataclass(frozen=True, slots=True)
class EntityEvent:
    """What a stream says of an author or a book."""

    event_id: str
    side: str
    kind: str
    entity_id: int
    version: int
    token: str


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """What a stream says of a link."""

    event_id: str
    side: str
    pair: tuple[int, int]
    link: Link


def _for_each_side() -> dict[str, Any]:
    return {side: {} for side in SIDES}


@dataclass
class Snapshot:
    """Keyed by the owning side, caches too; ``whole`` tells if no stream lost its beginning."""

    owners: dict[str, dict[int, Entity]] = field(default_factory=_for_each_side)
    caches: dict[str, dict[int, Entity]] = field(default_factory=_for_each_side)
    links: dict[str, dict[tuple[int, int], Link]] = field(default_factory=_for_each_side)
    entity_events: list[EntityEvent] = field(default_factory=list)
    link_events: list[LinkEvent] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    dead_letters: list[Record] = field(default_factory=list)
    whole: bool = True

    def read_events(self, records: Iterable[Record]) -> None:
        """Take the events out of records; those that are none are for the contract's judge alone."""
        for record in records:
            try:
                envelope = json.loads(record.value or b"")
                self._add(envelope)
            except (ValueError, KeyError, TypeError):
                continue

    def _add(self, envelope: Mapping[str, Any]) -> None:
        subject, _, kind = envelope["event_type"].partition(".")
        data, event_id = envelope["data"], envelope["event_id"]
        if subject in ("author", "book"):
            token = data["name" if subject == "author" else "title"]
            event = EntityEvent(event_id, f"{subject}s", kind, data[f"{subject}_id"], data["version"], token)
            self.entity_events.append(event)
        else:
            side = "authors" if subject == "author_book" else "books"
            link = Link(data["version"], data["origin"], kind == "linked")
            self.link_events.append(LinkEvent(event_id, side, (data["author_id"], data["book_id"]), link))


async def take(databases: Mapping[str, str], bootstrap_servers: str) -> Snapshot:
    """Read everything; ``databases`` holds the URL of each side's database, without a driver."""
    snapshot = Snapshot()
    for side, url in databases.items():
        await _read_database(snapshot, side, url)
    async with EventCapture(bootstrap_servers, (*STREAMS, *DEAD_LETTERS), from_start=True) as capture:
        records = await capture.catch_up(READ_SECONDS)
    snapshot.records = [record for record in records if record.topic in STREAMS]
    snapshot.dead_letters = [record for record in records if record.topic in DEAD_LETTERS]
    snapshot.whole = _is_whole(snapshot.records)
    await asyncio.to_thread(snapshot.read_events, snapshot.records)
    return snapshot


async def _read_database(snapshot: Snapshot, side: str, url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        own = await connection.fetch(ENTITIES[side].format(OTHER_COLUMNS[side], side))
        other = other_side(side)
        cached = await connection.fetch(
            ENTITIES[other].format(OTHER_COLUMNS[other], f"{other}_cache") + " WHERE deleted_at IS NULL"
        )
        links = await connection.fetch(
            f"SELECT author_id, book_id, version, origin, linked FROM {LINKS[side]}"
        )
    finally:
        await connection.close()
    snapshot.owners[side] = _entities(own)
    snapshot.caches[other] = _entities(cached)
    snapshot.links[side] = {(row[0], row[1]): Link(row[2], row[3], row[4]) for row in links}


def _entities(rows: Sequence[Sequence[Any]]) -> dict[int, Entity]:
    return {row[0]: Entity(row[1], row[2], tuple(row[3:])) for row in rows}


def _is_whole(records: Iterable[Record]) -> bool:
    """Tell whether each partition is there from its first record on, without a gap."""
    offsets: dict[tuple[str, int], list[int]] = defaultdict(list)
    for record in records:
        offsets[record.topic, record.partition].append(record.offset)
    return all(sorted(found) == list(range(len(found))) for found in offsets.values())
