"""``accord lint``: say what in the specs will bite."""

from collections.abc import Sequence
from pathlib import Path

import click

from accord.cli.findings import has_errors, print_findings
from accord.cli.formats import scanning_format
from accord.cli.project import project_option, refusals_reported
from accord.rules import all_rules, nearest

__all__ = ["lint"]


def _rules(_context: click.Context, parameter: click.Parameter, values: Sequence[str]) -> frozenset[str]:
    """Ids of rules, and topics for all rules of a topic."""
    rules = all_rules()
    found: set[str] = set()
    for value in (part.strip() for each in values for part in each.split(",") if part.strip()):
        chosen = [rule.id for rule in rules.values() if value in (rule.id, rule.topic)]
        if not chosen:
            near = ", ".join(nearest(value))
            raise click.BadParameter(f"there is no rule or topic '{value}'{near and '; near it: '}{near}.")
        found.update(chosen)
    return frozenset(found)


@click.command()
@project_option
@click.option(
    "--select", multiple=True, metavar="RULE,…", callback=_rules, help="Only these rules or topics."
)
@click.option("--ignore", multiple=True, metavar="RULE,…", callback=_rules, help="All but these.")
@click.option("--strict", is_flag=True, help="Let warnings fail, too.")
@scanning_format
def lint(project: Path, select: frozenset[str], ignore: frozenset[str], strict: bool, form: str) -> None:
    """Say what in the specs will bite: examples that are wrong, texts without an end, messages without a key.

    `accord explain RULE` tells why a rule holds and what to do. How much a rule counts, and what it passes
    over for which reason, stands in [tool.accord.lint] of pyproject.toml.

    Exit status 0 if there is nothing worse than warnings, 1 if there is (with --strict: anything), 2 if a
    spec or a setting cannot be read.
    """
    with refusals_reported(form):
        from accord.lint import Chosen
        from accord.lint import lint as run
        from accord.parsing.project import find_project

        found = find_project(project)
        findings = run(found, Chosen(select, ignore))
    print_findings(findings, form)
    if findings:
        click.echo("Next: `accord explain RULE` says why, and what to do.", err=True)
    else:
        files = sum(len(service.files) for service in found.services)
        click.echo(f"Nothing to say of {files} specs.", err=True)
    if has_errors(findings) or (strict and findings):
        raise SystemExit(1)
