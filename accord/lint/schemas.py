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


@dataclass(frozen=True, slots=True)
class _Step:
    """A schema that is to be visited, with what a `Place` is to know of it."""

    node: MappingNode
    owner: MappingNode
    key: str
    name: str
    use: Use
    begins: bool


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
            node = owner.members.get(key)
            if isinstance(node, MappingNode):
                self._visit(_Step(node, owner, key, name, use, begins=True))
        for owner, name in named:
            node = owner.members[name]
            if isinstance(node, MappingNode) and node not in self._places:
                self._visit(_Step(node, owner, name, name, Use.NOWHERE, begins=True))

    @property
    def places(self) -> tuple[Place, ...]:
        """Each schema once."""
        return tuple(self._places.values())

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

    def _visit(self, start: _Step) -> None:
        """Go on until nothing is new; chains of references are as long as they like."""
        waiting = [start]
        while waiting:
            step = waiting.pop()
            place = self._places.get(step.node)
            if place is None:
                place = self._places[step.node] = Place(step.node, step.owner, step.key, step.name)
            elif step.use in place.use and (place.begins or not step.begins):
                continue
            place.use |= step.use
            place.begins |= step.begins
            waiting += self._beyond(step)

    def _beyond(self, step: _Step) -> Iterator[_Step]:
        node, use = step.node, step.use
        reference = target_of(node)
        target = self._sources.specs.follow(reference) if reference is not None else None
        if isinstance(target, MappingNode):
            owner, name = self._owners.get(target, (target, ""))
            yield _Step(target, owner, name, name, use, step.begins)
        for keywords, begins in ((_IN_PLACE, False), (_ITEMS, True)):
            for keyword in keywords:
                child = node.members.get(keyword)
                if isinstance(child, MappingNode):
                    yield _Step(child, node, keyword, "", use, begins)
                for item in listed(node, keyword):
                    if isinstance(item, MappingNode):
                        yield _Step(item, item, "", "", use, begins)
        for keyword in ("properties", "patternProperties"):
            properties = node.members.get(keyword)
            if isinstance(properties, MappingNode):
                for member, child in properties.members.items():
                    if isinstance(child, MappingNode):
                        name = member if keyword == "properties" else ""
                        yield _Step(child, properties, member, name, use, begins=True)


def _holder(owner: MappingNode, node: Node) -> MappingNode:
    """An object that holds the schema, wherever it was found."""
    return MappingNode(owner.file, owner.pointer, owner.location, {"payload": node, "headers": node})
