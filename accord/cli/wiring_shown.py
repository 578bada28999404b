"""The wiring on standard output or in a file, in the form that somebody asked for."""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from accord.cli.findings import print_findings
from accord.cli.safe import visible
from accord.codegen.trees import replace_file
from accord.findings import Finding
from accord.wiring import Wiring
from accord.wiring.markdown import as_markdown
from accord.wiring.svg import as_svg
from accord.wiring.text import COLUMNS, as_text, details, rows

__all__ = ["show"]

_RENDERERS = {"text": as_text, "svg": as_svg, "markdown": as_markdown}


def show(wiring: Wiring, form: str, output: Path | None) -> None:
    """Print or write it; findings are printed where standard output holds nothing for a machine."""
    rendered = _as_json(wiring) if form == "json" else _RENDERERS[form](wiring)
    if output is not None:
        replace_file(output, rendered)
        click.echo(f"Written to {output}.", err=True)
    else:
        click.echo(visible(rendered, keep="\n") if form == "text" else rendered, nl=False)
    if form == "text" or output is not None:
        if wiring.findings:
            click.echo()
        by_finding = {trouble.finding: trouble for trouble in wiring.troubles}

        def below(finding: Finding) -> Iterator[str]:
            trouble = by_finding.get(finding)
            yield from (visible(line) for line in details(trouble)) if trouble else ()

        print_findings(wiring.findings, below=below)
    if wiring.findings:
        click.echo("Next: `accord explain RULE` says why, and what to do.", err=True)
    elif wiring.wires:
        click.echo(f"All {len(wiring.wires)} wires fit.", err=True)


def _as_json(wiring: Wiring) -> str:
    wires = [dict(zip(COLUMNS, row, strict=True)) for row in rows(wiring)]
    findings = [*(t.as_json() for t in wiring.troubles), *(f.as_json() for f in wiring.rest)]
    return json.dumps({"services": wiring.services, "wires": wires, "findings": findings}, indent=2) + "\n"
