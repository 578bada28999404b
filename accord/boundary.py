"""Boundaries hold raw JSON against the spec's own schema before it becomes a typed model."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Generic, TypeVar, overload
from urllib.parse import quote, unquote

import jsonschema_rs
import orjson
from pydantic import TypeAdapter, ValidationError

__all__ = [
    "Boundary",
    "ContractViolation",
    "NotJson",
    "Violation",
    "compile_schema",
    "find_violations",
    "load_json",
    "read_json",
    "to_pointer",
]

Model = TypeVar("Model")

MAX_VIOLATIONS: Final = 100
"""How many violations one error carries; the rest would only repeat the picture."""

MAX_DETAIL: Final = 300
"""Characters of one violation's sentence; a refused value may be huge."""

MAX_NODES: Final = 1_000
"""Members and items of a value whose violations are all listed: 1 MiB of wrong items would take 4 s."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where a value breaks its schema, as a JSON Pointer in a URI fragment (``#/name``)."""

    pointer: str
    detail: str


class ContractViolation(ValueError):
    """The value is not what the contract allows; nothing was done with it."""

    def __init__(self, subject: str, violations: tuple[Violation, ...]) -> None:
        self.subject = subject
        self.violations = violations
        shown = "; ".join(f"{v.pointer}: {v.detail}" for v in violations[:5])
        more = f" (and {len(violations) - 5} more)" if len(violations) > 5 else ""
        super().__init__(f"{subject} breaks the contract: {shown}{more}")


class Boundary(Generic[Model]):
    """Admits exactly what the schema ``#/$defs/<name>`` of ``definitions`` admits, formats included.

    The validator is compiled on first use, since a process rarely needs every schema of its contract.
    """

    @overload
    def __init__(self, model: type[Model], name: str, definitions: Mapping[str, Any]) -> None: ...

    @overload
    def __init__(self, model: Any, name: str, definitions: Mapping[str, Any]) -> None: ...

    def __init__(self, model: Any, name: str, definitions: Mapping[str, Any]) -> None:
        self.model = model
        self.name = name
        self.definitions = definitions

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft202012Validator:
        schema = {"$ref": f"#/$defs/{quote(self.name)}", "$defs": reachable(self.definitions, self.name)}
        return compile_schema(schema)

    @cached_property
    def adapter(self) -> TypeAdapter[Model]:
        """pydantic's view of the model, built on first use as well."""
        return TypeAdapter(self.model)

    def check(self, value: Any) -> None:
        """Raise `ContractViolation` unless ``value``, made of JSON types, is what the schema admits."""
        violations = find_violations(self._validator, value)
        if violations:
            raise ContractViolation(self.name, violations)

    def parse(self, value: Any) -> Model:
        """Turn JSON types into the model; raises `ContractViolation`.

        A few values that a schema admits, such as the leap second ``23:59:60Z``, no Python type holds: these
        are violations as well.
        """
        self.check(value)
        return self.build(value)

    def build(self, value: Any) -> Model:
        """Turn JSON types that were checked before into the model; raises `ContractViolation`."""
        try:
            model: Model = self.adapter.validator.validate_python(value, by_alias=True, by_name=False)
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            violations = (Violation(to_pointer(item["loc"]), _shorten(item["msg"])) for item in found)
            raise ContractViolation(self.name, tuple(violations)[:MAX_VIOLATIONS]) from None
        return model

    def parse_json(self, text: bytes) -> Model:
        """Turn JSON text into the model; text that is no JSON is a `ContractViolation` of the whole value."""
        return self.parse(load_json(text, self.name))

    def dump(self, model: Model) -> Any:
        """Turn a model into JSON types and check them, so that nothing leaves that the contract forbids."""
        value = self.adapter.dump_python(model, mode="json", by_alias=True, exclude_unset=True)
        self.check(value)
        return value


def compile_schema(schema: Any) -> jsonschema_rs.Draft202012Validator:
    """Compile a schema, formats on; raises ValueError if it is none.

    Texts are held against patterns in time that grows with their length, whoever sends them. Only a schema
    with a pattern that looks around, or refers back, gets the engine that can do so; that one may take its
    time, and version 0.60 of it takes `a` for `^a+b*a+$`.
    """
    try:
        linear = jsonschema_rs.RegexOptions()
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, pattern_options=linear)
    except ValueError:
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def reachable(definitions: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The definition and those that it refers to; compiling a whole contract for each schema is slow."""
    found: dict[str, Any] = {}
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current in definitions and current not in found:  # what a const holds may look like a reference
            found[current] = definitions[current]
            waiting += _references(definitions[current])
    return found


def _references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [name for item in value for name in _references(item)]
    if not isinstance(value, Mapping):
        return []
    found = [name for item in value.values() for name in _references(item)]
    target = value.get("$ref")
    if isinstance(target, str) and target.startswith("#/$defs/"):
        found.append(unquote(target.removeprefix("#/$defs/")))
    return found


class NotJson(ValueError):
    """The text is no JSON, or says two things at once."""


def read_json(text: bytes) -> Any:
    """Parse UTF-8 JSON text (RFC 8259: no NaN, no lone surrogates); raises `NotJson`.

    An object that names a member twice is refused, as I-JSON demands (RFC 7493, 2.3): which of the two a
    reader sees differs from parser to parser. So is what is nested deeper than 254 levels (RFC 8259, 9).
    """
    try:
        value = orjson.loads(text)
        # A member that was named twice took its strings along; counting quotes costs a third
        # of a parser that looks at each name. A quote may also be written as an escape, which hides it.
        quotes = orjson.dumps(value).count(b'"')
    except orjson.JSONDecodeError as error:
        raise NotJson(str(error)) from None
    except orjson.JSONEncodeError:
        raise NotJson("nested too deeply") from None
    if text.count(b'"') != quotes or (b"\\" in text and b"\\u0022" in text):
        _refuse_duplicates(text)
    return value


def load_json(text: bytes, subject: str) -> Any:
    """Like `read_json`; raises `ContractViolation` of the whole value."""
    try:
        return read_json(text)
    except NotJson as error:
        raise ContractViolation(subject, (Violation("#", f"not JSON: {_shorten(str(error))}"),)) from None


def _refuse_duplicates(text: bytes) -> None:
    def take(pairs: list[tuple[str, Any]]) -> None:
        names = set()
        for name, _ in pairs:
            if name in names:
                raise NotJson(f"the member {_shorten(json.dumps(name))} is there twice (RFC 7493, 2.3)")
            names.add(name)

    # Numbers stay text: Python refuses to convert very long ones.
    json.loads(text, object_pairs_hook=take, parse_int=str, parse_float=str)


def find_violations(validator: jsonschema_rs.Draft202012Validator, value: Any) -> tuple[Violation, ...]:
    """Tell where ``value`` breaks its schema: nowhere, or at most `MAX_VIOLATIONS` places."""
    try:
        if validator.is_valid(value):
            return ()
        if _is_large(value):
            validator.validate(value)
        errors = validator.iter_errors(value)
        return tuple(_violation(error) for error, _ in zip(errors, range(MAX_VIOLATIONS), strict=False))
    except jsonschema_rs.ValidationError as first:
        return (_violation(first),)
    except (TypeError, ValueError) as error:
        # Python values that no JSON text stands for: lone surrogates, keys that are no strings, circles.
        return (Violation("#", f"not JSON: {_shorten(str(error))}"),)


def to_pointer(path: list[str | int] | tuple[str | int, ...], root: str = "#") -> str:
    """Write a path as a JSON Pointer in a URI fragment, percent-encoded where need be (RFC 6901, 6)."""
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return root + "".join("/" + quote(part, safe="~!$&'()*+,;=:@?", errors="replace") for part in parts)


def _violation(error: jsonschema_rs.ValidationError) -> Violation:
    return Violation(to_pointer(error.instance_path), _shorten(error.message))


def _is_large(value: Any) -> bool:
    """Count members and items, no further than needed."""
    count = 0
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict | list):
            count += len(item)
            if count > MAX_NODES:
                return True
            waiting.extend(item.values() if isinstance(item, dict) else item)
    return False


def _shorten(sentence: str) -> str:
    return sentence if len(sentence) <= MAX_DETAIL else f"{sentence[: MAX_DETAIL - 1]}…"
