"""Changes as Markdown for a comment: the verdict first, what hurts next, everything else folded."""

from collections.abc import Iterator, Sequence
from typing import Final

from accord.changes import Change, Effect
from accord.cli.changes_text import abridged
from accord.cli.safe import visible
from accord.rules import all_rules

__all__ = ["as_markdown", "capitalized", "code", "plain"]

_MOST: Final = 50
"""Changes of one effect; hosts refuse comments that are too long."""
_SPECIAL: Final = str.maketrans({char: f"\\{char}" for char in r"\`*_[]<>|~#"})


def as_markdown(changes: Sequence[Change], verdict: str) -> str:
    """The whole comment."""
    return "\n".join(_lines(changes, verdict)).rstrip()


def _lines(changes: Sequence[Change], verdict: str) -> Iterator[str]:
    hurt = any(change.effect.hurts for change in changes)
    yield f"**{'❌' if hurt else '✅'} {plain(verdict)}**"
    for effect in Effect:
        found = [change for change in changes if change.effect is effect]
        if not found:
            continue
        yield ""
        if effect.hurts:
            yield f"### {effect.value.capitalize()}"
            yield ""
            for change in found[:_MOST]:
                yield from _hurting(change)
        else:
            yield f"<details><summary>{len(found)} {effect.value}</summary>"
            yield ""
            for change in found[:_MOST]:
                yield f"- {_headline(change)}"
        if len(found) > _MOST:
            yield f"- … and {len(found) - _MOST} more"
        if not effect.hurts:
            yield ""
            yield "</details>"


def _hurting(change: Change) -> Iterator[str]:
    hurt = f" Hurts **{', '.join(change.hurts)}**." if change.hurts else ""
    yield f"- {_headline(change)}{hurt}"
    yield "  <details><summary>why, and how to go on safely</summary>"
    yield ""
    if change.old is not None and change.new is not None:
        yield f"  Before: {code(str(change.old))}"
        yield ""
    if change.uses:
        others = f" and {len(change.uses) - 3} more" if len(change.uses) > 3 else ""
        yield f"  Seen in {plain(', '.join(change.uses[:3]))}{others}."
        yield ""
    if change.reason:
        yield f"  {plain(capitalized(change.reason))}."
        yield ""
    if change.witness is not None:
        yield f"  {plain(capitalized(change.carrier))}, refused at {code(change.witness.pointer)} by "
        yield f"  {code(change.witness.keyword)}:"
        yield ""
        yield f"  {code(abridged(change.witness.value))}"
        yield ""
    yield f"  {plain(all_rules()[change.rule].fix)}"
    yield ""
    yield "  </details>"


def _headline(change: Change) -> str:
    told = f"{plain(change.subject)}: {plain(change.sentence)}"
    return f"{told} ({code(str(change.location))}, {code(change.rule)})"


def capitalized(text: str) -> str:
    """A sentence's beginning; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def plain(text: str) -> str:
    """Text that Markdown takes as it stands."""
    return visible(text).translate(_SPECIAL)


def code(text: str) -> str:
    """A code span; the fence is longer than any run of backticks within."""
    shown = visible(text)
    longest = max((len(run) for run in "".join(c if c == "`" else " " for c in shown).split()), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {shown} {fence}" if longest else f"{fence}{shown}{fence}"
