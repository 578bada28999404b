"""Changes for people at a terminal: what, where, whom it hurts, what shows it, how to go on safely."""

import json
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any, Final

import click

from accord.changes import Change, Effect
from accord.cli.safe import visible
from accord.rules import all_rules

__all__ = ["abridged", "as_text"]

_COLOURS: Final = {
    Effect.BREAKING: "red",
    Effect.UNPROVEN: "yellow",
    Effect.SAFE: "green",
    Effect.DOCS: "blue",
}
_WIDTH: Final = 100
_LONGEST: Final = 60
"""Characters of one text within a witness; of a longer one the beginning is shown, and how long it is."""
_MOST: Final = 8
"""Items of one array within a witness."""


def as_text(changes: Sequence[Change]) -> Iterator[str]:
    """A line per change, ``path:line:col: effect: subject: sentence [rule]``; more where somebody is hurt."""
    for change in changes:
        place = click.style(visible(str(change.location)), bold=True)
        effect = click.style(change.effect.value, _COLOURS[change.effect])
        told = visible(f"{change.subject}: {change.sentence}")
        yield f"{place}: {effect}: {told} {click.style(f'[{change.rule}]', dim=True)}"
        if change.effect.hurts:
            yield from _details(change)
            yield ""


def _details(change: Change) -> Iterator[str]:
    if change.old is not None and change.new is not None:
        yield _told("before", str(change.old))
    if change.hurts:
        yield _told("hurts", ", ".join(change.hurts))
    if change.uses:
        others = f" and {len(change.uses) - 3} more" if len(change.uses) > 3 else ""
        yield _told("seen in", ", ".join(change.uses[:3]) + others)
    if change.reason:
        yield _told("because", change.reason)
    if change.witness is not None:
        yield _told("witness", f"{change.carrier}:")
        yield _told("", abridged(change.witness.value))
        why = abridged(change.witness.sentence, text=True)
        yield _told("", f"refused at {change.witness.pointer} by {change.witness.keyword}: {why}")
    yield _told("safely", all_rules()[change.rule].fix)


def _told(word: str, text: str) -> str:
    wrapped = textwrap.wrap(visible(text), _WIDTH - 10, break_on_hyphens=False) or [""]
    lines = [f"  {click.style(f'{word:<8}', dim=True)}{wrapped[0]}"]
    return "\n".join([*lines, *(f"{' ' * 10}{line}" for line in wrapped[1:])])


def abridged(value: Any, text: bool = False) -> str:
    """A value as JSON, without what only makes it long."""
    if text:
        return value if len(value) <= 200 else f"{value[:199]}…"
    return json.dumps(_abridged(value), ensure_ascii=False)


def _abridged(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"{value[:20]}… ({len(value):,} characters)"
    if isinstance(value, list):
        kept = [_abridged(item) for item in value[:_MOST]]
        return [*kept, f"… ({len(value):,} items)"] if len(value) > _MOST else kept
    if isinstance(value, dict):
        return {name: _abridged(member) for name, member in value.items()}
    return value
