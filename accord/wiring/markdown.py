"""The wiring as Markdown, for a comment or a page of documentation."""

import json
from collections.abc import Iterator

from accord.wiring.text import COLUMNS, rows
from accord.wiring.wires import Trouble, Wiring

__all__ = ["as_markdown"]

_MARKS = {"fits": "✅ fits", "unproven": "❔ unproven", "nobody reads it": "➖ nobody reads it"}
_LONGEST = 2_000
"""Characters of a witness."""


def as_markdown(wiring: Wiring) -> str:
    """A table of all wires, and each trouble with its places and its witness folded below."""
    return "\n".join(_lines(wiring)) + "\n"


def _lines(wiring: Wiring) -> Iterator[str]:
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"|{'---|' * len(COLUMNS)}"
    for *cells, verdict in rows(wiring):
        shown = [f"`{_cell(cell)}`" if cell else "—" for cell in cells]
        yield f"| {' | '.join(shown)} | {_MARKS.get(verdict, f'❌ {verdict}')} |"
    for trouble in wiring.troubles:
        yield ""
        yield from _trouble(trouble)
    for finding in wiring.rest:
        yield ""
        yield f"- `{finding.location}` {finding.sentence} (`{finding.rule}`)"


def _trouble(trouble: Trouble) -> Iterator[str]:
    finding = trouble.finding
    other = f", the other side at `{trouble.other}`" if trouble.other else ""
    mark = "❌" if trouble.fails else "❔"
    yield f"- {mark} `{finding.location}`{other}: {_inline(finding.sentence)} (`{finding.rule}`)"
    if trouble.witness:
        value = json.dumps(trouble.witness[0], ensure_ascii=False, indent=2)
        shown = value if len(value) <= _LONGEST else f"{value[:_LONGEST]}\n…"
        yield ""
        yield "  <details><summary>A value that is sent and refused</summary>"
        yield ""
        yield "  ```json"
        yield from (f"  {line}" for line in shown.splitlines())
        yield "  ```"
        yield ""
        yield "  </details>"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("`", "'").replace("\n", " ")


def _inline(text: str) -> str:
    """Text of specs as text: nothing in it is markup."""
    return "".join(f"\\{char}" if char in "\\`*_[]<>#|" else char for char in text.replace("\n", " "))
