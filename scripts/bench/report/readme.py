"""The part of the README that a run writes: chart, table and machine, between two markers."""

from pathlib import Path

from scripts.bench.report.chart import draw
from scripts.bench.report.record import Run
from scripts.bench.report.table import markdown_table, sentence

__all__ = ["replace_block", "write_readme"]

ROOT = Path(__file__).parents[3]
CHART = Path("scripts") / "bench" / "chart.svg"
BEGIN, END = "<!-- bench -->", "<!-- /bench -->"


def write_readme(run: Run) -> None:
    """Write the chart, and the block of the README that shows it; raises ValueError without markers."""
    readme = ROOT / "README.md"
    text = replace_block(readme.read_text("utf-8"), run)
    (ROOT / CHART).write_text(draw(run), "utf-8")
    readme.write_text(text, "utf-8")


def replace_block(text: str, run: Run) -> str:
    """Put the run in place of what stands between the markers."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the text has no {BEGIN} and {END}")
    picture = f"![How far each target is reached, and how figures change with size]({CHART.as_posix()})"
    return "\n\n".join([before + BEGIN, picture, markdown_table(run), sentence(run), END + after])
