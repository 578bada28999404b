"""Names: one style within a file, and collections in the plural."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from accord.lint.inspection import Inspection
from accord.lint.remarks import Remark, on_key
from accord.parsing.nodes import MappingNode

__all__ = ["check"]

_STYLES = {
    "snake_case": re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+"),
    "camelCase": re.compile(r"[a-z][a-z0-9]*([A-Z][a-z0-9]*)+"),
    "kebab-case": re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+"),
    "PascalCase": re.compile(r"([A-Z][a-z0-9]+)+"),
}
"""Names of one word fit every style, and count for none."""
_PLURAL = re.compile(r".*s|people|children|men|women|data|media|news|feet|teeth|mice|criteria|staff|v[0-9]+")


def check(inspection: Inspection) -> Iterator[Remark]:
    """All of it."""
    by_file: dict[str, list[tuple[MappingNode, str]]] = {}
    for place in inspection.schemas.places:
        properties = place.node.members.get("properties")
        if isinstance(properties, MappingNode):
            by_file.setdefault(properties.file, []).extend((properties, name) for name in properties.members)
    for members in by_file.values():
        yield from _mixed(members)
    yield from _singular(inspection)


def _mixed(members: list[tuple[MappingNode, str]]) -> Iterator[Remark]:
    """Each name once, where it first stands."""
    first: dict[str, MappingNode] = {}
    for owner, name in sorted(members, key=lambda member: member[0].location):
        first.setdefault(name, owner)
    styles = {name: _style(name) for name in first}
    counted = Counter(style for style in styles.values() if style)
    if not counted:
        return
    usual = max(_STYLES, key=lambda style: counted[style])
    for name, style in styles.items():
        if style not in ("", usual):
            sentence = f"'{name}' is {style}, while most names of this file are {usual}; write it like them"
            yield on_key(first[name], name, "mixed-case", sentence)


def _style(name: str) -> str:
    return next((style for style, pattern in _STYLES.items() if pattern.fullmatch(name)), "")


def _singular(inspection: Inspection) -> Iterator[Remark]:
    seen: set[str] = set()
    paths = (
        found for root in inspection.sources.openapi for found in inspection.sources.entries(root, "paths")
    )
    for owner, path, _ in paths:
        segments = path.strip("/").split("/")
        for segment, following in pairwise(segments):
            fits = segment.startswith("{") or _PLURAL.fullmatch(segment.lower())
            if following.startswith("{") and not fits and segment not in seen:
                seen.add(segment)
                sentence = f"'{segment}' holds many and is called like one; write '{segment}s', or its plural"
                yield on_key(owner, path, "singular-collection", sentence)
