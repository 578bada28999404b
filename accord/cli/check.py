"""``accord check``: say where the generated code is not what the specs ask for."""

from pathlib import Path

import click

from accord.cli.findings import print_findings
from accord.cli.formats import findings_format
from accord.cli.project import project_option, refusals_reported, strict_option

__all__ = ["check"]


@click.command()
@project_option
@strict_option
@findings_format
def check(project: Path, strict: bool, form: str) -> None:
    """Say where the generated code is not what the specs ask for; nothing is written.

    \b
    stale     a file differs; the line is the first that does
    missing   a file is not there
    orphaned  a file was generated once, and no spec asks for it any longer

    What a spec says and Accord does not support is a warning. Exit status 1 if there is such a file, or with
    --strict such a warning, 2 if a spec cannot be read.
    """
    with refusals_reported(form):
        from accord.cli.comparison import compared
        from accord.codegen.trees import findings

        comparison = compared(project)
        found = findings(comparison.entries)
    print_findings([*comparison.warnings, *found], form)
    if found:
        click.echo("Next: `accord generate` brings the code in line.", err=True)
        raise SystemExit(1)
    click.echo(f"{len(comparison.entries)} files are what the specs ask for.", err=True)
    if strict and comparison.warnings:
        raise SystemExit(1)
