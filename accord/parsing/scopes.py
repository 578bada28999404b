"""Scopes: what one schema means in several contexts, each of which gets an id of its own."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urldefrag

from accord.parsing.identifiers import join, schema_nodes
from accord.parsing.nodes import MappingNode, Node, ScalarNode
from accord.parsing.references import Specs, target_of

__all__ = ["Direction", "Scope", "Scopes"]


class Direction(StrEnum):
    """Which way a value travels: requests carry nothing readOnly, responses nothing writeOnly."""

    NEITHER = ""
    REQUEST = "request"
    RESPONSE = "response"

    @property
    def hidden(self) -> str:
        """The keyword that takes a member out of the schema."""
        return {"request": "readOnly", "response": "writeOnly"}.get(self, "")


@dataclass(frozen=True, slots=True)
class Scope:
    """``bindings`` say which resource a dynamic anchor stands for: the outermost on the way that has it."""

    direction: Direction = Direction.NEITHER
    bindings: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return "&".join([*filter(None, [self.direction]), *(f"{name}={uri}" for name, uri in self.bindings)])


class Scopes:
    """Enters resources, and forgets of a scope what makes no difference to a schema."""

    def __init__(self, specs: Specs) -> None:
        self._specs = specs
        self._features: dict[Node, frozenset[str]] = {}
        self._direct: dict[Node, tuple[frozenset[str], tuple[Node, ...]]] = {}

    def enter(self, node: Node, scope: Scope) -> Scope:
        """The scope within the resource of ``node`` (JSON Schema 2020-12, section 7.1)."""
        identifiers = self._specs.identifiers
        if not identifiers.dynamic:
            return scope
        uri = identifiers.base(node)
        bound = dict(scope.bindings)
        for name in identifiers.dynamic.get(uri, ()):
            bound.setdefault(name, uri)
        return replace(scope, bindings=tuple(sorted(bound.items())))

    def reduced(self, node: Node, scope: Scope) -> Scope:
        """The scope without what the schema, and all that it refers to, never asks for."""
        if scope == Scope():
            return scope
        features = self._reachable(node)
        direction = scope.direction if scope.direction.hidden in features else Direction.NEITHER
        own = self._specs.identifiers.base(node)  # entering it binds its own anchors anyway
        kept = ((name, uri) for name, uri in scope.bindings if f"#{name}" in features and uri != own)
        return Scope(direction, tuple(kept))

    def dynamic_target(self, reference: ScalarNode, scope: Scope) -> Node:
        """What a ``$dynamicRef`` points at in this scope (JSON Schema 2020-12, section 8.2.3.2)."""
        found = self._specs.follow(reference)
        identifiers = self._specs.identifiers
        name = urldefrag(str(reference.value)).fragment
        initial = identifiers.dynamic.get(identifiers.base(found), {})
        if initial.get(name) is not found:
            return found
        outermost = dict(scope.bindings).get(name)
        return identifiers.dynamic[outermost][name] if outermost is not None else found

    def _reachable(self, start: Node) -> frozenset[str]:
        if start not in self._features:
            seen: set[Node] = set()
            waiting = [start]
            found: set[str] = set()
            while waiting:
                node = waiting.pop()
                if node in seen:
                    continue
                seen.add(node)
                if node in self._features:
                    found |= self._features[node]
                    continue
                own, targets = self._of(node)
                found |= own
                waiting += targets
            self._features[start] = frozenset(found)
        return self._features[start]

    def _of(self, node: Node) -> tuple[frozenset[str], tuple[Node, ...]]:
        if node not in self._direct:
            named: set[str] = set()
            targets: list[Node] = []
            for schema in schema_nodes(node, inside=True):
                named |= set(_flags(schema))
                targets += self._targets(schema)
            self._direct[node] = frozenset(named), tuple(targets)
        return self._direct[node]

    def _targets(self, schema: MappingNode) -> Iterable[Node]:
        text = target_of(schema)
        if text is not None:
            yield self._specs.follow(text)
        dynamic = schema.members.get("$dynamicRef")
        if isinstance(dynamic, ScalarNode) and isinstance(dynamic.value, str):
            name = urldefrag(join("", dynamic.value)).fragment
            yield self._specs.follow(dynamic)
            for anchors in self._specs.identifiers.dynamic.values():
                if name in anchors:
                    yield anchors[name]


def _flags(schema: MappingNode) -> Iterator[str]:
    for keyword in ("readOnly", "writeOnly"):
        said = schema.members.get(keyword)
        if isinstance(said, ScalarNode) and said.value is True:
            yield keyword
    dynamic = schema.members.get("$dynamicRef")
    if isinstance(dynamic, ScalarNode):
        yield f"#{urldefrag(str(dynamic.value)).fragment}"
