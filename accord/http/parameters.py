"""Parameters of a request: raw text decoded as the spec's schemas say, then held against them."""

import copy
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

import jsonschema_rs
from starlette.requests import Request

from accord.boundary import Violation, find_violations
from accord.http.problems import RequestViolation

__all__ = ["Parameter", "Parameters"]

Place = Literal["path", "query", "header", "cookie"]

# RFC 8259, section 6, over ASCII digits alone; the length keeps clear of Python's limit on int().
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,999})")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,999})(?:\.[0-9]{1,999})?(?:[eE][+-]?[0-9]{1,9})?")
_BOOLEANS: Final = {"true": True, "false": False}
_TYPE_NAMES: Final = {int: "integer", float: "number", bool: "boolean", list: "array"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as the spec has it; ``schema`` may refer to ``#/$defs/…``."""

    name: str
    place: Place
    schema: Mapping[str, Any]
    required: bool = False


class Parameters:
    """All parameters of one operation.

    Arrays are read in OpenAPI's default styles: in the query each item is a ``name=item`` of its own (form,
    exploded), elsewhere the items stand between commas (simple).
    """

    def __init__(self, *parameters: Parameter, definitions: Mapping[str, Any]) -> None:
        self._parameters = parameters
        self._definitions = definitions

    def read(self, request: Request) -> dict[str, Any]:
        """Give the values by name; absent ones are absent, unless their schema has a default.

        What the spec does not name is ignored. Raises `RequestViolation` with a pointer (``query/limit``,
        ``header/If-Match``) to each bad parameter.
        """
        read: dict[str, dict[str, Any]] = {place: {} for place in ("path", "query", "header", "cookie")}
        values: dict[str, Any] = {}
        violations: list[Violation] = []
        for parameter, decoder in self._decoders:
            texts = _texts(request, parameter)
            pointer = f"{parameter.place}/{parameter.name}"
            if not texts:
                if parameter.required:
                    violations.append(Violation(pointer, "is required"))
                elif decoder.has_default:
                    values[parameter.name] = copy.copy(decoder.default)
            elif len(texts) > 1 and not decoder.is_array:
                violations.append(Violation(pointer, f"is given {len(texts)} times; give it once"))
            else:
                value = decoder.decode(texts, exploded=parameter.place == "query")
                read[parameter.place][parameter.name] = values[parameter.name] = value
        violations += (
            Violation(violation.pointer.removeprefix("#/"), violation.detail)
            for violation in find_violations(self._validator, read)
        )
        if violations:
            raise RequestViolation("the request", tuple(violations))
        return values

    @cached_property
    def _decoders(self) -> list[tuple[Parameter, "_Decoder"]]:
        return [(parameter, _Decoder(parameter.schema, self._definitions)) for parameter in self._parameters]

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft202012Validator:
        """One schema over ``{place: {name: value}}``, so that one call checks a request."""
        places: dict[str, dict[str, Any]] = {}
        for parameter in self._parameters:
            properties = places.setdefault(parameter.place, {"properties": {}})["properties"]
            properties[parameter.name] = dict(parameter.schema)
        schema = {"properties": places, "$defs": dict(self._definitions)}
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


class _Decoder:
    """Turns text into a value of the type that a schema wants; other text stays, for the schema to refuse."""

    def __init__(self, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> None:
        chain = list(_chain(schema, definitions))
        self._types = {kind for part in chain for kind in _types(part)}
        self.is_array = "array" in self._types
        self.has_default = any("default" in part for part in chain)
        self.default = next((part["default"] for part in chain if "default" in part), None)
        items = next((part["items"] for part in chain if "items" in part), None) if self.is_array else None
        self._items = _Decoder(items, definitions) if isinstance(items, Mapping) else None

    def decode(self, texts: list[str], *, exploded: bool) -> Any:
        if not self.is_array:
            return self._scalar(texts[0])
        items = texts if exploded else [item.strip(" ") for text in texts for item in text.split(",")]
        return [self._items._scalar(item) if self._items else item for item in items]

    def _scalar(self, text: str) -> Any:
        if "integer" in self._types or "number" in self._types:
            if _INTEGER.fullmatch(text):
                return int(text)
            if "number" in self._types and _NUMBER.fullmatch(text) and math.isfinite(number := float(text)):
                return number
        if "boolean" in self._types:
            return _BOOLEANS.get(text, text)
        return text


def _texts(request: Request, parameter: Parameter) -> list[str]:
    """The parameter as it was sent, once per occurrence, percent-decoded; empty where it is absent."""
    if parameter.place == "query":
        return request.query_params.getlist(parameter.name)
    if parameter.place == "header":
        # Repeated fields are one list (RFC 9110, section 5.3).
        lines = request.headers.getlist(parameter.name)
        return [", ".join(lines)] if lines else []
    values: Mapping[str, str] = request.path_params if parameter.place == "path" else request.cookies
    return [values[parameter.name]] if parameter.name in values else []


def _chain(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The schema, then each one that it applies through ``$ref``, ``allOf``, ``anyOf`` or ``oneOf``."""
    seen: list[Mapping[str, Any]] = []
    waiting = [schema]
    while waiting:
        part = waiting.pop(0)
        if part in seen:
            continue
        seen.append(part)
        yield part
        if "$ref" in part:
            waiting.append(definitions[str(part["$ref"]).removeprefix("#/$defs/")])
        for keyword in ("allOf", "anyOf", "oneOf"):
            waiting.extend(part.get(keyword, ()))


def _types(schema: Mapping[str, Any]) -> list[str]:
    kind = schema.get("type")
    if kind is None:
        constants = [schema["const"]] if "const" in schema else schema.get("enum", [])
        return [name for value in constants if (name := _TYPE_NAMES.get(type(value)))]
    return [kind] if isinstance(kind, str) else list(kind)
