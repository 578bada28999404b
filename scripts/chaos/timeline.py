"""The timeline of a run as a picture (SVG): writes per second above, faults by their targets below."""

from collections import Counter
from html import escape

from scripts.chaos.ledger import Outcome
from scripts.chaos.plan import Blow
from scripts.chaos.run import Result

__all__ = ["draw_timeline"]

LEFT, RIGHT, TOP = 150, 20, 46
WIDTH = 1200
CHART, LANE, GAP = 160, 18, 26
COLOURS = {
    Blow.KILL: "#c0392b",
    Blow.PAUSE: "#8e44ad",
    Blow.CUT: "#d35400",
    Blow.SILENCE: "#7f8c8d",
    Blow.DELAY: "#b7950b",
    Blow.KILL_OPEN: "#922b21",
    Blow.KILL_DONE: "#e74c3c",
    Blow.CUT_OPEN: "#a04000",
    Blow.CUT_DONE: "#f39c12",
    Blow.REPEAT: "#2471a3",
    Blow.REWIND: "#117864",
}


def draw_timeline(result: Result) -> str:
    """Return the picture; it needs no font and no script of its own."""
    span = max([result.load_s + result.recovery.seconds, 1.0, *(each.ended_s for each in result.struck)])
    scale = (WIDTH - LEFT - RIGHT) / span
    lanes = sorted({each.fault.target for each in result.struck})
    bottom = TOP + CHART + GAP + LANE * len(lanes)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 30}" '
        'font-family="sans-serif" font-size="11">',
        '<rect width="100%" height="100%" fill="#fff"/>',
        _text(LEFT, 16, _headline(result), 'font-size="14" font-weight="bold"'),
        *_legend(),
        *_bars(result, scale),
    ]
    for number, target in enumerate(lanes):
        y = TOP + CHART + GAP + LANE * number
        parts.append(_text(LEFT - 8, y + 12, target, 'text-anchor="end"'))
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="#eee"/>')
        for each in result.struck:
            if each.fault.target == target:
                width = max(2.0, (each.ended_s - each.began_s) * scale)
                words = (
                    f"{each.fault.kind}, {each.began_s:.1f} to {each.ended_s:.1f} s {each.failure}".strip()
                )
                parts.append(
                    f'<rect x="{LEFT + each.began_s * scale:.1f}" y="{y + 3}" width="{width:.1f}" '
                    f'height="{LANE - 6}" fill="{COLOURS[each.fault.blow]}">'
                    f"<title>{escape(words)}</title></rect>"
                )
    end = LEFT + result.load_s * scale
    parts.append(
        f'<line x1="{end:.1f}" x2="{end:.1f}" y1="{TOP}" y2="{bottom}" stroke="#333" stroke-dasharray="3 3"/>'
    )
    step = next(each for each in (5, 10, 30, 60, 120, 600, 3600, 10**9) if span / each <= 14)
    for second in range(0, int(span) + 1, step):
        x = LEFT + second * scale
        parts.append(_text(x, bottom + 16, f"{second} s", 'text-anchor="middle" fill="#555"'))
    return "\n".join([*parts, "</svg>", ""])


def _headline(result: Result) -> str:
    requests = result.ledger.requests
    return (
        f"{requests[Outcome.ACKNOWLEDGED]:,} acknowledged writes, {len(result.struck):,} faults, "
        f"recovered after {result.recovery.seconds:.1f} s, seed {result.options.seed}: "
        + ("all counts are zero" if result.holds else "it does not hold")
    )


def _legend() -> list[str]:
    parts, x = [], LEFT
    outcomes = [("acknowledged", "#27ae60"), ("unknown", "#e74c3c")]
    for name, colour in [*outcomes, *((str(blow), colour) for blow, colour in COLOURS.items())]:
        parts.append(f'<rect x="{x}" y="24" width="10" height="10" fill="{colour}"/>')
        parts.append(_text(x + 14, 33, name))
        x += 100
    return parts


def _bars(result: Result, scale: float) -> list[str]:
    """Acknowledged and unknown outcomes of each second, one on the other."""
    by_second = result.ledger.by_second
    acknowledged, unknown = by_second[Outcome.ACKNOWLEDGED], by_second[Outcome.UNKNOWN]
    highest = max([1, *((acknowledged + unknown).values())])
    parts = [
        _text(LEFT - 8, TOP + 10, f"{highest} writes/s", 'text-anchor="end" fill="#555"'),
        _text(LEFT - 8, TOP + CHART, "0", 'text-anchor="end" fill="#555"'),
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{TOP + CHART}" y2="{TOP + CHART}" stroke="#333"/>',
    ]
    floor: Counter[int] = Counter()
    for counter, colour in ((acknowledged, "#27ae60"), (unknown, "#e74c3c")):
        for second, number in sorted(counter.items()):
            height = CHART * number / highest
            y = TOP + CHART - CHART * floor[second] / highest - height
            floor[second] += number
            parts.append(
                f'<rect x="{LEFT + second * scale:.1f}" y="{y:.1f}" width="{max(0.6, scale * 0.95):.2f}" '
                f'height="{height:.1f}" fill="{colour}"/>'
            )
    return parts


def _text(x: float, y: float, words: str, attributes: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {attributes}>{escape(words)}</text>'
