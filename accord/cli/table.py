"""Tables: drawn in a terminal, plain and aligned anywhere else."""

import sys
from collections.abc import Sequence
from importlib.util import find_spec

import click

__all__ = ["print_table"]


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[int] = (),
    quiet: Sequence[str] = (),
) -> None:
    """Print the rows; the columns ``right`` are flush right, rows ending with one of ``quiet`` are dimmed."""
    if sys.stdout.isatty() and find_spec("rich"):
        _draw(columns, rows, right, quiet)
        return
    widths = [max(len(row[index]) for row in (columns, *rows)) for index in range(len(columns))]
    for row in (columns, *rows):
        cells = [
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo("  ".join(cells).rstrip())


def _draw(
    columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int], quiet: Sequence[str]
) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(header_style="bold")
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row), style="dim" if row[-1] in quiet else "")
    Console().print(table)
