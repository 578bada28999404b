"""Wires: one message on its way from a service that sends it to one that receives it."""

from dataclasses import dataclass
from typing import Any

from accord.findings import Finding, Location, Severity
from accord.model.events import KeyExpression, Message

__all__ = ["End", "Trouble", "Wire", "Wiring", "key_of"]


@dataclass(frozen=True, slots=True)
class End:
    """A service with a message that it sends or receives."""

    service: str
    message: Message


@dataclass(frozen=True, slots=True)
class Trouble:
    """A finding about a wire: ``other`` is the place on the other side, ``witness`` holds what is refused."""

    finding: Finding
    other: Location | None = None
    witness: tuple[Any, ...] = ()
    refusal: str = ""

    @property
    def fails(self) -> bool:
        """Whether it is more than a warning."""
        return self.finding.severity is Severity.ERROR

    def as_json(self) -> dict[str, Any]:
        """Flat, like findings; members that do not apply are not there."""
        found = self.finding.as_json()
        if self.other is not None:
            found["other"] = {
                "path": self.other.path,
                "line": self.other.line,
                "column": self.other.column,
            }
        if self.witness:
            found["witness"] = {"value": self.witness[0], "refused": self.refusal}
        return found


@dataclass(frozen=True, slots=True)
class Wire:
    """One event on one topic; an end is missing where nobody sends it, or nobody receives it."""

    sender: End | None
    reader: End | None
    troubles: tuple[Trouble, ...] = ()

    @property
    def end(self) -> End:
        """The end that is there; the sender's, if both are."""
        found = self.sender or self.reader
        assert found is not None  # noqa: S101 - a wire without ends is none
        return found

    @property
    def topic(self) -> str:
        """The name of its topic."""
        return self.end.message.topic.name

    @property
    def event(self) -> str:
        """The type of its events."""
        return self.end.message.event_type

    @property
    def verdict(self) -> str:
        """In one or two words."""
        if self.sender is None:
            return "nobody sends it"
        if any(trouble.fails for trouble in self.troubles):
            return "does not fit"
        if self.reader is None:
            return "nobody reads it"
        return "unproven" if self.troubles else "fits"


@dataclass(frozen=True, slots=True)
class Wiring:
    """All wires of a project, by topic and event; ``services`` are those that send or receive anything."""

    services: tuple[str, ...]
    wires: tuple[Wire, ...]
    rest: tuple[Finding, ...] = ()
    """What is wrong with the settings for it."""

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """All of them, in the order of their places."""
        found = [trouble for wire in self.wires for trouble in wire.troubles]
        return tuple(sorted({t.finding: t for t in found}.values(), key=lambda trouble: trouble.finding))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong, without the other side and the witness."""
        return tuple(sorted([*self.rest, *(trouble.finding for trouble in self.troubles)]))


def key_of(message: Message) -> str:
    """How the key of a message is made, as people write it; empty if nothing says so."""
    if isinstance(message.key, KeyExpression):
        return "".join(
            part if isinstance(part, str) else f"{{{'/'.join(part)}}}" for part in message.key.parts
        )
    return f"any {message.key.name}" if message.key is not None else ""
