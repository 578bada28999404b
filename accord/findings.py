"""Findings: the one form in which every check says what it saw, and where."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = ["BrokenSpec", "Finding", "Location", "Problems", "Severity"]


class Severity(StrEnum):
    """Whether a finding fails the check that made it."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file; line and column count from 1, as editors do."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One line that a check prints; ``sentence`` says what is wrong and the remedy, without a full stop."""

    location: Location
    rule: str
    sentence: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return f"{self.location}: {self.sentence} [{self.rule}]"

    def as_json(self) -> dict[str, Any]:
        """Flat, so that a reader needs no knowledge of Accord."""
        return {
            "path": self.location.path,
            "line": self.location.line,
            "column": self.location.column,
            "sentence": self.sentence,
            "rule": self.rule,
            "severity": self.severity.value,
        }


class BrokenSpec(Exception):
    """A spec, or the project's own settings, cannot be read; nothing was made of it."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        super().__init__("\n".join(map(str, self.findings)))

    @classmethod
    def at(cls, location: Location, rule: str, sentence: str) -> "BrokenSpec":
        """The usual case: one place, one sentence."""
        return cls([Finding(location, rule, sentence)])


@dataclass(slots=True)
class Problems:
    """Gathers what is broken in independent parts, so that one run names all of it."""

    findings: list[Finding] = field(default_factory=list)

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Note a `BrokenSpec` of the body and go on after it."""
        try:
            yield
        except BrokenSpec as broken:
            self.findings.extend(broken.findings)

    def raise_if_any(self) -> None:
        """Raise one `BrokenSpec` with all that was gathered."""
        if self.findings:
            raise BrokenSpec(self.findings)
