"""Findings on standard output, for people or for machines."""

import json
from collections.abc import Sequence

import click

from accord.findings import Finding

__all__ = ["format_option", "print_findings"]

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How findings are printed; JSON is one object with a list.",
)


def print_findings(findings: Sequence[Finding], form: str = "text") -> None:
    """Print each finding; as text, their count follows on standard error."""
    if form == "json":
        click.echo(json.dumps({"findings": [finding.as_json() for finding in findings]}, indent=2))
        return
    for finding in findings:
        click.echo(str(finding))
    if findings:
        click.echo(f"{len(findings)} finding{'s' if len(findings) > 1 else ''}.", err=True)
