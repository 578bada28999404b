"""``accord generate``: bring the generated code in line with the specs."""

from pathlib import Path

import click

from accord.cli.project import project_option, refusals_reported
from accord.cli.table import print_table

__all__ = ["generate"]


@click.command()
@project_option
def generate(project: Path) -> None:
    """Write the code that the specs ask for, and say in a table what was written.

    Everything is rendered before the first file is touched: a broken spec changes nothing, and is named with
    its line and column (exit status 2). Files that are right already are left alone; files that no spec asks
    for any longer are deleted if Accord wrote them. The same specs give the same bytes.
    """
    with refusals_reported():
        from accord.cli.comparison import compared
        from accord.codegen.trees import State, write

        settings, entries = compared(project)
        write(settings.output, entries)
        done = {
            State.CURRENT: "unchanged",
            State.STALE: "written",
            State.MISSING: "written",
            State.ORPHANED: "deleted",
        }
        rows = [
            (entry.shown, entry.spec, str(entry.text.count("\n")) if entry.text else "", done[entry.state])
            for entry in entries
        ]
        print_table(("file", "from", "lines", "what was done"), rows, right=(2,), quiet=("unchanged",))
        counts = [
            f"{count} {word}"
            for word in ("written", "unchanged", "deleted")
            if (count := sum(row[3] == word for row in rows))
        ]
        changed = any(row[3] != "unchanged" for row in rows)
        click.echo(f"{len(rows)} files: {', '.join(counts)}.")
        click.echo(
            "Next: `mypy` names what the services still have to follow." if changed else "Nothing to do."
        )
