"""Examples and defaults: each is a value that its own schema admits."""

from collections.abc import Iterator, Mapping

from accord.lint.events import schema
from accord.lint.http import contents
from accord.lint.inspection import Inspection
from accord.lint.meaning import listed
from accord.lint.remarks import Remark, on
from accord.lint.sources import Sources
from accord.lint.values import Shown, violations
from accord.parsing.contents import is_json
from accord.parsing.nodes import MappingNode, Node
from accord.parsing.scopes import Direction

__all__ = ["check"]

_DEFAULT = "the default"


def check(inspection: Inspection) -> Iterator[Remark]:
    """All of it."""
    shown = [*_in_schemas(inspection), *_in_contents(inspection), *_in_messages(inspection)]
    for found in violations(inspection.sources, shown):
        what = found.shown.what
        sentence = f"{what} is not what its schema says: {found.said}; mend it, or the schema"
        yield on(found.place, "default-invalid" if what == _DEFAULT else "example-invalid", sentence)


def _in_schemas(inspection: Inspection) -> Iterator[Shown]:
    for place in inspection.schemas.places:
        members = place.node.members
        for example in (*listed(place.node, "examples"), *_one(members, "example")):
            yield Shown(place.node, example, "the example")
        for default in _one(members, "default"):
            yield Shown(place.node, default, _DEFAULT)


def _in_contents(inspection: Inspection) -> Iterator[Shown]:
    sources = inspection.sources
    for operation in inspection.operations:
        for content in contents(sources, operation):
            direction = Direction.RESPONSE if content.status else Direction.REQUEST
            if content.schema is not None and is_json(content.media_type):
                for what, example in _beside(sources, content.node):
                    yield Shown(content.schema, example, what, direction)
        headers = (
            header
            for _, _, response in sources.entries(operation.node, "responses")
            for _, _, header in sources.entries(response, "headers")
        )
        for owner in (*operation.parameters, *headers):
            for what, example in _beside(sources, owner):
                if "schema" in owner.members:
                    yield Shown(owner.members["schema"], example, what)


def _in_messages(inspection: Inspection) -> Iterator[Shown]:
    sources = inspection.sources
    for message in inspection.messages:
        for example in sources.items(message.node, "examples"):
            shown = sources.object(example)
            for name in ("payload", "headers"):
                described = schema(sources, message, name)
                if shown is not None and name in shown.members and described is not None:
                    what = f"the example of the {name} of {message.name}"
                    yield Shown(described, shown.members[name], what)


def _beside(sources: Sources, owner: MappingNode) -> Iterator[tuple[str, Node]]:
    """``example`` and ``examples`` of a media type, a parameter or a header, with what to call them."""
    for example in _one(owner.members, "example"):
        yield "the example", example
    for _, name, example in sources.entries(owner, "examples"):
        if "value" in example.members:
            yield f"the example '{name}'", example.members["value"]


def _one(members: Mapping[str, Node], name: str) -> list[Node]:
    return [members[name]] if name in members else []
