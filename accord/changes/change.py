"""One difference between two versions of the specs, and what it does to whom."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from accord.compatibility import Witness
from accord.findings import Location

__all__ = ["Change", "Effect", "Party", "worst"]


class Effect(StrEnum):
    """What a change does; the worst comes first."""

    BREAKING = "breaking"
    UNPROVEN = "unproven"
    SAFE = "safe"
    DOCS = "docs only"

    @property
    def hurts(self) -> bool:
        """Whether a gate has to stay closed."""
        return self in (Effect.BREAKING, Effect.UNPROVEN)


class Party(StrEnum):
    """Who is on the other side of a change, and was there before it."""

    CLIENTS = "old clients"
    READERS = "old readers"
    REPLAY = "replay of stored events"
    SENDERS = "senders of today"


@dataclass(frozen=True, slots=True)
class Change:
    """``subject`` is the operation, message or schema; ``sentence`` says what changed, without a full stop.

    ``old`` and ``new`` are the places in both versions; None where there is nothing on that side. ``uses``
    are the exchanges that a changed schema takes part in. ``reason`` says why a change is unproven. A
    ``witness`` is a value of ``carrier`` that one side writes and the other refuses.
    """

    rule: str
    effect: Effect
    subject: str
    sentence: str
    old: Location | None
    new: Location | None
    hurts: tuple[Party, ...] = ()
    reason: str = ""
    witness: Witness | None = None
    carrier: str = ""
    uses: tuple[str, ...] = field(default=())

    @property
    def location(self) -> Location:
        """Where to look first: the new version, or what is gone."""
        found = self.new or self.old
        return found if found is not None else Location("")

    def as_json(self) -> dict[str, Any]:
        """Flat, so that a reader needs no knowledge of Accord."""
        return {
            "rule": self.rule,
            "effect": self.effect.value,
            "subject": self.subject,
            "sentence": self.sentence,
            "old": _place(self.old),
            "new": _place(self.new),
            "hurts": [party.value for party in self.hurts],
            "reason": self.reason,
            "uses": list(self.uses),
            "witness": None if self.witness is None else _witness(self.witness, self.carrier),
        }


def worst(changes: list[Change]) -> Effect | None:
    """The worst effect among changes; None if there are none."""
    order = list(Effect)
    return min((change.effect for change in changes), key=order.index, default=None)


def _place(location: Location | None) -> dict[str, Any] | None:
    if location is None:
        return None
    return {"path": location.path, "line": location.line, "column": location.column}


def _witness(witness: Witness, carrier: str) -> dict[str, Any]:
    return {
        "carrier": carrier,
        "value": witness.value,
        "pointer": witness.pointer,
        "keyword": witness.keyword,
        "sentence": witness.sentence,
    }
