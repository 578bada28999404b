"""The wiring as a picture: senders, topics with their events, readers. One SVG that needs nothing else."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape

from accord.wiring.routes import arriving, leaving, state
from accord.wiring.wires import Wire, Wiring, key_of

__all__ = ["as_svg"]

_LETTER = 7.3
"""Width of one letter of 12 pixels in the fonts named below, rounded up."""
_ROW, _HEAD, _PAD, _GAP, _REACH = 19, 30, 12, 18, 110
_LONGEST = 48
_MARKS = {"good": "✓", "doubtful": "?", "bad": "✗"}
_STYLE = """
.wiring{--ink:#1c2330;--faint:#586273;--paper:#ffffff;--box:#f2f4f7;--edge:#8b96a5;
--good:#1a7f4b;--doubtful:#8a5d00;--bad:#c2252b;
font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){.wiring{--ink:#e6eaf0;--faint:#a3adba;--paper:#14181f;--box:#212833;
--edge:#7d8998;--good:#57c98a;--doubtful:#e0b04a;--bad:#ff7b7f}}
.wiring text{fill:var(--ink)}
.wiring .faint{fill:var(--faint)}
.wiring .name{font-weight:600}
.wiring .paper{fill:var(--paper)}
.wiring .box{fill:var(--box);stroke:var(--edge)}
.wiring path{fill:none;stroke-width:1.6}
.wiring .good path{stroke:var(--edge)}
.wiring .doubtful path{stroke:var(--doubtful);stroke-dasharray:6 3}
.wiring .bad path{stroke:var(--bad);stroke-dasharray:2 3;stroke-width:2.4}
.wiring g path.head{stroke-dasharray:none}
.wiring .mark-good{fill:var(--good)}
.wiring .mark-doubtful{fill:var(--doubtful)}
.wiring .mark-bad{fill:var(--bad)}
"""


@dataclass(frozen=True, slots=True)
class _Box:
    """A rectangle; lines end in the middle of its sides."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def as_svg(wiring: Wiring) -> str:
    """The picture in light and dark, by the wish of whoever looks; colours never say anything alone."""
    topics = _topics(wiring)
    outgoing, incoming = list(leaving(wiring)), list(arriving(wiring))
    names = {*(r.sender for r in outgoing), *(r.reader for r in incoming)}
    side = max([_width(name) for name in names], default=0) + 2 * _PAD
    middle = max([_topic_width(topic, wires) for topic, wires in topics.items()], default=0)
    boxes: dict[str, _Box] = {}
    y = float(_PAD + _HEAD)
    for topic, wires in topics.items():
        height = _HEAD + _ROW * len(_events(wires)) + _PAD / 2
        boxes[topic] = _Box(_PAD + side + _REACH, y, middle, height)
        y += height + _GAP
    left = _column(_PAD, side, [(r.sender, boxes[r.topic].middle) for r in outgoing])
    right_x = _PAD + side + _REACH + middle + _REACH
    right = _column(right_x, side, [(r.reader, boxes[r.topic].middle) for r in incoming])
    height = max([y, *(box.y + box.height + _GAP for box in (*left.values(), *right.values()))])
    width = right_x + side + _PAD
    parts = [
        *_headings([(_PAD, "sends"), (_PAD + side + _REACH, "topic"), (right_x, "receives")]),
        *(_line(left[r.sender], boxes[r.topic], r.wires) for r in outgoing),
        *(_line(boxes[r.topic], right[r.reader], r.wires) for r in incoming),
        *(part for name, box in (*left.items(), *right.items()) for part in _service(name, box)),
        *(part for topic, wires in topics.items() for part in _topic(topic, wires, boxes[topic])),
    ]
    told = f"{len(wiring.services)} services, {len(topics)} topics, {len(wiring.wires)} wires"
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="wiring" role="img" {size}>'
        f"<title>Who sends what to whom: {told}</title>"
        f'<style>{_STYLE}</style><rect class="paper" width="100%" height="100%"/>{"".join(parts)}</svg>\n'
    )


def _topics(wiring: Wiring) -> dict[str, list[Wire]]:
    found: dict[str, list[Wire]] = {}
    for wire in wiring.wires:
        found.setdefault(wire.topic, []).append(wire)
    return found


def _events(wires: Iterable[Wire]) -> dict[str, list[Wire]]:
    found: dict[str, list[Wire]] = {}
    for wire in wires:
        found.setdefault(wire.event, []).append(wire)
    return found


def _column(x: float, width: float, aims: list[tuple[str, float]]) -> dict[str, _Box]:
    """Boxes beside the middle of what they are joined to, none above another."""
    wanted: dict[str, list[float]] = {}
    for name, y in aims:
        wanted.setdefault(name, []).append(y)
    height = _HEAD + _PAD
    boxes: dict[str, _Box] = {}
    least = float(_PAD + _HEAD)
    for name, places in sorted(wanted.items(), key=lambda item: sum(item[1]) / len(item[1])):
        y = max(least, sum(places) / len(places) - height / 2)
        boxes[name] = _Box(x, y, width, height)
        least = y + height + _GAP
    return boxes


def _headings(columns: list[tuple[float, str]]) -> Iterator[str]:
    for x, word in columns:
        yield f'<text class="faint" x="{x:.0f}" y="24">{word}</text>'


def _line(start: _Box, end: _Box, wires: Iterable[Wire]) -> str:
    wires = list(wires)
    x, y, far, other = start.x + start.width, start.middle, end.x, end.middle
    bend = (far - x) / 2
    curve = f"M{x:.0f} {y:.0f}C{x + bend:.0f} {y:.0f} {far - bend:.0f} {other:.0f} {far - 7:.0f} {other:.0f}"
    head = f"M{far - 8:.0f} {other - 4:.0f}L{far - 1:.0f} {other:.0f}L{far - 8:.0f} {other + 4:.0f}"
    told = ", ".join(dict.fromkeys(f"{wire.event} ({wire.verdict})" for wire in wires))
    drawn = f'<path d="{curve}"/><path class="head" d="{head}"/>'
    return f'<g class="{state(wires)}"><title>{escape(told)}</title>{drawn}</g>'


def _service(name: str, box: _Box) -> Iterator[str]:
    yield _rectangle(box, 9)
    yield (
        f'<text class="name" text-anchor="middle" x="{box.x + box.width / 2:.0f}" y="{box.middle + 4:.0f}">'
        f"{_shown(name)}</text>"
    )


def _topic(topic: str, wires: list[Wire], box: _Box) -> Iterator[str]:
    yield _rectangle(box, 3)
    yield f'<text class="name" x="{box.x + _PAD:.0f}" y="{box.y + 20:.0f}">{_shown(topic)}</text>'
    for number, (event, group) in enumerate(_events(wires).items()):
        y = box.y + _HEAD + _ROW * number + 13
        key = key_of(group[0].end.message)
        mark = state(group)
        told = "; ".join(dict.fromkeys(wire.verdict for wire in group))
        yield (
            f'<text x="{box.x + _PAD:.0f}" y="{y:.0f}"><title>{escape(f"{event}: {told}")}</title>'
            f'<tspan class="mark-{mark}">{_MARKS[mark]}</tspan> {_shown(event)}</text>'
        )
        if key:
            x = box.x + box.width - _PAD
            yield f'<text class="faint" text-anchor="end" x="{x:.0f}" y="{y:.0f}">{_shown(key)}</text>'


def _topic_width(topic: str, wires: list[Wire]) -> float:
    rows = [
        _width(event) + _width(key_of(group[0].end.message)) + 5 * _LETTER
        for event, group in _events(wires).items()
    ]
    return max([_width(topic), *rows]) + 2 * _PAD


def _rectangle(box: _Box, radius: int) -> str:
    place = f'x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" height="{box.height:.0f}"'
    return f'<rect class="box" {place} rx="{radius}"/>'


def _width(text: str) -> float:
    return min(len(text), _LONGEST) * _LETTER


def _shown(text: str) -> str:
    return escape(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")
