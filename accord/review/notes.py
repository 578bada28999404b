"""Changes and findings in the one form in which reports show them."""

from dataclasses import dataclass
from enum import StrEnum

from accord.findings import Finding, Location, Severity
from accord.rules import all_rules

__all__ = ["Level", "Note", "Witnessed", "of_finding"]


class Level(StrEnum):
    """How much a note weighs; the worst comes first."""

    BREAKING = "breaking"
    ERROR = "error"
    UNPROVEN = "unproven"
    WARNING = "warning"
    SAFE = "safe"
    DOCS = "docs only"

    @property
    def fails(self) -> bool:
        """Whether a gate has to stay closed."""
        return self in (Level.BREAKING, Level.ERROR, Level.UNPROVEN)

    @property
    def sign(self) -> str:
        """What stands beside its colour, for whoever sees none."""
        return _SIGNS[self]

    def counted(self, number: int) -> str:
        """So many of them: ``2 errors``, but ``2 breaking``."""
        plural = number != 1 and self in (Level.ERROR, Level.WARNING)
        return f"{number} {self}{'s' if plural else ''}"


_SIGNS = {
    Level.BREAKING: "✕",
    Level.ERROR: "✕",
    Level.UNPROVEN: "?",
    Level.WARNING: "!",
    Level.SAFE: "✓",
    Level.DOCS: "¶",
}


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A value that shows what breaks; ``value`` is JSON, ``pointer`` the place in it that is refused.

    Without a ``keyword`` the sentence says where, too.
    """

    carrier: str
    value: str
    pointer: str
    keyword: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Note:
    """``part`` is the check that says it, ``action`` whether something was added, removed or changed.

    ``new`` and ``old`` are its places in both versions; a finding has the first alone. ``remedy`` says how
    to do it safely, or how to mend it.
    """

    part: str
    level: Level
    action: str
    subject: str
    sentence: str
    rule: str
    new: Location | None
    old: Location | None = None
    hurts: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    reason: str = ""
    witness: Witnessed | None = None
    remedy: str = ""

    @property
    def place(self) -> Location:
        """Where to look first."""
        return self.new or self.old or Location("")


def of_finding(
    part: str, finding: Finding, other: Location | None = None, witness: Witnessed | None = None
) -> Note:
    """What a check says; ``other`` is the place on the other side, where there are two."""
    level = Level.ERROR if finding.severity is Severity.ERROR else Level.WARNING
    rule = all_rules().get(finding.rule)
    return Note(
        part,
        level,
        "found",
        "",
        finding.sentence,
        finding.rule,
        finding.location,
        other,
        witness=witness,
        remedy=rule.fix if rule else "",
    )
