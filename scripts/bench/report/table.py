"""The table of a run, for a terminal and as Markdown."""

from collections.abc import Sequence

from rich.table import Table

from scripts.bench.report.ratios import Comparison, Spread, comparisons
from scripts.bench.report.record import Run

__all__ = ["make_table", "markdown_table", "number", "ratio_of", "sentence", "target_of"]

COLUMNS = ("work", "figure", "against", "its figure", "ratio (spread)", "target", "met")
NUMERIC = (1, 3, 4, 5)


def make_table(run: Run, *, every: bool = False) -> Table:
    """One line for each contestant that the first one is held against; for ``every`` measure if asked for."""
    table = Table(title="Quick rounds, not to be believed" if run.quick else None, title_justify="left")
    for index, column in enumerate(COLUMNS):
        table.add_column(column, justify="right" if index in NUMERIC else "left")
    styles = {True: "green", False: "red", None: None}
    found = comparisons(run, every=every)
    for cells, comparison in zip(_rows(found), found, strict=True):
        if cells[0]:
            table.add_section()
        table.add_row(*cells, style=styles[comparison.met])
    return table


def markdown_table(run: Run) -> str:
    """The same for a README."""
    rule = ["---:" if index in NUMERIC else "---" for index in range(len(COLUMNS))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (COLUMNS, rule, *_rows(comparisons(run))))


def sentence(run: Run) -> str:
    """The machine, in one sentence."""
    facts = ", ".join(f"{name} {value}" for name, value in run.machine.items())
    return f"{facts}; {run.date}" + (f", commit {run.commit}" if run.commit else "") + "."


def number(figure: float) -> str:
    """Three digits, or all that stand before the point."""
    digits = 0 if figure >= 100 else 1 if figure >= 10 else 2 if figure >= 1 else 3
    return f"{figure:,.{digits}f}"


def ratio_of(ratio: Spread) -> str:
    """The median with the least and the greatest behind it."""
    digits = 1 if ratio.median >= 2 else 2
    return f"{ratio.median:.{digits}f}x ({ratio.low:.{digits}f}–{ratio.high:.{digits}f})"


def target_of(comparison: Comparison) -> str:
    """The target with its direction, or nothing."""
    if comparison.target is None:
        return ""
    return f"{'≥' if comparison.measure.more_is_better else '≤'} {comparison.target:g}x"


def _rows(found: Sequence[Comparison]) -> Sequence[Sequence[str]]:
    """What is the same as in the line above is left out."""
    rows: list[Sequence[str]] = []
    above: tuple[str, str] | None = None
    for each in found:
        subject = each.work + ("" if each.name == "accord" else f": {each.name}")
        figure = f"{number(each.figure.median)} {each.measure.unit}"
        here = (subject, figure)
        rows.append(
            (
                *(here if here != above else ("", "")),
                each.against,
                number(each.other.median),
                ratio_of(each.ratio),
                target_of(each),
                {True: "✓", False: "✗", None: ""}[each.met],
            )
        )
        above = here
    return rows
