"""Dialects of JSON Schema, and how each is written in draft 2020-12, the one that the model speaks."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from accord.model.schemas import ANNOTATIONS
from accord.parsing.nodes import MappingNode, Node, ScalarNode, SequenceNode
from accord.parsing.references import Specs

__all__ = ["Dialect", "Dialects", "modern_document", "modern_members"]


class Dialect(StrEnum):
    """How a schema is to be read; the text is what people call it."""

    DRAFT_7 = "JSON Schema draft 7"
    OPENAPI_3_0 = "OpenAPI 3.0"
    DRAFT_2020_12 = "JSON Schema 2020-12"

    @property
    def metaschema(self) -> str:
        """The ``$schema`` that schemas are checked against; OpenAPI 3.0 is closest to draft 4."""
        return _METASCHEMAS[self]

    @property
    def keywords(self) -> frozenset[str]:
        """What means something to this dialect; a validator ignores the rest."""
        return _KEYWORDS[self]

    @property
    def ignores_siblings(self) -> bool:
        """Whether what stands beside a ``$ref`` has no say."""
        return self is not Dialect.DRAFT_2020_12

    @classmethod
    def named(cls, uri: str) -> "Dialect | None":
        """The dialect of a ``$schema``, if it is one that can be read."""
        return _URIS.get(uri.rstrip("#"))


_METASCHEMAS = {
    Dialect.DRAFT_7: "http://json-schema.org/draft-07/schema#",
    Dialect.OPENAPI_3_0: "http://json-schema.org/draft-04/schema#",
    Dialect.DRAFT_2020_12: "https://json-schema.org/draft/2020-12/schema",
}
_URIS = {
    "http://json-schema.org/draft-07/schema": Dialect.DRAFT_7,
    "https://json-schema.org/draft-07/schema": Dialect.DRAFT_7,
    "http://json-schema.org/draft-06/schema": Dialect.DRAFT_7,
    "https://json-schema.org/draft/2020-12/schema": Dialect.DRAFT_2020_12,
    "https://spec.openapis.org/oas/3.1/dialect/base": Dialect.DRAFT_2020_12,
    "https://spec.openapis.org/oas/3.0/dialect": Dialect.OPENAPI_3_0,
}
_SHARED = ANNOTATIONS | frozenset(
    {"$ref", "type", "enum", "format", "allOf", "anyOf", "oneOf", "not", "items"}
    | {"multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"}
    | {"maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems"}
    | {"properties", "additionalProperties", "maxProperties", "minProperties", "required"}
)
_SINCE_6 = frozenset(
    {"const", "contains", "propertyNames", "if", "then", "else", "patternProperties"}
) | frozenset({"$schema", "$id", "definitions", "$defs"})
_KEYWORDS = {
    Dialect.OPENAPI_3_0: _SHARED | {"nullable"},
    Dialect.DRAFT_7: _SHARED | _SINCE_6 | {"dependencies", "additionalItems"},
    Dialect.DRAFT_2020_12: _SHARED
    | _SINCE_6
    | {"prefixItems", "unevaluatedItems", "unevaluatedProperties", "maxContains", "minContains"}
    | {"dependentRequired", "dependentSchemas", "$anchor", "$dynamicAnchor", "$dynamicRef", "$vocabulary"},
}


def modern_members(dialect: Dialect, node: MappingNode) -> dict[str, Node]:
    """The keywords of a schema under the names that draft 2020-12 has for them."""
    members = dict(node.members)
    if "$ref" in members and dialect.ignores_siblings:
        return {"$ref": members["$ref"]}
    if dialect is not Dialect.DRAFT_7:
        return members
    items = members.get("items")
    if isinstance(items, SequenceNode):
        del members["items"]
        members["prefixItems"] = items
        if "additionalItems" in members:
            members["items"] = members["additionalItems"]
    members.pop("additionalItems", None)
    dependencies = members.pop("dependencies", None)
    if isinstance(dependencies, MappingNode):
        members |= _split(dependencies)
    return members


def _split(dependencies: MappingNode) -> Iterator[tuple[str, Node]]:
    for keyword, lists in (("dependentRequired", True), ("dependentSchemas", False)):
        chosen = {k: v for k, v in dependencies.members.items() if isinstance(v, SequenceNode) is lists}
        if chosen:
            place = dependencies.location
            yield (
                keyword,
                MappingNode(dependencies.file, dependencies.pointer, place, chosen, dependencies.keys),
            )


def modern_document(dialect: Dialect, document: dict[str, Any]) -> None:
    """Rewrite in place what is no keyword of its own: null and exclusive limits of OpenAPI 3.0."""
    if dialect is not Dialect.OPENAPI_3_0:
        return
    if document.pop("nullable", False) is True and isinstance(document.get("type"), str):
        document["type"] = [document["type"], "null"]
    for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        said = document.get(exclusive)
        if isinstance(said, bool):
            del document[exclusive]
            if said and limit in document:
                document[exclusive] = document.pop(limit)


class Dialects:
    """Which dialect each file, and each schema that names one, is written in."""

    def __init__(self, specs: Specs) -> None:
        self._specs = specs
        self._files: dict[str, Dialect] = {}

    def of_file(self, file: str) -> Dialect:
        """What a file is written in, unless a schema says otherwise."""
        if file not in self._files:
            self._files[file] = _said(self._specs.root(file)) or Dialect.DRAFT_2020_12
        return self._files[file]

    def adopt(self, file: str, target: Node) -> None:
        """A file that says nothing of its dialect is read as the first that refers to it."""
        if target.file not in self._files:
            self._files[target.file] = _said(self._specs.root(target.file)) or self.of_file(file)

    def of(self, node: MappingNode, inherited: Dialect) -> Dialect:
        """What a schema is written in; it may name its own dialect (JSON Schema 2020-12, section 8.1.1)."""
        named = node.members.get("$schema")
        if not isinstance(named, ScalarNode) or not isinstance(named.value, str):
            return inherited
        found = Dialect.named(named.value)
        if found is None:
            sentence = f"'{named.value}' is no dialect that Accord reads; the schema is read as {inherited}"
            self._specs.warn(named.location, "unknown-dialect", sentence)
        return found or inherited


def _said(root: MappingNode) -> Dialect | None:
    version = root.members.get("openapi")
    if isinstance(version, ScalarNode) and str(version.value).startswith("3.0"):
        return Dialect.OPENAPI_3_0
    if "asyncapi" in root.members:
        return Dialect.DRAFT_7
    named = root.members.get("jsonSchemaDialect") or root.members.get("$schema")
    if isinstance(named, ScalarNode) and isinstance(named.value, str):
        return Dialect.named(named.value)
    return Dialect.DRAFT_2020_12 if version is not None else None
