"""``accord diff``: what changed in the specs, and what that does to whom."""

from pathlib import Path

import click

from accord.cli.project import project_option, refusals_reported
from accord.cli.versions import against_option, mode_option

__all__ = ["diff"]


@click.command(short_help="Say what changed in the specs, and whom it hurts.")
@project_option
@against_option
@mode_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "github", "sarif"]),
    default="text",
    show_default=True,
    help="markdown is made for a comment, github annotates a pull request, sarif is for code scanning.",
)
def diff(project: Path, against: str, mode: str, form: str) -> None:
    """Say what changed in the specs since a version of them, and what each change does to whom.

    \b
    breaking   somebody is hurt; a value that one side writes and the other refuses shows it
    unproven   neither a proof nor such a value was found
    safe       every reader takes all that any writer may write
    docs only  nothing but texts for people changed

    Exit status 0 if no change is breaking or unproven, 1 if one is, 2 if a version cannot be read.
    """
    with refusals_reported(form if form in ("json", "github") else "text"):
        from accord.changes import compare, read_version
        from accord.changes.baseline import NoBaseline, baseline
        from accord.cli.changes import Report, print_report
        from accord.compatibility import Mode
        from accord.parsing.project import find_project

        found = find_project(project)
        new = read_version(found)
        try:
            with baseline(found, against) as old:
                changes = compare(old, new, Mode(mode))
        except NoBaseline as error:
            click.echo(str(error), err=True)
            raise SystemExit(2) from None
    report = Report(tuple(changes), against, mode, len(new.contract.findings))
    print_report(report, form)
    if report.hurts:
        raise SystemExit(1)
