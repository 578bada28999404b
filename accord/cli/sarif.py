"""Changes in the Static Analysis Results Interchange Format (OASIS SARIF 2.1.0), for code scanning."""

from collections.abc import Sequence
from typing import Any, Final

from accord.changes import Change, Effect
from accord.findings import Location
from accord.rules import all_rules

__all__ = ["as_sarif"]

_LEVELS: Final = {
    Effect.BREAKING: "error",
    Effect.UNPROVEN: "warning",
    Effect.SAFE: "note",
    Effect.DOCS: "none",
}


def as_sarif(changes: Sequence[Change]) -> dict[str, Any]:
    """One run with a result per change, and the rules that they name."""
    rules = sorted({change.rule for change in changes})
    driver = {
        "name": "accord",
        "rules": [_rule(rule) for rule in rules],
    }
    results = [_result(change, rules.index(change.rule)) for change in changes]
    run = {"tool": {"driver": driver}, "results": results}
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}


def _rule(rule: str) -> dict[str, Any]:
    found = all_rules()[rule]
    return {
        "id": rule,
        "shortDescription": {"text": found.sentence},
        "fullDescription": {"text": found.why},
        "help": {"text": found.fix},
    }


def _result(change: Change, index: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": change.rule,
        "ruleIndex": index,
        "level": _LEVELS[change.effect],
        "message": {"text": f"{change.subject}: {change.sentence}."},
        "locations": [_location(change.location)],
        "properties": {"effect": change.effect.value, "hurts": list(change.hurts), "uses": list(change.uses)},
    }
    if change.old is not None and change.new is not None:
        result["relatedLocations"] = [{**_location(change.old), "message": {"text": "before"}}]
    if change.witness is not None:
        result["properties"]["witness"] = change.as_json()["witness"]
    return result


def _location(location: Location) -> dict[str, Any]:
    """A URI reference; the name of a revision before the path is no part of it."""
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": location.path.rpartition(":")[2]},
            "region": {"startLine": location.line, "startColumn": location.column},
        }
    }
