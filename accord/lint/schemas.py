"""Every schema of the specs, with where its values travel."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Flag, auto

from accord.lint.events import Message, schema
from accord.lint.http import Operation, contents
from accord.lint.meaning import listed
from accord.lint.sources import Sources
from accord.parsing.nodes import MappingNode, Node
from accord.parsing.references import target_of

__all__ = ["Place", "SchemaWalk", "Use"]

_IN_PLACE = ("allOf", "anyOf", "oneOf", "then", "else")
_ITEMS = ("items", "prefixItems", "additionalProperties", "additionalItems", "unevaluatedProperties")


class Use(Flag):
    """Where values of a schema travel; several, or none that anybody knows of."""

    NOWHERE = 0
    REQUEST = auto()
    RESPONSE = auto()
    PARAMETER = auto()
    PAYLOAD = auto()
    HEADERS = auto()
    KEY = auto()


@dataclass(slots=True, eq=False)
class Place:
    """A schema, perhaps a reference to another; ``owner`` holds it under ``key``, people call it ``name``.

    ``begins`` says that a value begins here: it is no mere part of another schema's ``allOf`` and the like.
    """

    node: MappingNode
    owner: MappingNode
    key: str
    name: str
    use: Use = Use.NOWHERE
    begins: bool = False


class SchemaWalk:
    """Finds all schemas that are used, by walking from where they are, and those that are merely named."""

    def __init__(self, sources: Sources, found: Iterable[Operation], carried: Iterable[Message]) -> None:
        self._sources = sources
        self._places: dict[Node, Place] = {}
        self._owners: dict[Node, tuple[MappingNode, str]] = {}
        named = [found for root in sources.files for found in self._components(root)]
        for owner, name in named:
            self._owners[owner.members[name]] = (owner, name)
        for owner, key, name, use in self._entrances(found, carried):
            self._visit(owner, key, name, use, begins=True)
        for owner, name in named:
            if owner.members[name] not in self._places:
                self._visit(owner, name, name, Use.NOWHERE, begins=True)

    @property
    def places(self) -> tuple[Place, ...]:
        """Each schema once."""
        return tuple(self._places.values())

    def place(self, node: Node) -> Place | None:
        """What is known of a schema."""
        return self._places.get(node)

    def _components(self, root: MappingNode) -> Iterator[tuple[MappingNode, str]]:
        owner = self._sources.object(root, "components", "schemas")
        for name in owner.members if owner is not None else ():
            if owner is not None:
                yield owner, name

    def _entrances(
        self, found: Iterable[Operation], carried: Iterable[Message]
    ) -> Iterator[tuple[MappingNode, str, str, Use]]:
        sources = self._sources
        for operation in found:
            for parameter in operation.parameters:
                yield parameter, "schema", sources.text(parameter, "name"), Use.PARAMETER
                for _, _, described in sources.entries(parameter, "content"):
                    yield described, "schema", "", Use.PARAMETER
            for content in contents(sources, operation):
                yield content.node, "schema", "", Use.RESPONSE if content.status else Use.REQUEST
            for _, _, response in sources.entries(operation.node, "responses"):
                for _, name, header in sources.entries(response, "headers"):
                    yield header, "schema", name, Use.PARAMETER
        for message in carried:
            for name, use in (("payload", Use.PAYLOAD), ("headers", Use.HEADERS)):
                payload = schema(sources, message, name)
                if payload is not None:
                    yield _holder(message.node, payload), name, "", use
            binding = sources.object(message.node, "bindings", "kafka")
            if binding is not None:
                yield binding, "key", "", Use.KEY

    def _visit(self, owner: MappingNode, key: str, name: str, use: Use, *, begins: bool) -> None:
        node = owner.members.get(key)
        if isinstance(node, MappingNode):
            self._enter(node, owner, key, name, use, begins=begins)

    def _enter(
        self, node: MappingNode, owner: MappingNode, key: str, name: str, use: Use, *, begins: bool
    ) -> None:
        place = self._places.get(node)
        if place is None:
            place = self._places[node] = Place(node, owner, key, name)
        elif use in place.use and (place.begins or not begins):
            return
        place.use |= use
        place.begins |= begins
        reference = target_of(node)
        if reference is not None:
            target = self._sources.specs.follow(reference)
            if isinstance(target, MappingNode):
                held, called = self._owners.get(target, (target, ""))
                self._enter(target, held, called, called, use, begins=begins)
        for keyword in _IN_PLACE:
            self._below(node, keyword, use, begins=False)
        for keyword in _ITEMS:
            self._below(node, keyword, use, begins=True)
        for keyword in ("properties", "patternProperties"):
            properties = node.members.get(keyword)
            if isinstance(properties, MappingNode):
                for member in properties.members:
                    called = member if keyword == "properties" else ""
                    self._visit(properties, member, called, use, begins=True)

    def _below(self, node: MappingNode, keyword: str, use: Use, *, begins: bool) -> None:
        self._visit(node, keyword, "", use, begins=begins)
        for item in listed(node, keyword):
            if isinstance(item, MappingNode):
                self._enter(item, item, "", "", use, begins=begins)


def _holder(owner: MappingNode, node: Node) -> MappingNode:
    """An object that holds the schema, wherever it was found."""
    return MappingNode(owner.file, owner.pointer, owner.location, {"payload": node, "headers": node})
