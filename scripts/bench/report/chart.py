"""The chart of a run (SVG): how far each target is reached, and below it what grows with size."""

from collections.abc import Sequence
from html import escape

from scripts.bench.report.panels import HEIGHT as PANEL_HEIGHT
from scripts.bench.report.panels import PER_ROW, draw_panels
from scripts.bench.report.ratios import Comparison, comparisons
from scripts.bench.report.record import Run
from scripts.bench.report.table import number, ratio_of, target_of

__all__ = ["draw"]

WIDTH = 900
LABEL, BAR, ROW = 350, 285, 24
"""The width of the names and of the longest bar, and the height of a line."""
TOP = 54
LONGEST = 3.0
"""A bar ends at three times the target; what is beyond is written, and ends in an arrow."""

STYLE = """
svg { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; }
.ground { fill: #ffffff; } .text { fill: #1f2328; } .dim { fill: #59636e; } .strong { font-weight: 600; }
.met { fill: #2f81a7; } .missed { fill: #c4662b; } .rule { stroke: #1f2328; } .grid { stroke: #d1d9e0; }
.whisker { stroke: #1f2328; } .s0 { stroke: #2f81a7; fill: #2f81a7; } .s1 { stroke: #c4662b; fill: #c4662b; }
.s2 { stroke: #7a5ea8; fill: #7a5ea8; } .s3 { stroke: #4f7a3a; fill: #4f7a3a; }
.line { fill: none; stroke-width: 2; } .band { stroke: none; opacity: .18; } .label { stroke: none; }
@media (prefers-color-scheme: dark) {
  .ground { fill: #0d1117; } .text { fill: #f0f6fc; } .dim { fill: #9198a1; }
  .rule, .whisker { stroke: #f0f6fc; } .grid { stroke: #3d444d; }
  .met { fill: #4aa3cc; } .missed { fill: #e08a4e; } .s0 { stroke: #4aa3cc; fill: #4aa3cc; }
  .s1 { stroke: #e08a4e; fill: #e08a4e; } .s2 { stroke: #a98fd6; fill: #a98fd6; }
  .s3 { stroke: #86b86b; fill: #86b86b; }
  .line { fill: none; } .band, .label { stroke: none; }
}
"""


def draw(run: Run) -> str:
    """Return the picture; it needs no script and no font of its own, and follows a dark page."""
    bars = [each for each in comparisons(run) if each.target is not None]
    panels = [(grown, measure) for grown in run.grown for measure in grown.measures]
    below = TOP + ROW * len(bars) + 30
    height = below + PANEL_HEIGHT * -(-len(panels) // PER_ROW)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
            f'aria-label="Benchmark: {len(bars)} targets, {sum(bool(each.met) for each in bars)} met">',
            f"<style>{STYLE}</style>",
            '<rect class="ground" width="100%" height="100%"/>',
            *(_bars(bars) if bars else []),
            *draw_panels(panels, below),
            "</svg>",
            "",
        ]
    )


def _bars(bars: Sequence[Comparison]) -> list[str]:
    bottom = TOP + ROW * len(bars)
    parts = [
        '<text class="text strong" x="16" y="22">How much of each target is reached</text>',
        f'<text class="text" x="{_at(1)}" y="{TOP - 8}" text-anchor="middle">target</text>',
    ]
    for share in (0, 2, LONGEST):
        parts.append(f'<line class="grid" x1="{_at(share)}" x2="{_at(share)}" y1="{TOP}" y2="{bottom}"/>')
    for share in (2, LONGEST):
        parts.append(
            f'<text class="dim" x="{_at(share)}" y="{TOP - 8}" text-anchor="middle">{share:g} times</text>'
        )
    for index, each in enumerate(bars):
        parts += _bar(each, TOP + ROW * index)
    parts.append(f'<line class="rule" x1="{_at(1)}" x2="{_at(1)}" y1="{TOP}" y2="{bottom}"/>')
    return parts


def _bar(each: Comparison, y: float) -> list[str]:
    reached, target = each.reached or 0.0, each.target or 1.0
    ends = sorted(
        end / target if each.measure.more_is_better else target / end
        for end in (each.ratio.low, each.ratio.high)
    )
    name = f"{each.work} / {each.against}"
    told = f"{'✓' if each.met else '✗'} {ratio_of(each.ratio)}, {target_of(each)}"
    figures = f"{number(each.figure.median)} and {number(each.other.median)} {each.measure.unit}"
    middle = y + ROW / 2
    return [
        f"<g><title>{escape(f'{name}: {figures}; {told}')}</title>",
        f'<text class="text" x="{LABEL}" y="{middle + 4}" text-anchor="end">{escape(name)}</text>',
        f'<rect class="{"met" if each.met else "missed"}" x="{_at(0)}" y="{y + 5}" '
        f'width="{_at(reached) - _at(0):.1f}" height="{ROW - 10}" rx="2"/>',
        *([_arrow(middle)] if reached > LONGEST else []),
        f'<line class="whisker" x1="{_at(ends[0])}" x2="{_at(ends[1])}" y1="{middle}" y2="{middle}"/>',
        f'<text class="text" x="{_at(LONGEST) + 14}" y="{middle + 4}">{escape(told)}</text></g>',
    ]


def _arrow(y: float) -> str:
    x = _at(LONGEST)
    return f'<path class="met" d="M{x - 2} {y - 9} l10 9 l-10 9 z"/>'


def _at(share: float) -> float:
    return round(LABEL + 12 + BAR * min(share, LONGEST) / LONGEST, 1)
