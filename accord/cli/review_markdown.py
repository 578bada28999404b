"""A review as the comment of a pull request: the verdict first, details folded, no longer than hosts take."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from accord.cli.changes_markdown import capitalized, code, plain
from accord.review.notes import Level, Note
from accord.review.report import Review

__all__ = ["LONGEST", "as_markdown"]

LONGEST: Final = 65_536
"""Characters of a comment on GitHub; bytes are counted, which are never fewer."""
_SHOWN: Final = 10
"""Findings, or changes that hurt nobody, of one rule; the rest of them is counted."""
_CLOSING: Final = 600
"""Bytes that are kept for what closes the comment."""

_TITLES: Final = {
    Level.BREAKING: "Breaking changes",
    Level.ERROR: "Findings",
    Level.UNPROVEN: "Unproven changes",
}


def as_markdown(review: Review) -> str:
    """The whole comment; what there is no room for is counted."""
    head = "\n".join(_head(review))
    left = LONGEST - _CLOSING - _size(head)
    parts, unsaid = [head], 0
    for level in review.counts:
        notes = [note for note in review.notes if note.level is level]
        opening, closing = _frame(level, len(notes))
        left -= _size(opening) + _size(closing)
        said = []
        for group in _grouped(notes):
            text = _item(group)
            if _size(text) > left:
                # Later ones may be shorter, but then nobody would know which are missing.
                left = 0
                unsaid += len(group)
                continue
            left -= _size(text)
            said.append(text)
        if said:
            parts.append(opening + "".join(said) + closing)
    if unsaid:
        sentence = f"{unsaid:,} more are left out: a comment holds {LONGEST:,} characters."
        parts.append(f"{sentence} `accord review` prints all of them.\n")
    return "\n".join(parts).rstrip()


def _grouped(notes: Sequence[Note]) -> Iterator[Sequence[Note]]:
    """Those of one rule together; each change that hurts alone, since each has its own witness."""
    rest = []
    for note in notes:
        if note.level.fails and note.action != "found":
            yield [note]
        else:
            rest.append(note)
    rest.sort(key=lambda note: note.rule)
    for _, group in groupby(rest, key=lambda note: note.rule):
        yield list(group)


def _item(group: Sequence[Note]) -> str:
    first, number = group[0], len(group)
    if first.level.fails and number == 1:
        return _detailed(first)
    lines = [f"- {_headline(note)}" for note in group[:_SHOWN]]
    if number > _SHOWN:
        lines.append(f"- … and {number - _SHOWN:,} more of the rule {code(first.rule)}")
    if not first.level.fails:
        return "\n".join([*lines, ""])
    inside = "\n".join(f"  {line}" for line in lines)
    remedy = f": {plain(first.remedy)}" if first.remedy else ""
    folded = f"  <details><summary>where</summary>\n\n{inside}\n\n  </details>\n"
    return f"- {number:,} × {code(first.rule)}{remedy}\n{folded}"


def _head(review: Review) -> Iterator[str]:
    yield f"## {'❌' if review.fails else '✅'} {plain(review.verdict)}"
    yield ""
    counts = ", ".join(level.counted(count) for level, count in review.counts.items())
    yield f"Contract review against {code(review.against)}{f': {counts}' if counts else ''}."
    yield ""


def _frame(level: Level, number: int) -> tuple[str, str]:
    if level.fails:
        return f"### {_TITLES[level]}\n\n", ""
    return f"<details><summary>{level.counted(number)}</summary>\n\n", "\n</details>\n"


def _headline(note: Note) -> str:
    subject = f"**{plain(note.subject)}**: " if note.subject else ""
    return f"{subject}{plain(note.sentence)} ({code(str(note.place))}, {code(note.rule)})"


def _detailed(note: Note) -> str:
    lines = list(_details(note))
    hurts = f" Hurts **{plain(', '.join(note.hurts))}**." if note.hurts else ""
    told = f"- {_headline(note)}{hurts}\n"
    if not lines:
        return told
    inside = "\n\n".join(f"  {line}" for line in lines)
    title = "the value that shows it, and the safe way" if note.witness else "why, and what to do"
    return f"{told}  <details><summary>{title}</summary>\n\n{inside}\n\n  </details>\n"


def _details(note: Note) -> Iterator[str]:
    if note.witness is not None:
        witness = note.witness
        value = json.dumps(json.loads(witness.value), ensure_ascii=False)
        yield f"{plain(capitalized(witness.carrier))}: {code(value)}"
        place = f" at {code(witness.pointer)} by {code(witness.keyword)}" if witness.keyword else ""
        yield f"is refused{place}: {plain(witness.sentence)}"
    if note.reason:
        yield f"{plain(capitalized(note.reason))}."
    if note.uses:
        more = f" and {len(note.uses) - 3} more" if len(note.uses) > 3 else ""
        yield f"Seen in {plain(', '.join(note.uses[:3]))}{more}."
    if note.old is not None and note.new is not None:
        yield f"{'Other side' if note.action == 'found' else 'Before'}: {code(str(note.old))}"
    if note.remedy:
        yield plain(note.remedy)


def _size(text: str) -> int:
    return len(text.encode())
