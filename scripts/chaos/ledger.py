"""The ledger: every write that was asked for through REST, and what the client was told of it."""

import time
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["SIDES", "EntityWrite", "Kind", "Ledger", "LinkWrite", "Outcome", "other_side"]

SIDES = ("authors", "books")


class Outcome(StrEnum):
    """What the client knows; a write that is still under way is unknown."""

    ACKNOWLEDGED = "acknowledged"
    UNKNOWN = "unknown"
    REFUSED = "refused"


class Kind(StrEnum):
    """What is done to an entity; the event is called after it."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


@dataclass(slots=True)
class EntityWrite:
    """One request to create, change or delete.

    ``token`` is the name or title that it writes, never written twice; a delete writes none. ``version`` is
    the one that it makes, known beforehand because If-Match names the one before. The id of a new entity is
    known once it was acknowledged.
    """

    side: str
    kind: Kind
    version: int
    token: str = ""
    entity_id: int | None = None
    outcome: Outcome = Outcome.UNKNOWN


@dataclass(slots=True)
class LinkWrite:
    """One request on ``side`` to link or unlink, as far as it concerns this pair."""

    side: str
    author_id: int
    book_id: int
    linked: bool
    outcome: Outcome = Outcome.UNKNOWN

    @property
    def pair(self) -> tuple[int, int]:
        """The author's and the book's id."""
        return self.author_id, self.book_id


@dataclass
class Ledger:
    """Written before a request is sent and again when it is answered, so that nothing is forgotten."""

    entities: list[EntityWrite] = field(default_factory=list)
    links: list[LinkWrite] = field(default_factory=list)
    requests: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    """Settled requests; one that links several books is one."""

    by_second: dict[Outcome, Counter[int]] = field(default_factory=lambda: {o: Counter() for o in Outcome})
    """The same, by the second since `began`."""

    refusals: Counter[str] = field(default_factory=Counter)
    """Why requests were refused, by status or kind of error."""

    began: float = field(default_factory=time.monotonic)
    oddities: list[str] = field(default_factory=list)
    """Answers that no fault excuses, such as a 500."""

    _tokens: int = 0

    def new_token(self, words: str) -> str:
        """Return words that no other write of this run uses."""
        self._tokens += 1
        return f"{words} {self._tokens}"

    def open(self, write: EntityWrite) -> EntityWrite:
        """Note a write that is about to be asked for."""
        self.entities.append(write)
        return write

    def open_link(self, writes: list[LinkWrite]) -> list[LinkWrite]:
        """Note the pairs of one request that is about to be sent."""
        self.links += writes
        return writes

    def settle(self, writes: "list[EntityWrite] | list[LinkWrite]", outcome: Outcome) -> None:
        """Note what one request came to."""
        for write in writes:
            write.outcome = outcome
        self.requests[outcome] += 1
        self.by_second[outcome][int(time.monotonic() - self.began)] += 1


def other_side(side: str) -> str:
    """The service that caches what this one owns."""
    return "books" if side == "authors" else "authors"
