"""``accord review``: the one gate for a change of the specs."""

import json
from pathlib import Path

import click

from accord.cli.findings import print_findings
from accord.cli.project import project_option, refusals_reported
from accord.cli.versions import against_option, mode_option

__all__ = ["review"]


def _in_a_folder(_context: click.Context, _parameter: click.Parameter, page: Path | None) -> Path | None:
    """Say at once, not after all the work, that the page cannot be written."""
    if page is not None and not page.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {page.parent}; make it first.")
    return page


@click.command(short_help="Judge a change of the specs: one verdict over all checks, and a page to look at.")
@project_option
@against_option
@mode_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "github"]),
    default="text",
    show_default=True,
    help="markdown is made for the comment of a pull request, github annotates its files.",
)
@click.option(
    "--html",
    "page",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=_in_a_folder,
    help="Write a page with the contracts, and all that was found in its place; it needs no network.",
)
def review(project: Path, against: str, mode: str, form: str, page: Path | None) -> None:
    """Judge the specs as they are, and what changed in them since a version: diff, lint, wiring, stale code.

    Code is held against the specs where there is any; a project that never generated some is judged by its
    specs alone.

    The page holds everything in one file, for people who would rather look. It is written when all is done,
    in full or not at all.

    Exit status 0 if the gate is open, 1 if a change is breaking or unproven or a check found an error, 2 if
    a version cannot be read.
    """
    with refusals_reported(form if form in ("json", "github") else "text"):
        from accord.changes.baseline import NoBaseline
        from accord.cli.reviewing import gather
        from accord.compatibility import Mode

        try:
            gathered = gather(project, against, Mode(mode))
        except NoBaseline as error:
            click.echo(str(error), err=True)
            raise SystemExit(2) from None
        if page is not None:
            from accord.codegen.trees import replace_file
            from accord.review.page import render_page

            replace_file(page, render_page(gathered.review, gathered.contract, gathered.specs))
    found = gathered.review
    match form:
        case "json":
            click.echo(json.dumps(gathered.as_json(), indent=2))
        case "markdown":
            from accord.cli.review_markdown import as_markdown

            click.echo(as_markdown(found))
        case "github":
            print_findings(gathered.annotations, "github")
        case _:
            from accord.cli.changes_text import as_text

            for line in as_text(gathered.changes):
                click.echo(line)
            print_findings(gathered.findings)
    if form in ("text", "github"):
        click.echo(found.verdict, err=True)
        if found.fails and form == "text":
            click.echo("Next: `accord explain RULE` says why, and how to go on safely.", err=True)
    if page is not None:
        click.echo(f"The page is {page}.", err=True)
    if found.fails:
        raise SystemExit(1)
