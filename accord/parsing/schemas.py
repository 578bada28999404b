"""JSON Schema (draft 2020-12) as OpenAPI 3.1 and AsyncAPI 3.0 embed it: nodes to canonical documents."""

from collections.abc import Mapping
from typing import Any

from accord.findings import BrokenSpec, Problems
from accord.model.kinds import Kind, Schemas, types_of
from accord.model.names import ClassName, IllegalName, MemberName
from accord.model.schemas import ANNOTATIONS, Document, Schema, SchemaId, reference, subschemas
from accord.parsing.nodes import MappingNode, Node, ScalarNode, SequenceNode
from accord.parsing.references import Specs, target_of

__all__ = ["SchemaReader"]

_KEYWORDS = ANNOTATIONS | frozenset(
    {"$ref", "type", "enum", "const", "format", "allOf", "anyOf", "oneOf", "not", "if", "then", "else"}
    | {"multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"}
    | {"maxLength", "minLength", "pattern"}
    | {"items", "prefixItems", "maxItems", "minItems", "uniqueItems", "unevaluatedItems"}
    | {"contains", "maxContains", "minContains"}
    | {"properties", "patternProperties", "additionalProperties", "unevaluatedProperties", "propertyNames"}
    | {"maxProperties", "minProperties", "required", "dependentRequired", "dependentSchemas"}
)
_NAMED_ONLY = "put the schema under components/schemas and refer to it there"
_UNSUPPORTED = {
    "nullable": "OpenAPI 3.1 writes type: [string, 'null']",
    "$defs": _NAMED_ONLY,
    "definitions": _NAMED_ONLY,
    "$id": _NAMED_ONLY,
    "$anchor": _NAMED_ONLY,
    "$dynamicRef": _NAMED_ONLY,
    "$dynamicAnchor": _NAMED_ONLY,
    "$schema": "every schema is of draft 2020-12",
}


class SchemaReader:
    """Reads schemas as they are asked for, and the named ones that they refer to."""

    def __init__(self, specs: Specs) -> None:
        self._specs = specs
        self._named: dict[SchemaId, Schema] = {}
        self._waiting: list[tuple[SchemaId, Node]] = []

    @property
    def schemas(self) -> Schemas:
        """Questions about all that has been read so far."""
        return Schemas(self._named)

    @property
    def named(self) -> Mapping[SchemaId, Schema]:
        """All named schemas, by file and place in the file."""
        ordered = sorted(self._named.values(), key=lambda schema: (schema.id.file, schema.location))
        return {schema.id: schema for schema in ordered}

    def read_all(self, file: str) -> None:
        """Read every schema under components/schemas of a file."""
        problems = Problems()
        node: Node | None = self._specs.root(file)
        for name in ("components", "schemas"):
            node = node.members.get(name) if isinstance(node, MappingNode) else None
        if isinstance(node, MappingNode):
            for name, schema in node.members.items():
                with problems.gathering():
                    self._name(SchemaId(file, name), schema)
        problems.raise_if_any()

    def check(self) -> None:
        """Refuse aliases and base classes that hold themselves, since they could not be written out."""
        for schema in self._named.values():
            self._check_cycle(schema)

    def document(self, node: Node) -> Document:
        """The canonical form of a schema without a name of its own."""
        document = self._whole(node)
        self._settle()
        return document

    def class_reference(self, node: Node, what: str) -> SchemaId:
        """The schema that ``node`` refers to, which must be an object with known members."""
        reference_text = target_of(node)
        remedy = "describe it under components/schemas and refer to it with $ref"
        if reference_text is None:
            raise node.broken("inline-schema", f"{what} has its schema written in place; {remedy}")
        target = self._target(reference_text)
        self._settle()
        if self.is_class(target):
            return self.schemas.final(target)
        sentence = f"{what} is no object, or may be null; {remedy}, as 'type: object' with 'properties'"
        raise reference_text.broken("not-an-object", sentence)

    def is_class(self, target: SchemaId) -> bool:
        """Whether the schema, or what it refers to, is an object with known members, and never null."""
        document = self._named[target].document
        return self.schemas.kind(document) is Kind.CLASS and not self.schemas.admits_null(document)

    def _settle(self) -> None:
        while self._waiting:
            self._name(*self._waiting.pop())

    def _name(self, schema_id: SchemaId, node: Node) -> None:
        if schema_id in self._named:
            return
        place = self._specs.root(schema_id.file)
        for name in ("components", "schemas"):
            child = place.members[name]
            assert isinstance(child, MappingNode)  # noqa: S101 - the reference went through it
            place = child
        location = place.keys[schema_id.name]
        try:
            class_name = ClassName.of(schema_id.name)
        except IllegalName as error:
            raise BrokenSpec.at(location, "illegal-name", f"{error}; rename the schema") from None
        document = self._whole(node)
        self._named[schema_id] = Schema(schema_id, class_name, document, location)
        self._settle()

    def _target(self, text: ScalarNode) -> SchemaId:
        node = self._specs.follow(text)
        file, tokens = self._specs.split(text)
        if len(tokens) != 3 or tokens[:2] != ("components", "schemas"):
            sentence = f"'{text.value}' points into a file where no schema has a name; {_NAMED_ONLY}"
            raise text.broken("unnamed-schema", sentence)
        target = SchemaId(file, tokens[2])
        if target not in self._named:
            self._waiting.append((target, node))
        return target

    def _whole(self, node: Node) -> Document:
        import jsonschema_rs

        if not isinstance(node, MappingNode):
            raise node.broken("bad-schema", f"is {node.kind}; the schema is an object here")
        try:
            jsonschema_rs.meta.validate(
                {**node.plain, "$schema": "https://json-schema.org/draft/2020-12/schema"}
            )
        except jsonschema_rs.ValidationError as error:
            place = _descend(node, tuple(error.instance_path))
            raise place.broken("bad-schema", f"is no valid JSON Schema: {error.message}") from None
        document: Document = self._convert(node)
        return document

    def _convert(self, node: Node) -> Any:
        if isinstance(node, ScalarNode) and isinstance(node.value, bool):
            return node.value
        if not isinstance(node, MappingNode):
            raise node.broken("bad-schema", f"is {node.kind}; a schema is an object, true or false")
        for keyword in node.members:
            self._check_keyword(node, keyword)
        shallow = {
            keyword: value.plain for keyword, value in node.members.items() if not keyword.startswith("x-")
        }
        text = target_of(node)
        if text is not None:
            shallow["$ref"] = str(self._target(text))
        document = subschemas(shallow, lambda path, _: self._convert(_descend(node, path)))
        if "properties" in document:
            self._check_object(node, document)
        return document

    def _check_keyword(self, node: MappingNode, keyword: str) -> None:
        if keyword in _KEYWORDS or keyword.startswith("x-"):
            return
        place = node.keys[keyword]
        if keyword in _UNSUPPORTED:
            sentence = f"'{keyword}' is not supported; {_UNSUPPORTED[keyword]}"
            raise BrokenSpec.at(place, "unsupported", sentence)
        sentence = f"'{keyword}' is no keyword of JSON Schema 2020-12; remove it, or name it 'x-{keyword}'"
        raise BrokenSpec.at(place, "unknown-keyword", sentence)

    @staticmethod
    def _check_object(node: MappingNode, document: Document) -> None:
        types = types_of(document)
        if "object" not in types or not set(types) <= {"object", "null"}:
            sentence = (
                "'properties' say nothing about values that are no objects; add 'type: object' beside them"
            )
            raise BrokenSpec.at(node.keys["properties"], "untyped-properties", sentence)
        seen: dict[str, str] = {}
        properties = node.members["properties"]
        assert isinstance(properties, MappingNode)  # noqa: S101 - checked before
        for name, place in properties.keys.items():
            try:
                field = MemberName.of(name)
            except IllegalName as error:
                raise BrokenSpec.at(place, "illegal-name", f"{error}; rename the member") from None
            if field in seen:
                first = properties.keys[seen[field]]
                sentence = (
                    f"'{name}' and '{seen[field]}' ({first}) would both be the field {field}; rename one"
                )
                raise BrokenSpec.at(place, "name-clash", sentence)
            seen[field] = name

    def _check_cycle(self, start: Schema) -> None:
        schemas = self.schemas

        def visit(document: Any, path: frozenset[SchemaId], inherited: bool) -> None:
            if not isinstance(document, Mapping):
                return
            target = reference(document)
            if target in path:
                sentence = f"'{start.id.name}' holds itself; put an object with 'properties' in between"
                raise BrokenSpec.at(start.location, "schema-cycle", sentence)
            if target is not None:
                further = self._named[target].document
                if inherited or schemas.kind(further) is Kind.ALIAS:
                    visit(further, path | {target}, inherited)
            elif schemas.kind(document) is Kind.CLASS:
                for part in document.get("allOf", ()):
                    visit(part, path, inherited=True)
            else:
                subschemas(document, lambda _, child: visit(child, path, inherited=False))

        visit(start.document, frozenset({start.id}), inherited=False)


def _descend(node: Node, path: tuple[str | int, ...]) -> Node:
    """The node at a path; the deepest one there is, where the path goes on."""
    for step in path:
        if isinstance(node, MappingNode) and str(step) in node.members:
            node = node.members[str(step)]
        elif isinstance(node, SequenceNode) and int(step) < len(node.items):
            node = node.items[int(step)]
    return node
