"""Small charts side by side, one for each figure of a growth: lines over a size that grows tenfold."""

from collections.abc import Mapping, Sequence
from html import escape
from math import log10

from scripts.bench.report.ratios import Spread, spread
from scripts.bench.report.record import Grown
from scripts.bench.report.table import number
from scripts.bench.workload import Measure

__all__ = ["HEIGHT", "PER_ROW", "draw_panels"]

PER_ROW = 3
WIDTH, HEIGHT = 300, 230
LEFT, RIGHT, TOP, BOTTOM = 16, 24, 62, 40
"""What is around the lines of a panel."""


def draw_panels(panels: Sequence[tuple[Grown, Measure]], y: float) -> list[str]:
    """Draw them in rows from ``y`` on."""
    parts = []
    for index, (grown, measure) in enumerate(panels):
        row, column = divmod(index, PER_ROW)
        parts.append(f'<g transform="translate({column * WIDTH} {y + row * HEIGHT})">')
        parts += _panel(grown, measure)
        parts.append("</g>")
    return parts


def _panel(grown: Grown, measure: Measure) -> list[str]:
    lines = {
        name: {
            point.size: spread([figures[measure.name] for figures in point.rounds])
            for point in points
            if all(measure.name in figures for figures in point.rounds)
        }
        for name, points in grown.points.items()
    }
    sizes = sorted({size for line in lines.values() for size in line})
    highest = max((each.high for line in lines.values() for each in line.values()), default=0) or 1.0
    bottom = HEIGHT - BOTTOM
    parts = [
        f'<text class="text strong" x="{LEFT}" y="18">{escape(grown.title)}</text>',
        f'<text class="dim" x="{LEFT}" y="34">{escape(measure.name)}, {escape(measure.unit)}</text>',
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{TOP}" y2="{TOP}"/>',
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{bottom}" y2="{bottom}"/>',
        f'<text class="dim" x="{WIDTH - RIGHT}" y="{TOP - 4}" text-anchor="end">{number(highest)}</text>',
    ]
    for size in sizes:
        parts.append(
            f'<text class="dim" x="{_across(size, sizes):.1f}" y="{bottom + 15}" text-anchor="middle">'
            f"{_short(size)}</text>"
        )
    across = escape(grown.size)
    parts.append(f'<text class="dim" x="{WIDTH / 2}" y="{bottom + 30}" text-anchor="middle">{across}</text>')
    for index, (name, line) in enumerate(lines.items()):
        parts += _line(name, line, sizes, highest, index, labelled=len(lines) > 1)
    return parts


def _line(
    name: str, line: Mapping[int, Spread], sizes: Sequence[int], highest: float, index: int, *, labelled: bool
) -> list[str]:
    def point(size: int, figure: float) -> str:
        return (
            f"{_across(size, sizes):.1f},{HEIGHT - BOTTOM - figure / highest * (HEIGHT - TOP - BOTTOM):.1f}"
        )

    if not line:
        return []
    series = f"s{index % 4}"
    around = [point(size, each.high) for size, each in line.items()]
    around += [point(size, each.low) for size, each in reversed(list(line.items()))]
    middle = [point(size, each.median) for size, each in line.items()]
    parts = [
        f'<polygon class="{series} band" points="{" ".join(around)}"/>',
        f'<polyline class="{series} line" points="{" ".join(middle)}"/>',
    ]
    for (size, each), place in zip(line.items(), middle, strict=True):
        x, y = place.split(",")
        told = escape(f"{name}, {size:,}: {number(each.median)}")
        parts.append(f'<circle class="{series}" cx="{x}" cy="{y}" r="3"><title>{told}</title></circle>')
    if labelled:
        parts.append(f'<text class="{series} label" x="{LEFT + 80 * index}" y="50">● {escape(name)}</text>')
    return parts


def _across(size: int, sizes: Sequence[int]) -> float:
    """The place of a size, by its logarithm."""
    first, last = log10(max(sizes[0], 1)), log10(max(sizes[-1], 1))
    share = (log10(max(size, 1)) - first) / (last - first) if last > first else 0.5
    inset = 14
    return LEFT + inset + share * (WIDTH - LEFT - RIGHT - 2 * inset)


def _short(size: int) -> str:
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if size >= unit:
            return f"{size / unit:g}{name}"
    return str(size)
