"""JSON Schemas under ids of their own, and the walk through them that knows a keyword from a member."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from accord.findings import Location
from accord.model.names import ClassName

__all__ = [
    "ANNOTATIONS",
    "MANY",
    "NAMED",
    "ONE",
    "Document",
    "Schema",
    "SchemaId",
    "reference",
    "references",
    "subschemas",
]

Document = Mapping[str, Any]
"""A JSON Schema of draft 2020-12 as plain JSON; each ``$ref`` is a `SchemaId`, and there are no others."""

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

ONE = frozenset(
    {"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"}
    | {"unevaluatedItems", "unevaluatedProperties"}
)
"""Keywords whose value is one schema."""
MANY = frozenset(["allOf", "anyOf", "oneOf", "prefixItems"])
"""Keywords whose value is a list of schemas."""
NAMED = frozenset(["properties", "patternProperties", "dependentSchemas"])
"""Keywords whose value is an object of schemas."""


class SchemaId(str):
    """Where a schema stands: its file, seen from the folder of specs, and a JSON Pointer (RFC 6901) into it.

    A scope after ``?`` tells apart what one place means in several contexts: to whom it travels (readOnly,
    writeOnly), and what its ``$dynamicRef`` is bound to.
    """

    __slots__ = ()

    @classmethod
    def of(cls, file: str, pointer: str, scope: str = "") -> Self:
        """Put the parts together."""
        place = f"{file}#{pointer.replace('?', '%3F')}"
        return cls(f"{place}?{scope}" if scope else place)

    @property
    def file(self) -> str:
        """The name of the spec's file."""
        return self.partition("#")[0]

    @property
    def pointer(self) -> str:
        """The JSON Pointer within the file."""
        return self.partition("#")[2].partition("?")[0].replace("%3F", "?")

    @property
    def scope(self) -> str:
        """The context; empty for most schemas."""
        return self.partition("#")[2].partition("?")[2]

    @property
    def name(self) -> str:
        """The last token of the pointer, as people call the schema."""
        return self.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~") or self.file


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema that is referred to, or that crosses a boundary; ``document`` may also be true or false."""

    id: SchemaId
    class_name: ClassName
    document: Any
    location: Location


def reference(document: Any) -> SchemaId | None:
    """What the document refers to, if it does."""
    target = document.get("$ref") if isinstance(document, Mapping) else None
    return None if target is None else SchemaId(target)


def references(document: Any) -> list[SchemaId]:
    """Everything that the document refers to, at any depth, in the order of its appearance."""
    found: list[SchemaId] = []

    def visit(value: Any) -> Any:
        if isinstance(value, Mapping):
            target = reference(value)
            if target is not None:
                found.append(target)
            subschemas(value, lambda _, child: visit(child))

    visit(document)
    return found


def subschemas(document: Document, change: Callable[[tuple[str | int, ...], Any], Any]) -> dict[str, Any]:
    """Copy the document with each direct subschema replaced by ``change(path to it, subschema)``."""
    copy: dict[str, Any] = {}
    for keyword, value in document.items():
        if keyword in ONE:
            copy[keyword] = change((keyword,), value)
        elif keyword in MANY:
            copy[keyword] = [change((keyword, index), item) for index, item in enumerate(value)]
        elif keyword in NAMED:
            copy[keyword] = {name: change((keyword, name), item) for name, item in value.items()}
        else:
            copy[keyword] = value
    return copy
