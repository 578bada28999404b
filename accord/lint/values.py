"""Values that a spec shows or lets stand in, held against the schemas that they belong to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from accord.lint.sources import Sources
from accord.model.bundles import bundle
from accord.parsing.nodes import MappingNode, Node, SequenceNode
from accord.parsing.scopes import Direction

__all__ = ["Shown", "Violation", "violations"]

_LONGEST = 200
"""Characters of what a validator says; a union of many schemas repeats the whole value."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A value with its schema, both as they stand; ``what`` is what people call it."""

    schema: Node
    value: Node
    what: str
    direction: Direction = Direction.NEITHER


@dataclass(frozen=True, slots=True)
class Violation:
    """The first place at which a value breaks its schema, and why."""

    shown: Shown
    place: Node
    said: str


def violations(sources: Sources, values: Sequence[Shown]) -> Iterator[Violation]:
    """Hold all values against their schemas, by one validator, which compiles each schema once."""
    reader = sources.reading.schemas
    ids = [reader.read(shown.schema, "value", shown.direction) for shown in values]
    document = {"properties": {str(id_): {"$ref": id_} for id_ in ids}}
    validator = jsonschema_rs.Draft202012Validator(
        bundle(document, reader.schemas.by_id), validate_formats=True, offline=True
    )
    for shown, id_ in zip(values, ids, strict=True):
        error = next(validator.iter_errors({str(id_): shown.value.plain}), None)
        if error is not None:
            place = _descend(shown.value, list(error.instance_path)[1:])
            yield Violation(shown, place, _shortened(error.message))


def _shortened(text: str) -> str:
    text = text.partition("\n")[0]
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _descend(node: Node, path: list[Any]) -> Node:
    for step in path:
        if isinstance(node, MappingNode) and step in node.members:
            node = node.members[step]
        elif isinstance(node, SequenceNode) and isinstance(step, int):
            node = node.items[step]
    return node
