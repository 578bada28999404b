"""Values that a spec shows or lets stand in, held against the schemas that they belong to."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from accord.lint.remarks import Remark, on
from accord.lint.sources import Sources
from accord.model.bundles import bundle
from accord.parsing.nodes import MappingNode, Node, SequenceNode
from accord.parsing.scopes import Direction

__all__ = ["Validators"]

_LONGEST = 200
"""Characters of what a validator says; a union of many schemas repeats the whole value."""


class Validators:
    """One validator for each schema, made when it is first asked for."""

    def __init__(self, sources: Sources) -> None:
        self._reader = sources.reading.schemas
        self._made: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def violations(
        self, schema: Node, value: Node, direction: Direction = Direction.NEITHER
    ) -> Iterator[tuple[Node, str]]:
        """The first place at which the value breaks the schema, and why."""
        id_ = self._reader.read(schema, "value", direction)
        if id_ not in self._made:
            document = bundle({"$ref": id_}, self._reader.schemas.by_id)
            self._made[id_] = jsonschema_rs.Draft202012Validator(
                document, validate_formats=True, offline=True
            )
        error = next(self._made[id_].iter_errors(value.plain), None)
        if error is not None:
            place = _descend(value, list(error.instance_path))
            yield place, shortened(error.message)

    def examples(
        self, schema: Node, value: Node, what: str, direction: Direction = Direction.NEITHER
    ) -> Iterator[Remark]:
        """What is wrong with an example of the schema."""
        for place, said in self.violations(schema, value, direction):
            sentence = f"{what} is not what its schema says: {said}; mend the example, or the schema"
            yield on(place, "example-invalid", sentence)


def shortened(text: str) -> str:
    """What fits into a line."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _descend(node: Node, path: list[Any]) -> Node:
    for step in path:
        if isinstance(node, MappingNode) and step in node.members:
            node = node.members[step]
        elif isinstance(node, SequenceNode) and isinstance(step, int):
            node = node.items[step]
    return node
