"""Boundaries hold raw JSON against the spec's own schema before it becomes a typed model."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

import jsonschema_rs
import orjson
from pydantic import BaseModel, TypeAdapter

__all__ = ["Boundary", "ContractViolation", "Violation"]

Model = TypeVar("Model")

MAX_VIOLATIONS = 100
"""How many violations one error carries; the rest would only repeat the picture."""

MAX_DETAIL = 300
"""Characters of one violation's sentence; a refused value may be huge."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where a value breaks its schema; ``pointer`` is an RFC 6901 pointer in a URI fragment (``#/name``)."""

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

    def __init__(self, model: type[Model], name: str, definitions: Mapping[str, Any]) -> None:
        self.model = model
        self.name = name
        self._definitions = definitions

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft202012Validator:
        schema = {"$ref": f"#/$defs/{self.name}", "$defs": dict(self._definitions)}
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)

    @cached_property
    def _adapter(self) -> TypeAdapter[Model]:
        return TypeAdapter(self.model)

    def check(self, value: Any) -> None:
        """Raise `ContractViolation` unless ``value``, made of JSON types, is what the schema admits."""
        if self._validator.is_valid(value):
            return
        violations = []
        for error in self._validator.iter_errors(value):
            violations.append(Violation(_pointer(error.instance_path), _shorten(error.message)))
            if len(violations) == MAX_VIOLATIONS:
                break
        raise ContractViolation(self.name, tuple(violations))

    def parse(self, value: Any) -> Model:
        """Turn JSON types into the model; raises `ContractViolation`."""
        self.check(value)
        return self._adapter.validate_python(value)

    def parse_json(self, text: bytes) -> Model:
        """Turn JSON text into the model; text that is no JSON is a `ContractViolation` of the whole value."""
        return self.parse(load_json(text, self.name))

    def dump(self, model: BaseModel) -> Any:
        """Turn a model into JSON types and check them, so that nothing leaves that the contract forbids."""
        value = model.model_dump(mode="json", by_alias=True, exclude_unset=True)
        self.check(value)
        return value


def load_json(text: bytes, subject: str) -> Any:
    """Parse UTF-8 JSON text (RFC 8259, no NaN, no lone surrogates); raises `ContractViolation`."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ContractViolation(subject, (Violation("#", f"not JSON: {_shorten(str(error))}"),)) from None


def _pointer(path: list[str | int]) -> str:
    return "#" + "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def _shorten(sentence: str) -> str:
    return sentence if len(sentence) <= MAX_DETAIL else f"{sentence[: MAX_DETAIL - 1]}…"


