"""Schemas without an end: texts, lists and whole numbers of any size."""

import re
from collections.abc import Iterator

from accord.lint.inspection import Inspection
from accord.lint.meaning import Part, alternatives, types_of
from accord.lint.remarks import Remark, on_key
from accord.lint.schemas import Place
from accord.lint.sources import Sources

__all__ = ["check"]

_ENDLESS = re.compile(r"(?<!\\)[*+]|\{\d*,\}")
"""What lets a pattern go on for ever."""
_LISTED = ("maxItems", "prefixItems", "const", "enum")


def check(inspection: Inspection) -> Iterator[Remark]:
    """All of it, at each place where a value begins."""
    for place in inspection.schemas.places:
        if place.begins:
            yield from _unbounded(inspection.sources, place)


def _unbounded(sources: Sources, place: Place) -> Iterator[Remark]:
    found = alternatives(sources, place.node)
    called = f"'{place.name}'" if place.name else "this"
    if any(_says(each, "string") and not _ends(sources, each) for each in found):
        sentence = f"{called} is a text of any length; add 'maxLength', or a format or a pattern that ends"
        yield on_key(place.owner, place.key, "unbounded-string", sentence)
    if any(_says(each, "array") and not _any(each, *_LISTED) for each in found):
        sentence = f"{called} is a list of any length; add 'maxItems'"
        yield on_key(place.owner, place.key, "unbounded-array", sentence)
    if any(_says(each, "integer") and not _counts(each) for each in found):
        sentence = f"{called} is a whole number of any size; add 'format: int64', or 'minimum' and 'maximum'"
        yield on_key(place.owner, place.key, "unbounded-integer", sentence)


def _says(alternative: list[Part], type_: str) -> bool:
    return any(part.own and type_ in types_of(part.node) for part in alternative)


def _any(alternative: list[Part], *keywords: str) -> bool:
    return any(part.says(*keywords) for part in alternative)


def _ends(sources: Sources, alternative: list[Part]) -> bool:
    if _any(alternative, "maxLength", "enum", "const", "format", "x-extensible-enum"):
        return True
    patterns = [sources.text(part.node.members.get("pattern")) for part in alternative]
    return any(
        pattern.startswith("^") and pattern.endswith("$") and not _ENDLESS.search(pattern)
        for pattern in patterns
    )


def _counts(alternative: list[Part]) -> bool:
    if _any(alternative, "enum", "const", "format"):
        return True
    return _any(alternative, "minimum", "exclusiveMinimum") and _any(
        alternative, "maximum", "exclusiveMaximum"
    )
