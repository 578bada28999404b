"""What a comparison gathers on its way: changes, and the values that cross a boundary in both versions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from accord.changes.change import Change, Effect, Party
from accord.changes.exchanges import Exchange, Flow
from accord.changes.renames import is_named
from accord.changes.version import Version
from accord.compatibility import Mode
from accord.findings import Location
from accord.model.schemas import reference

__all__ = ["Gathered"]


@dataclass
class Gathered:
    """``inline`` are schemas that have no id of their own, by old and new key, with their places.

    ``today`` decides whether a sunset has passed.
    """

    old: Version
    new: Version
    mode: Mode
    today: date
    changes: list[Change] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    inline: tuple[dict[str, Any], dict[str, Any]] = field(default_factory=lambda: ({}, {}))
    places: dict[str, tuple[Location, Location]] = field(default_factory=dict)

    def say(
        self,
        rule: str,
        effect: Effect,
        subject: str,
        sentence: str,
        old: Location | None,
        new: Location | None,
        *hurts: Party,
        reason: str = "",
    ) -> None:
        """Note a change; whom it hurts counts only where it does."""
        parties = hurts if effect.hurts else ()
        self.changes.append(Change(rule, effect, subject, sentence, old, new, parties, reason))

    def exchange(
        self,
        subject: str,
        keys: tuple[str, str],
        flows: tuple[Flow, ...],
        places: tuple[Location, Location],
    ) -> None:
        """Note a value whose schemas have these keys."""
        self.exchanges.append(Exchange(subject, str(keys[0]), str(keys[1]), flows, *places))

    def exchange_inline(
        self,
        subject: str,
        documents: tuple[Any, Any],
        flows: tuple[Flow, ...],
        places: tuple[Location, Location],
    ) -> None:
        """Note a value whose schemas stand on the spot."""
        for index, version in enumerate((self.old, self.new)):
            document = documents[index]
            while (target := reference(document)) is not None and not is_named(target) and len(document) == 1:
                document = version.contract.schemas[target].document
            self.inline[index][subject] = document
        self.places[subject] = places
        self.exchange(subject, (subject, subject), flows, places)

    def tolerated(self) -> Effect:
        """The effect of what a tolerant reader passes over and a strict one refuses."""
        return Effect.SAFE if self.mode is Mode.TOLERANT else Effect.BREAKING

    def remarks(
        self, subject: str, said: Mapping[str, tuple[str, str]], old: Location, new: Location
    ) -> None:
        """Note texts for people that changed, by what they are."""
        if changed := [name for name, (before, after) in said.items() if before != after]:
            sentence = f"{' and '.join(changed)} changed"
            self.say("remark-changed", Effect.DOCS, subject, sentence, old, new)
