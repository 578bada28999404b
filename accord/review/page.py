"""The page: everything in one HTML file that asks nobody for anything."""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from itertools import groupby
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from accord.characters import visible
from accord.findings import Location
from accord.model.contract import Contract
from accord.parsing.references import Specs
from accord.review.anchors import Anchors
from accord.review.book import write_book
from accord.review.cards import Chapter
from accord.review.notes import Level, Note
from accord.review.places import Key, Places
from accord.review.report import Review

__all__ = ["render_page"]

MOST_NOTES: Final = 500
"""Notes that are shown, the worst first; the rest is counted."""

_CLASSES: Final = {Level.DOCS: "docs"}


def render_page(review: Review, contract: Contract, specs: Specs) -> str:
    """Render the page; the same input gives the same text.

    The page carries a Content Security Policy that allows its own script by its digest and nothing else, so
    that a text of a spec could not run even if it slipped through escaping.
    """
    places, anchors = Places(specs), Anchors()
    for reserved in ("main", "verdict", "changes", "findings", "wiring", "search", "found", "theme", "toc"):
        anchors.add(reserved)
    book = write_book(contract, specs, places, anchors)
    placed = _Placed(review.notes[:MOST_NOTES], book.chapters, places, anchors)
    environment = _environment()
    environment.globals |= {"notes_at": placed.at, "anchor_of": anchors.of, "home": placed.home}
    environment.globals |= {"note_id": placed.id_of, "count_below": placed.below}
    script = _asset("script.js")
    return environment.get_template("page.html.jinja").render(
        book=book,
        review=review,
        changes=_by_level(note for note in placed.notes if note.action != "found"),
        findings=_by_level(note for note in placed.notes if note.action == "found"),
        unshown=max(0, len(review.notes) - MOST_NOTES),
        picture=Markup(review.picture),  # noqa: S704 - drawn by Accord, which escapes names
        style=Markup(_asset("style.css")),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _by_level(notes: Iterable[Note]) -> list[tuple[Level, list[Note]]]:
    """The same order; a level is what a reader may want to fold as a whole."""
    return [(level, list(group)) for level, group in groupby(notes, key=lambda note: note.level)]


class _Placed:
    """Which notes belong to which part of the page."""

    def __init__(
        self, notes: Sequence[Note], chapters: Sequence[Chapter], places: Places, anchors: Anchors
    ) -> None:
        self.notes = notes
        self._anchors = anchors
        self._files = [file for chapter in chapters for file in chapter.files]
        self._keys: list[Key | None] = []
        self._by_key: dict[Key, list[Note]] = {}
        self._below: dict[Key, list[Note]] = {}
        self._numbers: dict[int, int] = {}
        for number, note in enumerate(notes):
            key = self._key(note, places)
            self._keys.append(key)
            self._numbers[id(note)] = number
            for around in _around(key):
                self._below.setdefault(around, []).append(note)
            if key is not None:
                self._by_key.setdefault(key, []).append(note)

    def _key(self, note: Note, places: Places) -> Key | None:
        key = places.key(note.new) if note.new else None
        if key is None and note.action == "removed":
            # Its place is in the version before; its chapter is still there.
            key = next(((file, "") for file in self._files if _is_in(note.place, file)), None)
        return None if key is None else self._anchors.nearest(key)

    def at(self, key: Key | None) -> list[Note]:
        """The notes of a part."""
        return [] if key is None else self._by_key.get(key, [])

    def below(self, key: Key | None) -> list[Note]:
        """The notes of a part and of all that stands within it, the worst first."""
        return [] if key is None else self._below.get(key, [])

    def home(self, note: Note) -> str | None:
        """The anchor of the part that a note belongs to."""
        key = self._keys[self._numbers[id(note)]]
        return None if key is None else self._anchors.of(key)

    def id_of(self, note: Note) -> str:
        """The anchor of the note itself, in the list of all."""
        return f"note-{self._numbers[id(note)] + 1}"


def _around(key: Key | None) -> Iterator[Key]:
    """A part and all parts that it stands in."""
    if key is not None:
        file, pointer = key
        yield file, pointer
        while pointer:
            pointer = pointer.rpartition("/")[0]
            yield file, pointer


def _is_in(place: Location, file: str) -> bool:
    return place.path.partition(":")[2].endswith(file) or place.path.endswith(file)


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("accord.review"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    environment.filters["level"] = lambda level: _CLASSES.get(level, str(level))
    return environment


def _visible(value: Any) -> Any:
    """Name characters that nobody sees, such as those that turn the direction of a line."""
    return visible(value, keep="\n\t") if type(value) is str else value


def _asset(name: str) -> str:
    return files(__package__).joinpath("templates", name).read_text(encoding="utf-8")
