"""`Narrator`: the story as it is read in a terminal."""

import json
from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from accord.bus.messages import Record

__all__ = ["Narrator"]

TOPIC_WIDTH = 20
"""Wide enough for the four streams, so that the columns stay where they are from step to step."""

SHOWN_MEMBERS = ("version", "origin", "name", "title")
"""Of an event's data: the ids are in the key, and the whole of it would fill the screen."""


class Narrator:
    """Prints each step once it is done: its time, what came of it, the events that Kafka carried for it."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def begin(self, title: str) -> None:
        """Say what the demo is."""
        self._console.print(Text(title, "bold"))
        self._console.print(
            Text("Below each step: topic, key, event type, partition@offset and data of its events.", "dim")
        )

    def step(
        self, number: int, title: str, milliseconds: float, outcome: str, events: Sequence[Record]
    ) -> None:
        """Tell a step that came true."""
        self._heading(number, title, f"{milliseconds:,.0f} ms", "green", "✓")
        self._console.print(Padding(Text(outcome), (0, 0, 0, 4), expand=False))
        self._events(events)

    def failure(
        self, number: int, title: str, milliseconds: float, why: str, events: Sequence[Record]
    ) -> None:
        """Tell a step that did not come true."""
        self._heading(number, title, f"{milliseconds:,.0f} ms", "bold red", "✗")
        self._console.print(Padding(Text(why, "red"), (0, 0, 0, 4), expand=False))
        self._events(events)

    def end(self, sentence: str, style: str) -> None:
        """Say how it went, on the whole."""
        self._console.print()
        self._console.print(Text(sentence, style), soft_wrap=True)

    def _heading(self, number: int, title: str, duration: str, style: str, mark: str) -> None:
        line = Table.grid(expand=True)
        line.add_column(ratio=1)
        line.add_column(justify="right", no_wrap=True)
        line.add_row(Text.assemble((f"{number:>2} {mark} ", style), (title, "bold")), Text(duration, "dim"))
        self._console.print()
        self._console.print(line)

    def _events(self, events: Sequence[Record]) -> None:
        width = max((len(record.topic) for record in events), default=0)
        for record in sorted(events, key=lambda record: record.timestamp):
            envelope = _envelope(record)
            row = Text.assemble(
                "      ",
                (f"{record.topic:<{max(width, TOPIC_WIDTH)}}  ", "cyan"),
                f"{(record.key or b'').decode('utf-8', 'replace'):<4}",
                (f"{envelope.get('event_type', '')!s:<20}  ", "magenta"),
                (f"{record.partition}@{record.offset:<3}  ", ""),
                (_summary(envelope), "dim"),
            )
            self._console.print(row, no_wrap=True, overflow="ellipsis")


def _envelope(record: Record) -> dict[str, object]:
    try:
        value = json.loads(record.value or b"")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _summary(envelope: dict[str, object]) -> str:
    data = envelope.get("data")
    if not isinstance(data, dict):
        return ""
    return " ".join(
        f"{name}={json.dumps(data[name], ensure_ascii=False)}" for name in SHOWN_MEMBERS if name in data
    )
