"""How much each rule counts in a project, and what it passes over: ``[tool.accord.lint]``."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from accord.findings import Location, Severity
from accord.lint.remarks import Remark
from accord.parsing.toml import TomlFile
from accord.rules import all_rules, nearest

__all__ = ["ENVELOPE", "Ignore", "LintSettings", "read_settings"]

ENVELOPE = ("event_type", "event_id", "timestamp", "correlation_id", "data")
"""What every event of Accord carries."""

_HEADER = "tool.accord.lint"
_OFF = "off"


@dataclass(frozen=True, slots=True)
class Ignore:
    """What one rule passes over; ``at`` is a pattern of ``file#pointer``, in which ``*`` is any text."""

    rule: str
    at: str
    reason: str
    location: Location

    def covers(self, remark: Remark) -> bool:
        """Whether the remark is one of those that are passed over."""
        return remark.rule == self.rule and fnmatchcase(remark.at, self.at)


@dataclass(frozen=True, slots=True)
class LintSettings:
    """``severities`` are those that the project changes, None for a rule that is off."""

    severities: Mapping[str, Severity | None]
    ignores: tuple[Ignore, ...]
    envelope: tuple[str, ...]


def read_settings(root: Path) -> LintSettings:
    """Read the pyproject.toml in the folder ``root``; raises `BrokenSpec` for what cannot be obeyed."""
    file = TomlFile(root / "pyproject.toml")
    table = file.document.get("tool", {}).get("accord", {}).get("lint", {})
    if not isinstance(table, dict):
        raise file.error("has 'lint' as something else than a table; write [tool.accord.lint]")
    for key in table.keys() - {"severity", "ignores", "envelope"}:
        sentence = f"has '{key}' in [{_HEADER}], which means nothing; it may hold envelope, ignores, severity"
        raise file.error(sentence, file.place(_HEADER, key))
    envelope = table.get("envelope", list(ENVELOPE))
    if not _texts(envelope):
        raise file.error(
            "has 'envelope' as something else than a list of texts", file.place(_HEADER, "envelope")
        )
    return LintSettings(
        _severities(file, table.get("severity", {})),
        _ignores(file, table.get("ignores", [])),
        tuple(envelope),
    )


def _severities(file: TomlFile, table: Any) -> dict[str, Severity | None]:
    header = f"{_HEADER}.severity"
    if not isinstance(table, dict):
        raise file.error(f"has 'severity' as something else than a table [{header}]")
    found: dict[str, Severity | None] = {}
    for rule, said in table.items():
        place = file.place(header, rule)
        _check_rule(file, rule, place)
        if said not in (*Severity, _OFF):
            raise file.error(f"gives {rule} the severity '{said}'; it is error, warning or off", place)
        found[rule] = None if said == _OFF else Severity(said)
    return found


def _ignores(file: TomlFile, tables: Any) -> tuple[Ignore, ...]:
    header = f"{_HEADER}.ignores"
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise file.error(f"has 'ignores' as something else than tables [[{header}]]")
    found = []
    for index, table in enumerate(tables):
        place = file.place(header, index=index)
        if place.line == 1:
            place = file.place(_HEADER, "ignores")
        for key in table.keys() - {"rule", "at", "reason"}:
            raise file.error(f"has '{key}' in [[{header}]], which means nothing; say rule, at, reason", place)
        if not _texts(list(table.values())) or "rule" not in table:
            raise file.error("ignores something without naming a rule; say 'rule' and 'at'", place)
        _check_rule(file, table["rule"], place)
        found.append(Ignore(table["rule"], table.get("at", "*"), table.get("reason", "").strip(), place))
    return tuple(found)


def _check_rule(file: TomlFile, rule: str, place: Location) -> None:
    if rule not in all_rules():
        near = nearest(rule)
        remedy = f"did you mean {near[0]}?" if near else "`accord rules` lists all of them"
        raise file.error(f"names the rule '{rule}', which there is not; {remedy}", place)


def _texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)
