"""What every check says of a project, gathered for one report."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accord.changes import Change, Version, compare
from accord.changes.baseline import baseline
from accord.cli.changes import annotation
from accord.cli.changes_text import abridged
from accord.cli.comparison import compared
from accord.codegen.trees import findings as stale_files
from accord.compatibility import Mode
from accord.findings import Finding
from accord.lint import lint
from accord.lint.settings import read_settings
from accord.model.contract import Contract
from accord.parsing.contract import read_project
from accord.parsing.references import Specs
from accord.review.notes import Level, Note, Witnessed, of_finding
from accord.review.report import Review
from accord.rules import all_rules
from accord.wiring import wire
from accord.wiring.svg import as_svg
from accord.wiring.text import as_text
from accord.wiring.wires import Trouble

__all__ = ["Gathered", "gather"]


@dataclass(frozen=True, slots=True)
class Gathered:
    """The report, what it was made of, and what it speaks of; ``checks`` are findings by what found them."""

    review: Review
    changes: tuple[Change, ...]
    checks: Mapping[str, Sequence[Finding]]
    contract: Contract
    specs: Specs

    @property
    def findings(self) -> list[Finding]:
        """Those of all checks."""
        return [finding for found in self.checks.values() for finding in found]

    @property
    def annotations(self) -> list[Finding]:
        """All that a gate speaks of, in the files of the pull request."""
        return [*(annotation(change) for change in self.changes if change.effect.hurts), *self.findings]

    def as_json(self) -> dict[str, Any]:
        """Flat, so that a reader needs no knowledge of Accord."""
        review = self.review
        return {
            "against": review.against,
            "mode": review.mode,
            "verdict": review.verdict,
            "fails": review.fails,
            "counts": {level.value: count for level, count in review.counts.items()},
            "changes": [change.as_json() for change in self.changes],
            "findings": [
                {"check": name, **finding.as_json()}
                for name, found in self.checks.items()
                for finding in found
            ],
        }


def gather(start: Path, against: str, mode: Mode) -> Gathered:
    """Run all checks on the project at or above ``start``.

    Raises `accord.findings.BrokenSpec` where a version cannot be read, and
    `accord.changes.baseline.NoBaseline` where there is nothing to compare with.
    """
    comparison = compared(start)
    # Who never generated anything has specs to be reviewed all the same.
    entries = comparison.entries if comparison.project.output.is_dir() else []
    reading = read_project(comparison.project)
    with baseline(comparison.project, against) as old:
        changes = compare(old, Version(reading.contract, comparison.project), mode)
    settings = read_settings(comparison.project.root)
    wiring = wire(reading.contract, settings, mode)
    checks = {
        "lint": lint(comparison.project, reading=reading),
        "wiring": wiring.findings,
        "generated code": tuple(stale_files(entries)),
    }
    notes = [_of_change(change) for change in changes]
    notes += [_of_trouble(trouble) for trouble in wiring.troubles]
    told = {trouble.finding for trouble in wiring.troubles}
    notes += [
        of_finding(check, finding)
        for check, found in checks.items()
        for finding in found
        if finding not in told
    ]
    order = list(Level)
    notes.sort(key=lambda note: order.index(note.level))
    pictures = (as_svg(wiring), as_text(wiring)) if wiring.wires else ("", "")
    review = Review(against, mode.value, tuple(notes), *pictures)
    return Gathered(review, tuple(changes), checks, reading.contract, reading.specs)


def _of_change(change: Change) -> Note:
    witness = change.witness
    shown = None
    if witness is not None:
        value = json.dumps(json.loads(abridged(witness.value)), indent=2, ensure_ascii=False)
        sentence = abridged(witness.sentence, text=True)
        shown = Witnessed(change.carrier, value, witness.pointer, witness.keyword, sentence)
    return Note(
        "changes",
        Level(change.effect.value),
        _action(change),
        change.subject,
        change.sentence,
        change.rule,
        change.new,
        change.old,
        tuple(change.hurts),
        change.uses,
        change.reason,
        shown,
        all_rules()[change.rule].fix if change.effect.hurts else "",
    )


def _of_trouble(trouble: Trouble) -> Note:
    witness = None
    if trouble.witness:
        value = json.dumps(json.loads(abridged(trouble.witness[0])), indent=2, ensure_ascii=False)
        witness = Witnessed("a message", value, "", "", abridged(trouble.refusal, text=True))
    return of_finding("wiring", trouble.finding, trouble.other, witness)


def _action(change: Change) -> str:
    if change.new is None or change.rule.endswith("-removed"):
        return "removed"
    return "added" if change.old is None or change.rule.endswith("-added") else "changed"
