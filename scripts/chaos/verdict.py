"""`Verdict`: the five counts, each with the differences that it counts."""

from dataclasses import dataclass, field

__all__ = ["Verdict"]


@dataclass
class Verdict:
    """Sentences; a run holds if there is none."""

    lost: list[str] = field(default_factory=list)
    """Acknowledged and not there."""

    unasked: list[str] = field(default_factory=list)
    """There and not asked for."""

    disagreements: list[str] = field(default_factory=list)
    """Links on one side only, and caches that differ from the owner's table."""

    violations: list[str] = field(default_factory=list)
    """Records that break the contract."""

    dead_letters: list[str] = field(default_factory=list)
    """Dead letters that should not be."""

    @property
    def counts(self) -> dict[str, list[str]]:
        """What is counted, in words, with the differences."""
        return {
            "acknowledged and not there": self.lost,
            "there and not asked for": self.unasked,
            "the two sides differ": self.disagreements,
            "records that break the contract": self.violations,
            "dead letters": self.dead_letters,
        }

    @property
    def holds(self) -> bool:
        """Whether all five are zero."""
        return not any(self.counts.values())
