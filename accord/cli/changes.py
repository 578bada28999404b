"""Changes on standard output, in the form that somebody asked for."""

import json
from collections import Counter
from dataclasses import dataclass

import click

from accord.changes import Change, Effect
from accord.cli.changes_markdown import as_markdown
from accord.cli.changes_text import as_text
from accord.cli.findings import print_findings
from accord.cli.sarif import as_sarif
from accord.findings import Finding, Location, Severity

__all__ = ["Report", "annotation", "print_report"]


@dataclass(frozen=True, slots=True)
class Report:
    """All changes, the worst first, with what they were asked of."""

    changes: tuple[Change, ...]
    against: str
    mode: str
    left_out: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """How many changes have each effect, the worst first; none that has none."""
        counted = Counter(change.effect for change in self.changes)
        return {effect.value: counted[effect] for effect in Effect if counted[effect]}

    @property
    def hurts(self) -> bool:
        """Whether somebody may be hurt."""
        return any(change.effect.hurts for change in self.changes)

    @property
    def verdict(self) -> str:
        """The whole in one line."""
        if not self.changes:
            return f"Nothing changed against {self.against}."
        told = ", ".join(f"{count} {effect}" for effect, count in self.counts.items())
        total = len(self.changes)
        return f"{total} change{'' if total == 1 else 's'} against {self.against}: {told}."


def print_report(report: Report, form: str) -> None:
    """Print all of it; the count goes to standard error where people read the rest."""
    match form:
        case "json":
            head = {
                "against": report.against,
                "mode": report.mode,
                "counts": report.counts,
                "left_out": report.left_out,
            }
            changes = [change.as_json() for change in report.changes]
            click.echo(json.dumps({**head, "changes": changes}, indent=2))
        case "sarif":
            click.echo(json.dumps(as_sarif(report.changes), indent=2))
        case "markdown":
            click.echo(as_markdown(report.changes, report.verdict))
        case "github":
            print_findings([annotation(change) for change in report.changes if change.effect.hurts], "github")
            click.echo(report.verdict, err=True)
        case _:
            for line in as_text(report.changes):
                click.echo(line)
            click.echo(report.verdict, err=True)
            if report.hurts:
                click.echo("Next: `accord explain RULE` says why, and how to go on safely.", err=True)
    if report.left_out:
        told = "1 thing is" if report.left_out == 1 else f"{report.left_out} things are"
        click.echo(f"{told} not supported and was not compared: `accord check` names them.", err=True)


def annotation(change: Change) -> Finding:
    """What is gone is annotated in the file where it was, since there is no other place."""
    place = change.location
    path = place.path.partition(":")[2] if change.new is None and ":" in place.path else place.path
    sentence = f"{change.effect}: {change.subject}: {change.sentence}"
    if change.hurts:
        sentence += f"; it hurts {', '.join(change.hurts)}"
    severity = Severity.ERROR if change.effect is Effect.BREAKING else Severity.WARNING
    return Finding(Location(path, place.line, place.column), change.rule, sentence, severity)
