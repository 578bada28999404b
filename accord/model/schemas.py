"""JSON Schemas that have a name, and the walk through them that knows a keyword from a member."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from accord.findings import Location
from accord.model.names import ClassName

__all__ = ["ANNOTATIONS", "Document", "Schema", "SchemaId", "reference", "subschemas"]

Document = Mapping[str, Any]
"""A JSON Schema of draft 2020-12 as plain JSON; each ``$ref`` is the text of a `SchemaId`."""

ANNOTATIONS = frozenset(
    {
        "title",
        "description",
        "default",
        "examples",
        "example",
        "deprecated",
        "readOnly",
        "writeOnly",
        "$comment",
    }
    | {"externalDocs", "xml", "discriminator", "contentEncoding", "contentMediaType", "contentSchema"}
)
"""Keywords that say something to people and nothing to a validator."""

_ONE = frozenset(
    {"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"}
    | {"unevaluatedItems", "unevaluatedProperties"}
)
_MANY = frozenset(["allOf", "anyOf", "oneOf", "prefixItems"])
_NAMED = frozenset(["properties", "patternProperties", "dependentSchemas"])


@dataclass(frozen=True, slots=True, order=True)
class SchemaId:
    """The spec's file, relative to the folder of specs, and the schema's name under components/schemas."""

    file: str
    name: str

    def __str__(self) -> str:
        return f"{self.file}#/components/schemas/{self.name}"

    @classmethod
    def parse(cls, text: str) -> "SchemaId":
        """The inverse of ``str``."""
        file, _, name = text.partition("#/components/schemas/")
        return cls(file, name)


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema under components/schemas."""

    id: SchemaId
    class_name: ClassName
    document: Document
    location: Location


def reference(document: Document) -> SchemaId | None:
    """What the document refers to, if it does."""
    return SchemaId.parse(document["$ref"]) if "$ref" in document else None


def subschemas(document: Document, change: Callable[[tuple[str | int, ...], Any], Any]) -> dict[str, Any]:
    """Copy the document with each direct subschema replaced by ``change(path to it, subschema)``."""
    copy: dict[str, Any] = {}
    for keyword, value in document.items():
        if keyword in _ONE:
            copy[keyword] = change((keyword,), value)
        elif keyword in _MANY:
            copy[keyword] = [change((keyword, index), item) for index, item in enumerate(value)]
        elif keyword in _NAMED:
            copy[keyword] = {name: change((keyword, name), item) for name, item in value.items()}
        else:
            copy[keyword] = value
    return copy
