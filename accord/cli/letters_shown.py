"""A dead letter for the eyes and for machines."""

from typing import Any

from accord.bus.letters import DeadLetter, Outcome
from accord.cli.safe import as_json, pretty, shortened, visible, visible_bytes

__all__ = ["full", "in_full", "row", "summary"]


def summary(letter: DeadLetter, outcome: Outcome | None) -> dict[str, Any]:
    """What a list says; members are null where the letter does not say."""
    about = letter.about
    return {
        "id": letter.id,
        "time": about.get("time"),
        "reason": about.get("reason"),
        "topic": about.get("topic"),
        "partition": _number(about.get("partition")),
        "offset": _number(about.get("offset")),
        "key": as_json(letter.record.key),
        "event_type": letter.event_type,
        "correlation_id": about.get("correlation_id") or None,
        "status": str(outcome.status) if outcome else "open",
    }


def full(letter: DeadLetter, outcome: Outcome | None) -> dict[str, Any]:
    """Everything."""
    return {
        **summary(letter, outcome),
        "error": letter.about.get("error"),
        "group": letter.about.get("group"),
        "timestamp": _number(letter.about.get("timestamp")),
        "outcome": {"at": outcome.at, "reason": outcome.reason} if outcome else None,
        "obstacle": letter.obstacle,
        "headers": [[name, as_json(value)] for name, value in letter.headers],
        "value": as_json(letter.record.value),
    }


def row(entry: dict[str, Any]) -> tuple[str, ...]:
    """One line of the table for a `summary`."""
    origin = f"{entry['topic']}/{entry['partition']}:{entry['offset']}" if entry["topic"] else ""
    return (
        entry["id"],
        _cell(entry, "time", 27),
        _cell(entry, "reason", 60),
        visible(origin),
        _cell(entry, "key", 30),
        _cell(entry, "event_type", 30),
        _cell(entry, "correlation_id", 36),
        entry["status"],
    )


def in_full(letter: DeadLetter, outcome: Outcome | None) -> str:
    """Everything, as lines of text; the value comes last."""
    entry = full(letter, outcome)
    lines = [f"Dead letter {letter.id}, {entry['status']}{_decided(outcome)}"]
    for name in ("time", "reason", "error", "group", "topic", "partition", "offset", "timestamp"):
        lines.append(f"  {name:<15} {visible(str(_or_nothing(entry[name])))}")
    lines.append(f"  {'key':<15} {visible_bytes(letter.record.key)}")
    for name in ("event_type", "correlation_id"):
        lines.append(f"  {name.replace('_', ' '):<15} {visible(str(_or_nothing(entry[name])))}")
    if letter.obstacle:
        lines.append(f"  {'no replay':<15} {visible(letter.obstacle)}")
    lines += [f"  header {visible(name)}: {visible_bytes(value)}" for name, value in letter.headers]
    return "\n".join([*lines, pretty(letter.record.value)])


def _decided(outcome: Outcome | None) -> str:
    if outcome is None:
        return ""
    return f" at {visible(outcome.at)}{f': {visible(outcome.reason)}' if outcome.reason else ''}"


def _cell(entry: dict[str, Any], name: str, most: int) -> str:
    value = entry[name]
    if isinstance(value, dict):
        value = f"base64:{value['base64']}"
    return shortened(visible(str(_or_nothing(value))[:1000]), most)


def _or_nothing(value: Any) -> Any:
    return "" if value is None else value


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.removeprefix("-").isdecimal() else None
