"""JSON Schema as specs embed it: nodes of any dialect to canonical documents under ids."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accord.findings import Problems
from accord.model.kinds import Schemas
from accord.model.names import ClassName
from accord.model.schemas import MANY, NAMED, ONE, Document, Schema, SchemaId
from accord.parsing.dialects import Dialect, Dialects, modern_document, modern_members
from accord.parsing.identifiers import is_schema
from accord.parsing.nodes import MappingNode, Node, ScalarNode, SequenceNode
from accord.parsing.patterns import is_held
from accord.parsing.references import Specs, target_of
from accord.parsing.schema_names import class_name, place_of
from accord.parsing.scopes import Direction, Scope, Scopes

__all__ = ["SchemaReader"]

_CONTAINERS = frozenset(
    {"$defs", "definitions", "$schema", "$id", "$anchor", "$dynamicAnchor", "$vocabulary"}
)
"""Keywords that only give names to schemas; in the model each schema has its id."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A schema that is referred to and not read yet; ``name`` is for those without a name of their own."""

    id: SchemaId
    node: Node
    scope: Scope
    name: str


class SchemaReader:
    """Reads schemas as they are asked for, and those that they refer to."""

    def __init__(self, specs: Specs) -> None:
        self._specs = specs
        self._scopes = Scopes(specs)
        self._schemas: dict[SchemaId, Schema] = {}
        self._waiting: list[_Wanted] = []
        self._dialects = Dialects(specs)

    @property
    def schemas(self) -> Schemas:
        """Questions about all that has been read so far."""
        return Schemas(self._schemas)

    @property
    def named(self) -> Mapping[SchemaId, Schema]:
        """All schemas, by file and place in the file."""
        ordered = sorted(self._schemas.values(), key=lambda s: (s.id.file, s.location, s.id))
        return {schema.id: schema for schema in ordered}

    def read_all(self, file: str) -> None:
        """Read every schema under components/schemas of a file, and a file that is a schema itself."""
        problems = Problems()
        root = self._specs.root(file)
        node: Node | None = root
        for name in ("components", "schemas"):
            node = node.members.get(name) if isinstance(node, MappingNode) else None
        schemas = list(node.members.items()) if isinstance(node, MappingNode) else []
        for name, schema in [*schemas, *([("", root)] if is_schema(root) else [])]:
            with problems.gathering():
                self._want(schema, Scope(), name)
                self._settle()
        problems.raise_if_any()

    def read(self, node: Node, name: str, direction: Direction = Direction.NEITHER) -> SchemaId:
        """Read any schema, a reference or written in place; ``name`` is for one without a name of its own.

        Raises `BrokenSpec` for what is no schema.
        """
        text = target_of(node)
        scope = Scope(direction)
        if (
            text is not None
            and isinstance(node, MappingNode)
            and set(node.members) <= {"$ref", "description"}
        ):
            self._dialects.adopt(text.file, node := self._specs.follow(text))
            id_ = self._want(node, scope, "")
        else:
            id_ = self._want(node, scope, name)
        self._settle()
        return id_

    def document(self, node: Node) -> Document:
        """The canonical form of a small schema that needs no id."""
        document: Document = self._whole(node, self._scopes.enter(node, Scope()))
        self._settle()
        return document

    def _want(self, node: Node, scope: Scope, name: str) -> SchemaId:
        scope = self._scopes.reduced(node, self._scopes.enter(node, scope))
        id_ = SchemaId.of(node.file, node.pointer, str(scope))
        if id_ not in self._schemas:
            self._waiting.append(_Wanted(id_, node, scope, name))
        return id_

    def _settle(self) -> None:
        while self._waiting:
            wanted = self._waiting.pop()
            if wanted.id not in self._schemas:
                location = place_of(self._specs.root(wanted.node.file), wanted.node)
                name = class_name(self._specs, wanted.node, wanted.scope, wanted.name, location)
                document = self._whole(wanted.node, wanted.scope)
                self._schemas[wanted.id] = Schema(wanted.id, ClassName(name), document, location)

    def _whole(self, node: Node, scope: Scope) -> Any:
        import jsonschema_rs

        if isinstance(node, MappingNode):
            dialect = self._dialects.of(node, self._dialects.of_file(node.file))
            try:
                jsonschema_rs.meta.validate({**node.plain, "$schema": dialect.metaschema})
            except jsonschema_rs.ValidationError as error:
                place = _descend(node, tuple(error.instance_path))
                raise place.broken(
                    "bad-schema", f"is no valid schema of {dialect}: {error.message}"
                ) from None
        return self._convert(node, scope, self._dialects.of_file(node.file))

    def _convert(self, node: Node, scope: Scope, dialect: Dialect) -> Any:
        if isinstance(node, ScalarNode) and isinstance(node.value, bool):
            return node.value
        if not isinstance(node, MappingNode):
            raise node.broken("bad-schema", f"is {node.kind}; a schema is an object, true or false")
        dialect = self._dialects.of(node, dialect)
        scope = self._scopes.enter(node, scope)
        members = modern_members(dialect, node)
        document: dict[str, Any] = {}
        for keyword, child in members.items():
            known = keyword in dialect.keywords or keyword in _MODERN
            if not known or keyword in ("$ref", "$dynamicRef"):
                continue
            if keyword in ONE and keyword != "items" and not isinstance(child, MappingNode | ScalarNode):
                raise child.broken("bad-schema", f"is {child.kind}; a schema is an object, true or false")
            if keyword in ONE:
                document[keyword] = self._convert(child, scope, dialect)
            elif keyword in MANY and isinstance(child, SequenceNode):
                document[keyword] = [self._convert(item, scope, dialect) for item in child.items]
            elif keyword in NAMED and isinstance(child, MappingNode):
                patterns = keyword == "patternProperties"
                document[keyword] = {
                    name: self._convert(member, scope, dialect)
                    for name, member in child.members.items()
                    if not patterns or is_held(self._specs, member, name)
                }
            elif keyword == "pattern" and not is_held(self._specs, child, child.plain):
                continue
            elif keyword not in _CONTAINERS:
                document[keyword] = child.plain
        self._warn_of_unknown(node, dialect, ignored="$ref" in members and dialect.ignores_siblings)
        modern_document(dialect, document)
        self._hide(document, members, scope.direction.hidden)
        self._refer(node, document, members, scope)
        return document

    def _refer(
        self, node: MappingNode, document: dict[str, Any], members: Mapping[str, Node], scope: Scope
    ) -> None:
        text = target_of(node)
        if text is not None:
            target = self._specs.follow(text)
            self._dialects.adopt(node.file, target)
            document["$ref"] = self._want(target, scope, "")
        dynamic = members.get("$dynamicRef")
        if isinstance(dynamic, ScalarNode):
            id_ = self._want(self._scopes.dynamic_target(dynamic, scope), scope, "")
            if "$ref" in document:
                document["allOf"] = [*document.get("allOf", ()), {"$ref": id_}]
            else:
                document["$ref"] = id_

    def _hide(self, document: dict[str, Any], members: Mapping[str, Node], keyword: str) -> None:
        """Take out the members that do not travel this way, and the demand that they be there."""
        if not keyword or not {"properties", "required"} & document.keys():
            return
        gone = self._hidden(members, keyword)
        if "properties" in document:
            kept = {name: member for name, member in document["properties"].items() if name not in gone}
            document["properties"] = kept
        if "required" in document:
            document["required"] = [name for name in document["required"] if name not in gone]

    def _hidden(self, members: Mapping[str, Node], keyword: str, seen: set[Node] | None = None) -> set[str]:
        """Names of members with the keyword, declared here or by what the same value must fit too."""
        seen = set() if seen is None else seen
        properties = members.get("properties")
        found = set()
        if isinstance(properties, MappingNode):
            found = {name for name, node in properties.members.items() if self._says(node, keyword)}
        parts = members.get("allOf")
        nodes = list(parts.items) if isinstance(parts, SequenceNode) else []
        for node in nodes:
            resolved = self._specs.resolve(node)
            if isinstance(resolved, MappingNode) and resolved not in seen:
                seen.add(resolved)
                found |= self._hidden(resolved.members, keyword, seen)
        return found

    def _says(self, node: Node, keyword: str) -> bool:
        while isinstance(node, MappingNode):
            said = node.members.get(keyword)
            if isinstance(said, ScalarNode) and said.value is True:
                return True
            text = target_of(node)
            if text is None:
                return False
            node = self._specs.follow(text)
        return False

    def _warn_of_unknown(self, node: MappingNode, dialect: Dialect, *, ignored: bool) -> None:
        for keyword, place in node.keys.items():
            if keyword.startswith("x-") or keyword not in node.members:
                continue
            if ignored and keyword not in ("$ref", "description", "summary", "title"):
                sentence = f"'{keyword}' stands beside a $ref, where {dialect} ignores it; move it"
                self._specs.warn(place, "reference-sibling", f"{sentence} to what the $ref points at")
            elif not ignored and keyword not in dialect.keywords:
                sentence = f"'{keyword}' is no keyword of {dialect} and is ignored; remove it"
                self._specs.warn(
                    place, "unknown-keyword", f"{sentence}, or name it 'x-{keyword.lstrip('$')}'"
                )


_MODERN = frozenset({"prefixItems", "dependentRequired", "dependentSchemas"})
"""What `modern_members` makes of older keywords."""


def _descend(node: Node, path: tuple[str | int, ...]) -> Node:
    """The node at a path; the deepest one there is, where the path goes on."""
    for step in path:
        if isinstance(node, MappingNode) and str(step) in node.members:
            node = node.members[str(step)]
        elif isinstance(node, SequenceNode) and int(step) < len(node.items):
            node = node.items[int(step)]
    return node
