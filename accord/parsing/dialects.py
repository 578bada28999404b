"""Dialects of JSON Schema, and how each is written in draft 2020-12, the one that the model speaks."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from accord.model.schemas import ANNOTATIONS
from accord.parsing.nodes import MappingNode, Node, SequenceNode

__all__ = ["Dialect", "modern_document", "modern_members"]


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
