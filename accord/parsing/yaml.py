"""Reading one YAML file into nodes, with bounds that no honest spec meets."""

import hashlib
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import yaml

from accord.findings import BrokenSpec, Location
from accord.parsing.nodes import MappingNode, Node, Scalar, ScalarNode, SequenceNode, escape

__all__ = ["noting_files", "read_yaml"]

MAX_BYTES = 20_000_000
MAX_DEPTH = 100
MAX_NODES = 2_000_000
"""After aliases are expanded: a few lines of aliases to aliases can stand for billions of nodes."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_noted: ContextVar[dict[Path, str] | None] = ContextVar("noted", default=None)

_NULL = re.compile(r"(null|Null|NULL|~|)\Z")
_BOOLEAN = re.compile(r"(true|True|TRUE|false|False|FALSE)\Z")
_INTEGER = re.compile(r"([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z")
_SURROGATES = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")


@contextmanager
def noting_files() -> Iterator[dict[Path, str]]:
    """Note each file that is read meanwhile, with the SHA-256 of the very bytes that were read."""
    noted: dict[Path, str] = {}
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


def read_yaml(path: Path, file: str, shown: str) -> Node:
    """Read ``path``, which references call ``file`` and findings ``shown``; raises `BrokenSpec`."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BrokenSpec.at(Location(shown), "unreadable-file", f"cannot be read: {error.strerror}") from None
    if (noted := _noted.get()) is not None:
        noted[path.absolute()] = hashlib.sha256(raw).hexdigest()
    if len(raw) > MAX_BYTES:
        sentence = f"holds {len(raw)} bytes, more than the {MAX_BYTES} that are read; split it"
        raise BrokenSpec.at(Location(shown), "too-large", sentence)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        column = len(before) - (before.rfind(b"\n") + 1) + 1
        place = Location(shown, before.count(b"\n") + 1, column)
        raise BrokenSpec.at(place, "bad-yaml", "is not UTF-8 here; save the file as UTF-8") from None
    return _Composer(_SURROGATES.sub(_joined, text), file, shown).compose()


def _joined(pair: re.Match[str]) -> str:
    """A character that JSON writes as two escapes (RFC 8259, section 7), which YAML does not know."""
    units = int(pair[2], 16).to_bytes(2, "big") + int(pair[3], 16).to_bytes(2, "big")
    return pair[1] + units.decode("utf-16-be")


class _Composer:
    def __init__(self, text: str, file: str, shown: str) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=_Loader)
        self._text = text
        self._file = file
        self._shown = shown
        self._anchors: dict[str, Node | None] = {}
        self._count = 0

    def compose(self) -> Node:
        try:
            while not isinstance(event := next(self._events), yaml.DocumentStartEvent):
                if isinstance(event, yaml.StreamEndEvent):
                    raise BrokenSpec.at(
                        Location(self._shown), "bad-yaml", "is empty; a spec is one YAML object"
                    )
            root = self._node(next(self._events), "", 0)
            next(self._events)
            if isinstance(event := next(self._events), yaml.DocumentStartEvent):
                sentence = "begins a second document; a spec is one document"
                raise BrokenSpec.at(self._place(event), "bad-yaml", sentence)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = Location(self._shown, mark.line + 1, mark.column + 1) if mark else Location(self._shown)
            said = " ".join(part for part in (error.context, error.problem) if part)
            raise BrokenSpec.at(place, "bad-yaml", f"is not YAML: {said}") from None
        except yaml.reader.ReaderError as error:
            before = self._text[: error.position]
            place = Location(self._shown, before.count("\n") + 1, error.position - before.rfind("\n"))
            raise BrokenSpec.at(place, "bad-yaml", "is not YAML: a character that YAML forbids") from None
        return root

    def _place(self, event: Any) -> Location:
        return Location(self._shown, event.start_mark.line + 1, event.start_mark.column + 1)

    def _node(self, event: Any, pointer: str, depth: int) -> Node:
        place = self._place(event)
        self._count += 1
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, pointer, place)
        if depth > MAX_DEPTH:
            raise BrokenSpec.at(place, "too-deep", f"is nested more than {MAX_DEPTH} levels deep; flatten it")
        if event.anchor:
            self._anchors[event.anchor] = None
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = ScalarNode(self._file, pointer, place, self._scalar(event))
        elif isinstance(event, yaml.SequenceStartEvent):
            self._refuse_tag(event)
            items: list[Node] = []
            while not isinstance(item := next(self._events), yaml.SequenceEndEvent):
                items.append(self._node(item, f"{pointer}/{len(items)}", depth + 1))
            node = SequenceNode(self._file, pointer, place, tuple(items))
        else:
            self._refuse_tag(event)
            node = self._mapping(pointer, place, depth)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _mapping(self, pointer: str, place: Location, depth: int) -> MappingNode:
        members: dict[str, Node] = {}
        keys: dict[str, Location] = {}
        merged: list[str] = []
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key_place = self._place(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise BrokenSpec.at(
                    key_place, "bad-key", "is a key that is no text; name the member with text"
                )
            key = event.value
            if key in members:
                sentence = f"repeats the key '{key}' of line {keys[key].line}; keep one of them"
                raise BrokenSpec.at(key_place, "duplicate-key", sentence)
            keys[key] = key_place
            members[key] = self._node(next(self._events), f"{pointer}/{escape(key)}", depth + 1)
            if key == "<<" and event.implicit[0]:
                merged.append(key)
        for key in merged:
            del keys[key]
            self._merge(members.pop(key), members, keys, pointer)
        return MappingNode(self._file, pointer, place, members, keys)

    def _merge(self, node: Node, members: dict[str, Node], keys: dict[str, Location], pointer: str) -> None:
        """Take over what ``<<`` names; what the object says itself counts (YAML 1.1)."""
        for source in node.items if isinstance(node, SequenceNode) else (node,):
            if not isinstance(source, MappingNode):
                sentence = f"'<<' merges objects, and this is {source.kind}; refer to an object with '*'"
                raise source.broken("bad-yaml", sentence)
            for key, member in source.members.items():
                if key not in members:
                    members[key] = self._moved(member, f"{pointer}/{escape(key)}", source.location)
                    keys[key] = source.keys[key]

    def _alias(self, event: Any, pointer: str, place: Location) -> Node:
        name = event.anchor
        if name not in self._anchors:
            raise BrokenSpec.at(place, "bad-yaml", f"is not YAML: there is no anchor '{name}' above")
        original = self._anchors[name]
        if original is None:
            raise BrokenSpec.at(place, "alias-cycle", f"refers to '{name}', which holds it; write it out")
        return self._moved(original, pointer, place)

    def _moved(self, node: Node, pointer: str, alias: Location) -> Node:
        """Copy what an alias stands for to the place of the alias; findings still point at the original."""
        self._count += 1
        if self._count > MAX_NODES:
            sentence = f"stands, with its like, for more than {MAX_NODES} values; write fewer aliases"
            raise BrokenSpec.at(alias, "alias-bomb", sentence)
        if isinstance(node, MappingNode):
            members = {
                name: self._moved(member, f"{pointer}/{escape(name)}", alias)
                for name, member in node.members.items()
            }
            return MappingNode(self._file, pointer, node.location, members, node.keys)
        if isinstance(node, SequenceNode):
            items = [self._moved(item, f"{pointer}/{i}", alias) for i, item in enumerate(node.items)]
            return SequenceNode(self._file, pointer, node.location, tuple(items))
        assert isinstance(node, ScalarNode)  # noqa: S101 - there are three kinds
        return ScalarNode(self._file, pointer, node.location, node.value)

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None and not event.implicit:
            raise BrokenSpec.at(
                self._place(event), "bad-yaml", f"has the tag '{event.tag}'; specs carry no tags"
            )

    def _scalar(self, event: Any) -> Scalar:
        text: str = event.value
        if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
            raise BrokenSpec.at(
                self._place(event), "bad-yaml", f"has the tag '{event.tag}'; specs carry no tags"
            )
        if event.tag is not None or not event.implicit[0]:
            return text
        if _NULL.match(text):
            return None
        if _BOOLEAN.match(text):
            return text.lower() == "true"
        try:
            if _INTEGER.match(text):
                return int(text, 0) if text.startswith("0") and text[1:2] in ("o", "x") else int(text)
            number = float(text) if _FLOAT.match(text) else None
        except ValueError:  # Python refuses to convert very long integers
            number = math.inf
        if number is not None and not math.isfinite(number):
            sentence = f"'{text[:20]}' is a number that JSON readers cannot hold; quote it if it is text"
            raise BrokenSpec.at(self._place(event), "bad-yaml", sentence)
        return text if number is None else number
