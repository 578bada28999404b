"""``accord generate``: bring the generated code in line with the specs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from accord.cli.findings import print_findings
from accord.cli.formats import findings_format
from accord.cli.project import project_option, refusals_reported, strict_option
from accord.cli.table import print_table

__all__ = ["generate"]

_DONE = {"current": "unchanged", "stale": "written", "missing": "written", "orphaned": "deleted"}
"""What is done about a file, by the state that it was in."""


@click.command()
@project_option
@strict_option
@click.option("--watch", is_flag=True, help="Do it again whenever a spec or pyproject.toml changes.")
@findings_format
def generate(project: Path, strict: bool, watch: bool, form: str) -> None:
    """Write the code that the specs ask for, and say in a table what was written.

    Everything is rendered before the first file is touched: a broken spec changes nothing, and is named with
    its line and column (exit status 2). Files that are right already are left alone; files that no spec asks
    for any longer are deleted if Accord wrote them. The same specs give the same bytes.

    What a spec says and Accord does not support is a warning, and the rest is generated. With --strict
    nothing is written then, and the exit status is 1.

    With --watch, Ctrl-C ends the command, with exit status 0.
    """
    if not watch:
        _generate(project, strict, form)
        return
    if form == "json":
        raise click.UsageError("--watch is for people; it prints no JSON.")
    from accord.cli.watching import repeat

    repeat(project, lambda: _generate(project, strict, form))


def _generate(project: Path, strict: bool, form: str) -> None:
    with refusals_reported(form):
        from accord.cli.comparison import compared
        from accord.codegen.trees import write

        comparison = compared(project)
        refused = strict and bool(comparison.warnings)
        entries = [] if refused else comparison.entries
        write(comparison.project.output, entries)
    files = [
        {
            "path": entry.shown,
            "spec": entry.spec,
            "lines": entry.text.count("\n"),
            "done": _DONE[entry.state.value],
        }
        for entry in entries
    ]
    print_findings(comparison.warnings, form, files=files)
    if refused:
        click.echo("Nothing was changed, since --strict allows no warnings.", err=True)
        raise SystemExit(1)
    if form != "json":
        _print(files)


def _print(files: Sequence[Mapping[str, Any]]) -> None:
    rows = [(file["path"], file["spec"], str(file["lines"] or ""), file["done"]) for file in files]
    print_table(("file", "from", "lines", "what was done"), rows, right=(2,), quiet=("unchanged",))
    done = [file["done"] for file in files]
    words = ("written", "unchanged", "deleted")
    counts = [f"{count} {word}" for word in words if (count := done.count(word))]
    changed = len(done) > done.count("unchanged")
    click.echo(f"{len(rows)} files: {', '.join(counts)}.")
    click.echo("Next: `mypy` names what the services still have to follow." if changed else "Nothing to do.")
