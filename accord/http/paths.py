"""Paths: which path of a contract a request means, and the texts that stand for its templates."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

__all__ = ["TEMPLATE", "PathTable", "path_as_sent"]

TEMPLATE: Final = re.compile(r"\{(\w+)\}")

_ESCAPE: Final = re.compile("%[0-9A-Fa-f]{2}")
_UNRESERVED: Final = re.compile("[A-Za-z0-9_~-]")


class PathTable:
    """Finds a path by its segments: literal ones go before templates, as OpenAPI (Paths Object) matches them.

    Among segments that hold both, the one with the longer literal goes first. A path that fits a more
    concrete one is that one, whatever methods it has.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._root = _Node()
        for path in paths:
            node = self._root
            for segment in path.split("/"):
                node = node.child(segment)
            node.path = path
            node.names = tuple(TEMPLATE.findall(path))

    def find(self, path: str) -> tuple[str, Mapping[str, str]] | None:
        """The contract's path and the text of each of its templates, or None."""
        found = self._root.end(path.split("/"))
        return found and (found[0].path, dict(zip(found[0].names, found[1], strict=True)))


class _Node:
    """What may follow after some segments, and the path that ends here, if one does."""

    __slots__ = ("literals", "names", "path", "templates")

    def __init__(self) -> None:
        self.path = ""
        self.names: tuple[str, ...] = ()
        self.literals: dict[str, _Node] = {}
        self.templates: list[tuple[int, re.Pattern[str], _Node]] = []
        """The length of the literal, what a segment has to look like, and what may follow; best first."""

    def child(self, segment: str) -> "_Node":
        """The node after this segment, made if need be."""
        literals = TEMPLATE.split(segment)[::2]
        if len(literals) == 1:
            return self.literals.setdefault(segment, _Node())
        pattern = re.compile("([^/]+)".join(map(re.escape, literals)))
        for _, known, node in self.templates:
            if known == pattern:
                return node
        self.templates.append((len("".join(literals)), pattern, _Node()))
        self.templates.sort(key=lambda template: -template[0])
        return self.child(segment)

    def end(self, segments: list[str], at: int = 0) -> tuple["_Node", tuple[str, ...]] | None:
        """Where the path that is meant ends, and the texts of its templates; None if no path fits."""
        if at == len(segments):
            return (self, ()) if self.path else None
        segment = segments[at]
        if (literal := self.literals.get(segment)) and (found := literal.end(segments, at + 1)):
            return found
        for _, pattern, node in self.templates:
            if (match := pattern.fullmatch(segment)) and (found := node.end(segments, at + 1)):
                return found[0], match.groups() + found[1]
        return None


def path_as_sent(scope: Mapping[str, Any]) -> str:
    """The path with its escapes, since a slash that is part of a value is no separator.

    Those of unreserved characters are taken off (RFC 3986, 6.2.2.2); that of the dot, a delimiter, stays.
    """
    raw = scope.get("raw_path")
    path = raw.decode("latin-1") if raw else quote(scope["path"], safe="/:;,=@!$&'()*+~%")
    return _ESCAPE.sub(_plain, path) if "%" in path else path


def _plain(match: re.Match[str]) -> str:
    character = chr(int(match[0][1:], 16))
    return character if _UNRESERVED.fullmatch(character) else match[0].upper()
