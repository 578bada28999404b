"""The end of a log for a person to read: one short line for each, JSON or not."""

import json
from pathlib import Path
from typing import Any

__all__ = ["last_lines"]

TAIL_BYTES = 100_000
ALREADY_SHOWN = frozenset({"timestamp", "level", "event", "service", "logger", "exception"})


def last_lines(log: Path, count: int) -> list[str]:
    """Return the last lines, the last of each traceback included, without what only a machine needs."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return []
    return [_shorten(line) for line in text.splitlines()[-count:]]


def _shorten(line: str) -> str:
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    if not isinstance(entry, dict):
        return line
    said = [
        str(entry.get("timestamp", ""))[11:23],
        f"{entry.get('level', ''):<7}",
        str(entry.get("event", "")),
    ]
    said += [f"{name}={value}" for name, value in entry.items() if name not in ALREADY_SHOWN]
    said += [_cause(entry["exception"])] if "exception" in entry else []
    return " ".join(said)


def _cause(exception: Any) -> str:
    return (
        f"({exception['type']}: {exception['message']})" if isinstance(exception, dict) else f"({exception})"
    )
