"""Changes in SARIF, with whom they hurt and what shows it."""

from collections.abc import Sequence
from typing import Any, Final

from accord.changes import Change, Effect
from accord.cli.sarif_log import place, sarif_log

__all__ = ["as_sarif"]

_LEVELS: Final = {
    Effect.BREAKING: "error",
    Effect.UNPROVEN: "warning",
    Effect.SAFE: "note",
    Effect.DOCS: "none",
}


def as_sarif(changes: Sequence[Change]) -> dict[str, Any]:
    """One run with a result per change, and the rules that they name."""
    return sarif_log([(change.rule, _result(change)) for change in changes])


def _result(change: Change) -> dict[str, Any]:
    result: dict[str, Any] = {
        "level": _LEVELS[change.effect],
        "message": {"text": f"{change.subject}: {change.sentence}."},
        "locations": [place(change.location)],
        "properties": {"effect": change.effect.value, "hurts": list(change.hurts), "uses": list(change.uses)},
    }
    if change.old is not None and change.new is not None:
        result["relatedLocations"] = [{**place(change.old), "message": {"text": "before"}}]
    if change.witness is not None:
        result["properties"]["witness"] = change.as_json()["witness"]
    return result
