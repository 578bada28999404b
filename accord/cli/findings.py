"""Findings on standard output, for people or for machines."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click

from accord.cli.excerpt import Excerpts
from accord.cli.safe import visible
from accord.findings import Finding, Severity

__all__ = ["as_json", "has_errors", "print_findings"]

MAX_EXCERPTS = 50
"""Nobody reads more than that at once; the findings beyond are named by their places."""

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def print_findings(
    findings: Sequence[Finding],
    form: str = "text",
    below: Callable[[Finding], Iterable[str]] = lambda _: (),
    **members: Any,
) -> None:
    """Print each finding; as text with the lines around its place, and with their count on standard error.

    ``below`` says more of one where people read it; ``members`` go into the object that is printed as JSON.
    """
    if form == "json":
        click.echo(as_json(findings, **members))
        return
    if form == "sarif":
        from accord.cli.sarif_log import findings_as_sarif

        click.echo(json.dumps(findings_as_sarif(findings), indent=2))
        return
    if form == "github":
        for finding in findings:
            click.echo(_annotation(finding))
    else:
        excerpts = Excerpts()
        for number, finding in enumerate(findings):
            click.echo(_headline(finding))
            if number < MAX_EXCERPTS:
                for line in excerpts.of(finding.location, _COLOURS[finding.severity]):
                    click.echo(line)
            for line in below(finding):
                click.echo(line)
    if findings:
        click.echo(_count(findings), err=True)


def as_json(findings: Sequence[Finding], **members: Any) -> str:
    """The object that ``--format json`` prints."""
    return json.dumps({"findings": [finding.as_json() for finding in findings], **members}, indent=2)


def has_errors(findings: Sequence[Finding]) -> bool:
    """Whether one of them is more than a warning."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def _headline(finding: Finding) -> str:
    """``path:line:col: sentence [rule]``, as editors and scripts find it; a warning says that it is one."""
    word = f"{click.style('warning', _COLOURS[finding.severity])}: " if not has_errors([finding]) else ""
    place = click.style(visible(str(finding.location)), bold=True)
    return f"{place}: {word}{visible(finding.sentence)} {click.style(f'[{finding.rule}]', dim=True)}"


def _annotation(finding: Finding) -> str:
    """A workflow command of GitHub Actions, whose special characters are percent-encoded."""
    place = {"file": finding.location.path, "line": finding.location.line, "col": finding.location.column}
    properties = {**place, "title": f"accord {finding.rule}"}
    written = ",".join(
        f"{name}={_encoded(str(value)).replace(':', '%3A').replace(',', '%2C')}"
        for name, value in properties.items()
    )
    return f"::{finding.severity.value} {written}::{_encoded(finding.sentence)}"


def _encoded(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _count(findings: Sequence[Finding]) -> str:
    warnings = sum(finding.severity is Severity.WARNING for finding in findings)
    counts = ((len(findings) - warnings, "finding"), (warnings, "warning"))
    told = [f"{count} {noun}{'s' if count > 1 else ''}" for count, noun in counts if count]
    return f"{' and '.join(told)}."
