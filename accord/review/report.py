"""The whole review: what each check says, and the one verdict over it."""

from collections import Counter
from dataclasses import dataclass

from accord.review.notes import Level, Note

__all__ = ["Review"]


@dataclass(frozen=True, slots=True)
class Review:
    """``notes`` has the worst first; ``picture`` is the wiring as SVG, ``wiring`` the same as text."""

    against: str
    mode: str
    notes: tuple[Note, ...]
    picture: str = ""
    wiring: str = ""

    @property
    def fails(self) -> bool:
        """Whether the gate stays closed."""
        return any(note.level.fails for note in self.notes)

    @property
    def changes(self) -> tuple[Note, ...]:
        """What differs from the version before."""
        return tuple(note for note in self.notes if note.action != "found")

    @property
    def findings(self) -> tuple[Note, ...]:
        """What is wrong with the version at hand, whatever it was before."""
        return tuple(note for note in self.notes if note.action == "found")

    @property
    def counts(self) -> dict[Level, int]:
        """How many notes have each weight, the worst first."""
        counted = Counter(note.level for note in self.notes)
        return {level: counted[level] for level in Level if counted[level]}

    @property
    def verdict(self) -> str:
        """The whole in one sentence."""
        counts = self.counts
        if self.fails:
            told = [
                _count(counts[level], noun)
                for level, noun in _NOUNS.items()
                if level.fails and counts.get(level)
            ]
            return f"Not yet: {_listed(told)}."
        if not self.changes:
            warnings = counts.get(Level.WARNING)
            rest = f"; {Level.WARNING.counted(warnings)}" if warnings else ", and nothing is wrong"
            return f"Nothing changed against {self.against}{rest}."
        return f"Safe: {_count(len(self.changes), 'change')} against {self.against}, and nobody is hurt."


_NOUNS = {
    Level.BREAKING: "breaking change",
    Level.UNPROVEN: "unproven change",
    Level.ERROR: "finding",
}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _listed(parts: list[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
