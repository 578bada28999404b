"""The lines of a file around a place, with a caret under what is meant."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import click

from accord.cli.safe import visible
from accord.findings import Location

__all__ = ["Excerpts"]

BEFORE, AFTER = 2, 1
"""Lines that are shown around the one that is meant."""

MAX_WIDTH = 110
"""Cells; a longer line is cut around the place, with `…` where something is left out."""

MAX_BYTES = 5_000_000
"""Larger files are not opened again only to be shown."""

_TOKEN = re.compile(r"""(?P<quote>["'])(?:\\.|(?!(?P=quote)).)*(?P=quote)|[^\s:,{}\[\]#"']+|\S""")


class Excerpts:
    """Reads each file once."""

    def __init__(self) -> None:
        self._files: dict[str, list[str]] = {}

    def of(self, place: Location, colour: str) -> Iterator[str]:
        """Some lines with a gutter of line numbers; none if the place is in no file that can be read."""
        lines = self._lines(place.path)
        if not 1 <= place.line <= len(lines) or not any(line.strip() for line in lines):
            return
        first, last = max(1, place.line - BEFORE), min(len(lines), place.line + AFTER)
        shown = {number: _expanded(lines[number - 1]) for number in range(first, last + 1)}
        while not shown[first].strip() and first < place.line:
            del shown[first]
            first += 1
        while not shown[last].strip() and last > place.line:
            del shown[last]
            last -= 1
        column = len(_expanded(lines[place.line - 1][: place.column - 1]))
        start = _start(shown[place.line], column)
        digits = len(str(last))
        for number, text in shown.items():
            gutter = click.style(f"{number:>{digits}} |", fg="blue")
            yield f"{gutter} {_cut(text, start)}".rstrip()
            if number == place.line:
                length = _length(text, column)
                before = _cells(_cut(text[:column], start))
                mark = "^" * min(max(1, _cells(text[column : column + length])), MAX_WIDTH - before)
                gutter = click.style(f"{' ' * digits} |", fg="blue")
                yield f"{gutter} {' ' * before}{click.style(mark or '^', fg=colour, bold=True)}"

    def _lines(self, path: str) -> list[str]:
        if path not in self._files:
            self._files[path] = _read(Path(path))
        return self._files[path]


def _read(path: Path) -> list[str]:
    try:
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            return []
        # As the readers count lines: of these, YAML and TOML know the line feed alone.
        return path.read_text("utf-8-sig", errors="replace").split("\n")
    except OSError:
        return []


def _expanded(line: str) -> str:
    return visible(line.rstrip("\r").replace("\t", "    "))


def _length(text: str, column: int) -> int:
    """How many characters belong to what begins at the column."""
    match = _TOKEN.match(text, column)
    return len(match[0]) if match else 1


def _start(text: str, column: int) -> int:
    """The first character that is shown, so that the place is seen in a line of any length."""
    return 0 if _cells(text[:column]) < MAX_WIDTH * 2 // 3 else max(0, column - MAX_WIDTH // 3)


def _cut(text: str, start: int) -> str:
    shown = f"…{text[start:]}" if start else text
    if len(shown) <= MAX_WIDTH:
        return shown
    return f"{shown[: MAX_WIDTH - 1]}…"


def _cells(text: str) -> int:
    """How wide a terminal draws it: East Asian characters take two cells, combining ones none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )
