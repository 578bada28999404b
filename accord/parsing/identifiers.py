"""``$id`` and anchors (JSON Schema 2020-12, section 8.2): where schemas stand under names of their own."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import urldefrag, urljoin, urlsplit

from accord.model.schemas import MANY, NAMED, ONE
from accord.parsing.nodes import MappingNode, Node, ScalarNode, SequenceNode

__all__ = ["Identifiers", "is_schema", "join", "schema_nodes"]

_CONTAINERS = NAMED | {"$defs", "definitions", "dependencies"}
_SCHEMA_MEMBERS = frozenset({"schema", "payload"})
_SIGNS = frozenset(
    {
        "$schema",
        "$id",
        "$defs",
        "definitions",
        "type",
        "properties",
        "allOf",
        "anyOf",
        "oneOf",
        "$ref",
        "enum",
    }
)
"""A file that has one of these at its top, and no version of a specification, is a schema itself."""


def join(base: str, reference: str) -> str:
    """Resolve a reference (RFC 3986), also against a URN, which has no hierarchy, and against a file's name.

    A reference that leaves the folder of specs keeps its dots, so that it can be refused.
    """
    if not reference or reference.startswith("#"):
        return f"{urldefrag(base).url}{reference}"
    if urlsplit(base).scheme or urlsplit(reference).scheme:
        return urljoin(base, reference)
    path, sign, fragment = reference.partition("#")
    return f"{os.path.normpath(PurePosixPath(base).parent / path)}{sign}{fragment}"


def schema_nodes(node: Node, inside: bool = False) -> Iterator[MappingNode]:
    """Every object at or below ``node`` that is a schema; ``inside`` says that ``node`` itself is one."""
    if isinstance(node, SequenceNode):
        for item in node.items:
            yield from schema_nodes(item, inside)
    if not isinstance(node, MappingNode):
        return
    if inside:
        yield node
        for keyword, child in node.members.items():
            if keyword in ONE or keyword in MANY or keyword == "additionalItems":
                yield from schema_nodes(child, inside=True)
            elif keyword in _CONTAINERS and isinstance(child, MappingNode):
                for member in child.members.values():
                    yield from schema_nodes(member, inside=True)
        return
    for name, child in node.members.items():
        if name == "schemas" and isinstance(child, MappingNode) and node.pointer == "/components":
            for member in child.members.values():
                yield from schema_nodes(member, inside=True)
        else:
            yield from schema_nodes(child, inside=name in _SCHEMA_MEMBERS)


def is_schema(root: MappingNode) -> bool:
    """Whether a whole file is one schema."""
    named = {"openapi", "asyncapi", "swagger", "components"} & root.members.keys()
    return not named and bool(_SIGNS & root.members.keys())


@dataclass(slots=True)
class Identifiers:
    """All the names of all files; a resource is known by its absolute URI, or by its file's name."""

    resources: dict[str, Node] = field(default_factory=dict)
    anchors: dict[tuple[str, str], Node] = field(default_factory=dict)
    dynamic: dict[str, dict[str, Node]] = field(default_factory=dict)
    """The dynamic anchors of each resource."""
    _embedded: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def scan(self, root: MappingNode) -> None:
        """Learn the names in one file."""
        self.resources.setdefault(root.file, root)
        for node in schema_nodes(root, inside=is_schema(root)):
            for keyword in ("$id", "$anchor", "$dynamicAnchor"):
                name = node.members.get(keyword)
                if isinstance(name, ScalarNode) and isinstance(name.value, str):
                    self._learn(keyword, name.value, node)

    def base(self, node: Node) -> str:
        """The URI of the resource that the node belongs to."""
        for pointer, uri in reversed(self._embedded.get(node.file, ())):
            if node.pointer == pointer or node.pointer.startswith(f"{pointer}/"):
                return uri
        return node.file

    def _learn(self, keyword: str, name: str, node: MappingNode) -> None:
        base = self.base(node)
        if keyword == "$id":
            uri, fragment = urldefrag(join(base, name))
            if fragment:  # draft 7 names anchors this way
                self.anchors.setdefault((base, fragment), node)
            elif uri not in (base, node.file):
                self.resources.setdefault(uri, node)
                self._embedded.setdefault(node.file, []).append((node.pointer, uri))
            return
        self.anchors.setdefault((base, name), node)
        if keyword == "$dynamicAnchor":
            self.dynamic.setdefault(base, {}).setdefault(name, node)
