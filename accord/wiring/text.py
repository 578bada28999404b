"""The wiring as plain text: who sends what to whom, and a table of every wire."""

import json
from collections.abc import Iterator, Sequence

from accord.wiring.routes import routes, state
from accord.wiring.wires import Trouble, Wiring, key_of

__all__ = ["COLUMNS", "as_text", "details", "rows"]

_ARROWS = {"good": "──▶", "doubtful": "─?▶", "bad": "─✗▶"}
COLUMNS = ("topic", "event", "key", "from", "to", "verdict")
_LONGEST = 1_000
"""Characters of a witness; what is longer is told by JSON."""


def as_text(wiring: Wiring) -> str:
    """A line for each topic between two services, then the table."""
    if not wiring.wires:
        return "No service sends or receives anything.\n"
    table = _aligned([COLUMNS, *rows(wiring)])
    return "\n".join([*_aligned(_picture(wiring)), "", *table]) + "\n"


def rows(wiring: Wiring) -> list[tuple[str, ...]]:
    """A row for each wire, under `COLUMNS`."""
    return [
        (
            wire.topic,
            wire.event,
            key_of(wire.end.message),
            wire.sender.service if wire.sender else "",
            wire.reader.service if wire.reader else "",
            wire.verdict,
        )
        for wire in wiring.wires
    ]


def details(trouble: Trouble) -> Iterator[str]:
    """What is told below a finding: the place on the other side, and what shows the trouble."""
    if trouble.other is not None:
        yield f"  other side  {trouble.other}"
    if trouble.witness:
        value = json.dumps(trouble.witness[0], ensure_ascii=False)
        yield f"  witness     {value if len(value) <= _LONGEST else f'{value[:_LONGEST]}…'}"


def _picture(wiring: Wiring) -> list[tuple[str, ...]]:
    said: tuple[str, ...] = ()
    found: list[tuple[str, ...]] = []
    for route in routes(wiring):
        ends = (route.sender or "(nobody)", _ARROWS[state(route.wires)], route.reader or "(nobody)")
        shown = ends if ends != said else ("", "", "")
        found.append((*shown, route.topic, ", ".join(route.events)))
        said = ends
    return found


def _aligned(table: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
