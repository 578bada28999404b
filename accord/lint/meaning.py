"""What a schema says as it is written: types and keywords, its own and those of what it is made of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from accord.lint.sources import Sources
from accord.parsing.nodes import MappingNode, Node, ScalarNode, SequenceNode
from accord.parsing.references import target_of

__all__ = ["Part", "admits_null", "alternatives", "listed", "parts", "types_of"]

_MOST = 64
"""Alternatives of one schema that are looked at; who writes more means the same in all of them."""


@dataclass(frozen=True, slots=True)
class Part:
    """An object of keywords that a value must fit; ``own`` ones stand at the place itself, not elsewhere."""

    node: MappingNode
    own: bool

    def says(self, *keywords: str) -> bool:
        """Whether one of the keywords is there."""
        return not self.node.members.keys().isdisjoint(keywords)


def parts(sources: Sources, node: Node, *, own: bool = True, depth: int = 0) -> Iterator[Part]:
    """The schema, what it refers to, and each part of an ``allOf``: what every value fits."""
    if not isinstance(node, MappingNode) or depth > 40:
        return
    yield Part(node, own)
    reference = target_of(node)
    if reference is not None:
        yield from parts(sources, sources.specs.follow(reference), own=False, depth=depth + 1)
    for item in listed(node, "allOf"):
        yield from parts(sources, item, own=own, depth=depth + 1)


def alternatives(sources: Sources, node: Node) -> list[list[Part]]:
    """What each kind of value fits: one list for each branch of ``anyOf`` and ``oneOf``."""
    found: list[list[Part]] = [list(parts(sources, node))]
    for part in found[0].copy():
        for keyword in ("anyOf", "oneOf"):
            branches = [list(parts(sources, item, own=part.own)) for item in listed(part.node, keyword)]
            if branches and len(found) * len(branches) <= _MOST:
                found = [[*one, *branch] for one in found for branch in branches]
    return found


def types_of(node: MappingNode) -> set[str]:
    """The types that the object itself names; ``nullable`` of OpenAPI 3.0 counts as null."""
    said = node.members.get("type")
    named: Sequence[Node] = said.items if isinstance(said, SequenceNode) else [said] if said else []
    found = {str(item.value) for item in named if isinstance(item, ScalarNode)}
    nullable = node.members.get("nullable")
    return found | {"null"} if isinstance(nullable, ScalarNode) and nullable.value is True else found


def admits_null(sources: Sources, node: Node) -> bool:
    """Whether null is one of the values that the schema names."""
    return any(
        any("null" in types_of(part.node) or _is_null(part.node) for part in alternative)
        for alternative in alternatives(sources, node)
    )


def _is_null(node: MappingNode) -> bool:
    values = [*listed(node, "enum"), *([node.members["const"]] if "const" in node.members else [])]
    return any(isinstance(value, ScalarNode) and value.value is None for value in values)


def listed(node: MappingNode, keyword: str) -> tuple[Node, ...]:
    """The items of a list that the object itself has; empty if it has none."""
    found = node.members.get(keyword)
    return found.items if isinstance(found, SequenceNode) else ()
