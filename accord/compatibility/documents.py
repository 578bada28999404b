"""Schemas reduced to what a validator obeys: annotations dropped, one spelling per meaning."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, unquote

from accord.compatibility.formats import ASSERTED

__all__ = [
    "CHILD",
    "CHILDREN",
    "IN_PLACE",
    "LEAVES",
    "NAMED",
    "TYPES",
    "Definitions",
    "OutOfReach",
    "Schema",
    "beside",
    "key_of",
    "read_pair",
    "refer",
    "references",
    "subschemas",
]

Schema = Any
"""A schema of draft 2020-12: an object, or ``False``; ``True`` is written ``{}``."""

TYPES: Final = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})

IN_PLACE: Final = frozenset({"not", "if", "then", "else"})
CHILD: Final = frozenset(
    {
        "items",
        "contains",
        "additionalProperties",
        "propertyNames",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
CHILDREN: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
NAMED: Final = frozenset({"properties", "patternProperties", "dependentSchemas"})
LEAVES: Final = frozenset(
    {"type", "enum", "minLength", "maxLength", "pattern", "format", "multipleOf"}
    | {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
    | {"minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"}
)
"""Keywords that judge a value without looking at schemas of its members or items."""

_KEPT: Final = (
    IN_PLACE
    | CHILD
    | CHILDREN
    | NAMED
    | LEAVES
    | {"$ref", "const", "required", "dependentRequired", "minContains", "maxContains"}
)
_IDLE: Final[Mapping[str, Any]] = {
    "minLength": 0,
    "minItems": 0,
    "minProperties": 0,
    "uniqueItems": False,
    "required": [],
    "dependentRequired": {},
    "properties": {},
    "patternProperties": {},
    "dependentSchemas": {},
    "allOf": [],
    "prefixItems": [],
}
"""Spellings that demand nothing."""
_FOREIGN: Final = frozenset({"$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef"})
_DEFINITIONS: Final = "#/$defs/"
_READER: Final = "reader:"


class OutOfReach(Exception):
    """The schemas cannot be judged by structure; the message says what stands in the way."""


@dataclass(frozen=True, slots=True)
class Definitions:
    """What schemas refer to, each ``$ref`` being ``#/$defs/<key>``."""

    by_key: Mapping[str, Schema]

    def target(self, reference: str) -> Schema:
        """What a reference leads to."""
        return self.by_key[key_of(reference)]

    def whole(self, *parts: Schema) -> dict[str, Any]:
        """One document that stands alone and admits what all parts admit."""
        if not parts:
            return {}
        if any(part is False for part in parts):
            return {"not": {}}
        needed: dict[str, Schema] = {}
        waiting = [reference for part in parts for reference in references(part)]
        while waiting:
            key = key_of(waiting.pop())
            if key not in needed:
                needed[key] = self.by_key[key]
                waiting.extend(references(needed[key]))
        document = dict(parts[0]) if len(parts) == 1 else {"allOf": list(parts)}
        return {**document, "$defs": needed} if needed else document


def read_pair(writer: Any, reader: Any) -> tuple[Schema, Schema, Definitions]:
    """Reduce two schemas whose references point into themselves, over common definitions.

    Definitions that are the same on both sides, with all that they refer to, keep their key, so that equal
    schemas mean the same; the reader's others get keys of their own. Raises `OutOfReach`.
    """
    written, ours = _read(writer)
    read, theirs = _read(reader)
    shared = {key for key in ours.keys() & theirs.keys() if ours[key] == theirs[key]}
    while apart := {key for key in shared if any(key_of(r) not in shared for r in references(ours[key]))}:
        shared -= apart

    def rename(node: Schema) -> Schema:
        if node is False:
            return False
        copy = subschemas(node, rename)
        if "$ref" in copy and key_of(copy["$ref"]) not in shared:
            copy["$ref"] = refer(_READER + key_of(copy["$ref"]))
        return copy

    theirs = {_READER + key: rename(node) for key, node in theirs.items() if key not in shared}
    return written, rename(read), Definitions({**ours, **theirs})


def _read(schema: Any) -> tuple[Schema, dict[str, Schema]]:
    definitions: dict[str, Schema] = {}
    waiting: list[str] = []

    def reduce(node: Any) -> Schema:
        if node is True:
            return {}
        if node is False:
            return False
        if not isinstance(node, dict | Mapping):
            raise OutOfReach("a schema is neither an object nor a boolean")
        if foreign := _FOREIGN & node.keys() - ({"$id"} if node is schema else set()):
            raise OutOfReach(f"{min(foreign)} is in use")
        reduced = subschemas({key: value for key, value in node.items() if key in _KEPT}, reduce)
        if "$ref" in reduced:
            waiting.append(reduced["$ref"])
            reduced["$ref"] = refer(key_of(reduced["$ref"]))
        return _normal(reduced)

    root = reduce(schema)
    while waiting:
        reference = waiting.pop()
        key = key_of(reference)
        if key not in definitions:
            definitions[key] = {}
            definitions[key] = reduce(_walk(schema, reference))
    _refuse_circles(definitions)
    return root, definitions


def _refuse_circles(definitions: Mapping[str, Schema]) -> None:
    """A schema that refers to itself for one and the same value means nothing; a validator never ends."""
    done: set[str] = set()

    def visit(key: str, path: tuple[str, ...]) -> None:
        if key in path:
            raise OutOfReach(f"'{key}' refers to itself without a member or an item between")
        if key not in done:
            for reference in _references_in_place(definitions[key]):
                visit(key_of(reference), (*path, key))
            done.add(key)

    for key in definitions:
        visit(key, ())


def _references_in_place(node: Schema) -> Iterator[str]:
    if node is False:
        return
    if "$ref" in node:
        yield node["$ref"]
    for part in beside(node):
        yield from _references_in_place(part)


def beside(node: dict[str, Any], evaluating: bool = False) -> Iterator[Schema]:
    """The schemas within a schema that judge the same value, or those that may evaluate its members too.

    What stands under ``not`` evaluates nothing (JSON Schema 2020-12 Core, 7.7.1.1 and 11.3).
    """
    for keyword, value in node.items():
        if keyword in IN_PLACE and not (evaluating and keyword == "not"):
            yield value
        elif keyword == "dependentSchemas":
            yield from value.values()
        elif keyword in {"allOf", "anyOf", "oneOf"}:
            yield from value


def _normal(node: dict[str, Any]) -> dict[str, Any]:
    if "const" in node:
        value = node.pop("const")
        if "enum" in node:
            node["allOf"] = [*node.get("allOf", ()), {"enum": [value]}]
        else:
            node["enum"] = [value]
    if "type" in node:
        kinds = {node["type"]} if isinstance(node["type"], str) else set(node["type"])
        node["type"] = sorted(kinds - {"integer"} if "number" in kinds else kinds)
    if "required" in node:
        node["required"] = sorted(set(node["required"]))
    if node.get("format", next(iter(ASSERTED))) not in ASSERTED:
        del node["format"]
    for keyword in _IDLE.keys() & node.keys():
        if node[keyword] == _IDLE[keyword]:
            del node[keyword]
    return node


def subschemas(node: Mapping[str, Any], change: Any) -> dict[str, Any]:
    """Copy a schema with ``change`` applied to each schema directly within it."""
    copy: dict[str, Any] = {}
    for keyword, value in node.items():
        if keyword in CHILD or keyword in IN_PLACE:
            copy[keyword] = change(value)
        elif keyword in CHILDREN:
            copy[keyword] = [change(item) for item in value]
        elif keyword in NAMED:
            copy[keyword] = {name: change(item) for name, item in value.items()}
        else:
            copy[keyword] = value
    return copy


def references(node: Schema) -> Iterator[str]:
    """Each reference within a schema, as it is written."""
    waiting = [node]
    while waiting:
        item = waiting.pop()
        if not isinstance(item, dict):
            continue
        if "$ref" in item:
            yield item["$ref"]
        for keyword, value in item.items():
            if keyword in CHILD or keyword in IN_PLACE:
                waiting.append(value)
            elif keyword in CHILDREN:
                waiting.extend(value)
            elif keyword in NAMED:
                waiting.extend(value.values())


@lru_cache(maxsize=10_000)
def key_of(reference: str) -> str:
    """The key of a definition; a reference to elsewhere in the document is its own key."""
    token = reference.removeprefix(_DEFINITIONS)
    if token == reference or "/" in token:
        return reference
    return unquote(token).replace("~1", "/").replace("~0", "~")


@lru_cache(maxsize=10_000)
def refer(key: str) -> str:
    """The reference to a definition, a JSON Pointer in a URI fragment (RFC 6901, 6)."""
    return _DEFINITIONS + quote(key.replace("~", "~0").replace("/", "~1"), safe="~!$&'()*+,;=:@?-._")


def _walk(root: Any, reference: str) -> Any:
    """Follow a JSON Pointer in a URI fragment (RFC 6901, 6)."""
    if not reference.startswith("#") or (reference != "#" and not reference.startswith("#/")):
        raise OutOfReach(f"the reference '{reference}' leads out of the schema")
    node = root
    for token in reference.split("/")[1:]:
        step = unquote(token).replace("~1", "/").replace("~0", "~")
        try:
            node = node[int(step)] if isinstance(node, list) else node[step]
        except (KeyError, IndexError, ValueError, TypeError):
            raise OutOfReach(f"the reference '{reference}' points at nothing") from None
    return node
