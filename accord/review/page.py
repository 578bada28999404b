"""The page: everything in one HTML file that asks nobody for anything."""

import base64
import hashlib
from collections.abc import Iterable
from importlib.resources import files
from itertools import groupby
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from accord.characters import visible
from accord.model.contract import Contract
from accord.parsing.references import Specs
from accord.review.anchors import Anchors
from accord.review.book import write_book
from accord.review.notes import Level, Note
from accord.review.places import Places
from accord.review.placing import Placed
from accord.review.report import Review

__all__ = ["render_page"]

MOST_NOTES: Final = 500
"""Notes that are shown, the worst first; the rest is counted."""

_OWN: Final = (
    "all",
    "changes",
    "findings",
    "found",
    "main",
    "search",
    "theme",
    "title",
    "toc",
    "verdict",
    "wiring",
)
"""Ids of the page itself, which no service may take."""

_CLASSES: Final = {Level.DOCS: "docs"}


def render_page(review: Review, contract: Contract, specs: Specs) -> str:
    """Render the page; the same input gives the same text.

    The page carries a Content Security Policy that allows its own script by its digest and nothing else, so
    that a text of a spec could not run even if it slipped through escaping.
    """
    places, anchors = Places(specs), Anchors()
    for name in _OWN:
        anchors.add(name)
    book = write_book(contract, specs, places, anchors)
    placed = Placed(review.notes[:MOST_NOTES], book.chapters, places, anchors)
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
