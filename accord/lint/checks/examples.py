"""Examples and defaults: each is a value that its own schema admits."""

from collections.abc import Iterator, Mapping

from accord.lint.events import schema
from accord.lint.http import contents
from accord.lint.inspection import Inspection
from accord.lint.meaning import listed
from accord.lint.remarks import Remark, on
from accord.lint.sources import Sources
from accord.parsing.contents import is_json
from accord.parsing.nodes import MappingNode, Node
from accord.parsing.scopes import Direction

__all__ = ["check"]


def check(inspection: Inspection) -> Iterator[Remark]:
    """All of it."""
    yield from _in_schemas(inspection)
    yield from _in_contents(inspection)
    yield from _in_messages(inspection)


def _in_schemas(inspection: Inspection) -> Iterator[Remark]:
    validators = inspection.validators
    for place in inspection.schemas.places:
        members = place.node.members
        for example in (*listed(place.node, "examples"), *_one(members, "example")):
            yield from validators.examples(place.node, example, "the example")
        for default in _one(members, "default"):
            for where, said in validators.violations(place.node, default):
                sentence = f"the default is not what its schema says: {said}; mend the default, or the schema"
                yield on(where, "default-invalid", sentence)


def _in_contents(inspection: Inspection) -> Iterator[Remark]:
    sources, validators = inspection.sources, inspection.validators
    for operation in inspection.operations:
        for content in contents(sources, operation):
            direction = Direction.RESPONSE if content.status else Direction.REQUEST
            if content.schema is not None and is_json(content.media_type):
                for what, example in _shown(sources, content.node):
                    yield from validators.examples(content.schema, example, what, direction)
        headers = (
            header
            for _, _, response in sources.entries(operation.node, "responses")
            for _, _, header in sources.entries(response, "headers")
        )
        for owner in (*operation.parameters, *headers):
            for what, example in _shown(sources, owner):
                if "schema" in owner.members:
                    yield from validators.examples(owner.members["schema"], example, what)


def _in_messages(inspection: Inspection) -> Iterator[Remark]:
    sources, validators = inspection.sources, inspection.validators
    for message in inspection.messages:
        for example in sources.items(message.node, "examples"):
            shown = sources.object(example)
            for name in ("payload", "headers"):
                described = schema(sources, message, name)
                if shown is not None and name in shown.members and described is not None:
                    what = f"the example of the {name} of {message.name}"
                    yield from validators.examples(described, shown.members[name], what)


def _shown(sources: Sources, owner: MappingNode) -> Iterator[tuple[str, Node]]:
    """``example`` and ``examples`` of a media type, a parameter or a header, with what to call them."""
    for example in _one(owner.members, "example"):
        yield "the example", example
    for _, name, example in sources.entries(owner, "examples"):
        if "value" in example.members:
            yield f"the example '{name}'", example.members["value"]


def _one(members: Mapping[str, Node], name: str) -> list[Node]:
    return [members[name]] if name in members else []
