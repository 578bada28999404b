"""Kafka headers, whose values are bytes, as the object that a headers schema describes."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from accord.boundary import Boundary, ContractViolation, Violation, load_json
from accord.bus.messages import Header
from accord.bus.texts import as_text, decoded

__all__ = ["Headers", "find_headers", "write_headers"]

Model = TypeVar("Model")


@dataclass(frozen=True, slots=True)
class Headers(Generic[Model]):
    """What the spec says of a message's headers; ``json`` names those that are no texts but JSON."""

    boundary: Boundary[Model]
    json: tuple[str, ...] = ()

    def read(self, headers: Sequence[Header]) -> Model:
        """The headers of a record, the last of each name; raises `accord.boundary.ContractViolation`."""
        return self.boundary.parse(self._values(headers))

    def check(self, headers: Sequence[Header]) -> None:
        """Raise what `read` raises, without making a model."""
        self.boundary.check(self._values(headers))

    def _values(self, headers: Sequence[Header]) -> dict[str, Any]:
        if self.json:
            return self._values_one_by_one(headers)
        try:
            return {name: raw.decode() for name, raw in headers}
        except UnicodeDecodeError:
            return self._values_one_by_one(headers)

    def _values_one_by_one(self, headers: Sequence[Header]) -> dict[str, Any]:
        values = {}
        for name, raw in dict(headers).items():
            try:
                values[name] = _value(name, raw, self.json)
            except ContractViolation as error:
                if name not in _described(self.boundary.model):
                    continue  # bytes that other people's tools send along
                said = error.violations[0].detail
                raise ContractViolation(self.boundary.name, (Violation(f"#/{name}", said),)) from None
        return values


@lru_cache(maxsize=256)
def _described(model: Any) -> frozenset[str]:
    """The headers that the schema names."""
    fields = getattr(model, "model_fields", {})
    return frozenset(field.alias or name for name, field in fields.items())


def find_headers(headers: Sequence[Header], json: Collection[str] = ()) -> dict[str, Any]:
    """Those headers that can be read, whatever the spec says of them; the last of each name."""
    values = {}
    for name, raw in dict(headers).items():
        with suppress(ContractViolation):
            values[name] = _value(name, raw, json)
    return values


def write_headers(values: Mapping[str, Any]) -> tuple[Header, ...]:
    """The headers of a record, from JSON types."""
    return tuple((name, as_text(value).encode()) for name, value in values.items())


def _value(name: str, raw: bytes, json: Collection[str]) -> Any:
    return load_json(raw, name) if name in json else decoded(name, raw)
