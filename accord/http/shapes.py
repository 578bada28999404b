"""Shapes: which JSON value a text stands for, as far as a schema tells; the schema refuses what is left."""

import math
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final
from urllib.parse import unquote

import orjson

from accord.http.styles import Layout, Malformed, Parts

__all__ = ["Shape", "to_parts"]

# RFC 8259, section 6, over ASCII digits alone; the length keeps clear of Python's limit on int().
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,999})")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,999})(?:\.[0-9]{1,999})?(?:[eE][+-]?[0-9]{1,9})?")
_BOOLEANS: Final = {"true": True, "false": False}
_TYPE_NAMES: Final = {
    int: "integer",
    float: "number",
    bool: "boolean",
    str: "string",
    list: "array",
    dict: "object",
}


class Shape:
    """A schema, seen by who has text alone; ``definitions`` are what its ``#/$defs/…`` refer to."""

    def __init__(self, schema: Any, definitions: Mapping[str, Any]) -> None:
        self.schema = schema
        self._definitions = definitions

    @cached_property
    def _chain(self) -> list[Mapping[str, Any]]:
        return list(_chain(self.schema, self._definitions))

    @cached_property
    def types(self) -> frozenset[str]:
        """The JSON types that the schema speaks of."""
        return frozenset(kind for part in self._chain for kind in _types(part))

    @cached_property
    def layout(self) -> Layout:
        """How many texts stand for a value."""
        if "array" in self.types:
            return "array"
        return "object" if "object" in self.types else "scalar"

    @cached_property
    def members(self) -> Mapping[str, "Shape"]:
        """The shapes of the declared properties."""
        found: dict[str, Shape] = {}
        for part in self._chain:
            for name, schema in part.get("properties", {}).items():
                found.setdefault(name, Shape(schema, self._definitions))
        return found

    @cached_property
    def others(self) -> "Shape | None":
        """The shape of undeclared properties; None where there may be none."""
        for part in self._chain:
            for keyword in ("additionalProperties", "unevaluatedProperties"):
                if keyword in part:
                    return Shape(part[keyword], self._definitions) if part[keyword] is not False else None
        return Shape({}, self._definitions)

    @cached_property
    def items(self) -> "Shape":
        """The shape of each item."""
        return Shape(next((part["items"] for part in self._chain if "items" in part), {}), self._definitions)

    @cached_property
    def has_text(self) -> bool:
        """Whether a value, or a part of it, may be text of any kind."""
        if self.layout == "array":
            return self.items.has_text
        if self.layout == "object":
            parts = [*self.members.values(), *([self.others] if self.others else [])]
            return any(part.has_text for part in parts)
        return not self.types or "string" in self.types

    @cached_property
    def default(self) -> tuple[Any, ...]:
        """The default, if there is one."""
        return next(((part["default"],) for part in self._chain if "default" in part), ())

    def value(self, parts: Parts) -> Any:
        """The JSON value that the texts stand for."""
        if isinstance(parts, dict):
            nowhere = Shape({}, {})
            return {
                name: self.members.get(name, self.others or nowhere).value(part)
                for name, part in parts.items()
            }
        if isinstance(parts, list):
            return [self.items.value(item) for item in parts]
        return [self.items.value(parts)] if self.layout == "array" else self._scalar(parts)

    def _scalar(self, text: str) -> Any:
        if "integer" in self.types or "number" in self.types:
            if _INTEGER.fullmatch(text):
                return int(text)
            if "number" in self.types and _NUMBER.fullmatch(text) and math.isfinite(number := float(text)):
                return number
        if "boolean" in self.types:
            return _BOOLEANS.get(text, text)
        return text


def to_parts(value: Any) -> Parts:
    """Write a JSON value as texts; raises `Malformed` where no style has a text for it."""
    if isinstance(value, Mapping):
        return {
            name: [_text(item) for item in member] if isinstance(member, list) else _text(member)
            for name, member in value.items()
        }
    return [_text(item) for item in value] if isinstance(value, list) else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        try:
            return orjson.dumps(value).decode()
        except orjson.JSONEncodeError:
            return str(value)
    raise Malformed(
        "holds null" if value is None else "holds a list or an object where a single value must be"
    )


def _chain(schema: Any, definitions: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The schema, then each one that it applies through ``$ref``, ``allOf``, ``anyOf`` or ``oneOf``."""
    seen: list[Mapping[str, Any]] = []
    waiting = [schema]
    while waiting:
        part = waiting.pop(0)
        if not isinstance(part, Mapping) or part in seen:
            continue
        seen.append(part)
        yield part
        if "$ref" in part:
            waiting.append(definitions[unquote(str(part["$ref"]).removeprefix("#/$defs/"))])
        for keyword in ("allOf", "anyOf", "oneOf"):
            waiting.extend(part.get(keyword, ()))


def _types(schema: Mapping[str, Any]) -> list[str]:
    kind = schema.get("type")
    if kind is None:
        constants = [schema["const"]] if "const" in schema else schema.get("enum", [])
        return [name for value in constants if (name := _TYPE_NAMES.get(type(value)))]
    return [kind] if isinstance(kind, str) else list(kind)
