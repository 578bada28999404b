"""The parameters of an operation: a request's raw text to typed values held against the spec, and back."""

import copy
import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import jsonschema_rs

from accord.boundary import ContractViolation, Violation, compile_schema, find_violations, reachable
from accord.http.parameter import Codec, Parameter
from accord.http.raw import Carrier, RawRequest, encode, split_cookies, split_query
from accord.http.shapes import Shape
from accord.http.styles import Malformed

__all__ = ["Parameter", "Parameters"]


class Parameters:
    """All parameters of one operation, or all headers of one response."""

    def __init__(
        self, *parameters: Parameter, definitions: Mapping[str, Any], subject: str = "the request"
    ) -> None:
        self.parameters = parameters
        self.definitions = definitions
        self._subject = subject

    def read(self, raw: Carrier) -> dict[str, Any]:
        """Give the typed values by argument; absent ones are absent, unless their schema has a default.

        What the spec does not name is ignored. Raises `ContractViolation` with a pointer (``query/limit``,
        ``header/If-Match``) to each bad parameter.
        """
        values, violations = self._decoded(raw)
        if values:
            self._refuse(values, violations)
        read = {codec.key: codec.typed(value, violations) for codec, value in values if codec.passed}
        for codec in self._defaulted:
            if codec.key not in read:
                read[codec.key] = codec.typed(copy.deepcopy(codec.shape.default[0]), violations)
        if violations:
            raise ContractViolation(self._subject, tuple(violations))
        return read

    def write(self, arguments: Mapping[str, Any]) -> RawRequest:
        """Write the values that are not None; raises `ContractViolation` for what the contract forbids.

        That includes a value without a text of its own, such as a list of one empty text in form style: who
        reads it would see another value.
        """
        values: dict[Codec, Any] = {}
        violations: list[Violation] = []
        for codec in self._codecs:
            value = arguments.get(codec.key)
            if value is not None:
                values[codec] = codec.plain(value)
            elif codec.parameter.required:
                violations.append(Violation(codec.parameter.pointer, "is required"))
        self._refuse(values.items(), violations)
        raw = self._encoded(values, violations)
        if not violations:
            self._reread(values, raw, violations)
        if violations:
            raise ContractViolation(self._subject, tuple(violations))
        return raw

    def write_headers(self, result: Any) -> tuple[tuple[str, str], ...]:
        """The headers of an answer: the attributes of ``result`` that are not None.

        Raises `ContractViolation` for what is required and absent, and for what no header can carry.
        """
        headers: list[tuple[str, str]] = []
        violations: list[Violation] = []
        for codec in self._codecs:
            value = getattr(result, codec.key) if codec.passed else None
            try:
                if value is not None:
                    headers.append((codec.parameter.name, str(codec.write(codec.plain(value)))))
                elif codec.parameter.required:
                    raise Malformed("is required")
            except Malformed as error:
                violations.append(Violation(codec.parameter.pointer, str(error)))
        if violations:
            raise ContractViolation(self._subject, tuple(violations))
        return tuple(headers)

    def decode_pairs(self, text: str) -> dict[str, Any]:
        """The JSON values of a query or a form by their names, not yet held against anything.

        Raises `ContractViolation` for text in no form of its parameter.
        """
        values, violations = self._decoded(RawRequest(query=text), required=False)
        if violations:
            raise ContractViolation(self._subject, tuple(violations))
        return {codec.parameter.name: value for codec, value in values}

    def encode_pairs(self, values: Mapping[str, Any]) -> str:
        """The inverse of `decode_pairs`; the same check of what has no text of its own."""
        violations: list[Violation] = []
        chosen = {
            codec: values[codec.parameter.name] for codec in self._codecs if codec.parameter.name in values
        }
        raw = self._encoded(chosen, violations)
        if not violations:
            self._reread(chosen, raw, violations)
        if violations:
            raise ContractViolation(self._subject, tuple(violations))
        return raw.query

    @cached_property
    def _codecs(self) -> list[Codec]:
        names = {p.name for p in self.parameters if p.place == "query"}
        return [
            Codec(parameter, Shape(parameter.schema, self.definitions), names - {parameter.name})
            for parameter in self.parameters
        ]

    @cached_property
    def _defaulted(self) -> list[Codec]:
        """Those for which something stands in; a default of null is none."""
        return [codec for codec in self._codecs if codec.passed and codec.shape.default not in ((), (None,))]

    @cached_property
    def _places(self) -> frozenset[str]:
        return frozenset(parameter.place for parameter in self.parameters)

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft202012Validator:
        """One schema over ``{place: {name: value}}``, so that one call checks a request."""
        places: dict[str, dict[str, Any]] = {}
        for parameter in self.parameters:
            properties = places.setdefault(parameter.place, {"properties": {}})["properties"]
            properties[parameter.name] = parameter.schema
        schema: dict[str, Any] = {"properties": places}
        defs = reachable({**self.definitions, "": schema}, "")
        schema["$defs"] = {name: definition for name, definition in defs.items() if name}
        return compile_schema(schema)

    def _refuse(self, values: Iterable[tuple[Codec, Any]], violations: list[Violation]) -> None:
        by_place: dict[str, dict[str, Any]] = {}
        for codec, value in values:
            by_place.setdefault(codec.parameter.place, {})[codec.parameter.name] = value
        for violation in find_violations(self._validator, by_place):
            violations.append(Violation(violation.pointer.removeprefix("#/"), violation.detail))

    def _decoded(
        self, raw: Carrier, *, required: bool = True
    ) -> tuple[list[tuple[Codec, Any]], list[Violation]]:
        query = split_query(raw.query) if "query" in self._places else []
        cookies = split_cookies(raw.cookies) if "cookie" in self._places else []
        values: list[tuple[Codec, Any]] = []
        violations: list[Violation] = []
        for codec in self._codecs:
            try:
                found = codec.read(raw, query, cookies)
            except Malformed as error:
                violations.append(Violation(codec.parameter.pointer, str(error)))
                continue
            if found:
                values.append((codec, found[0]))
            elif codec.parameter.required and required:
                violations.append(Violation(codec.parameter.pointer, "is required"))
        return values, violations

    def _encoded(self, values: Mapping[Codec, Any], violations: list[Violation]) -> RawRequest:
        path: dict[str, str] = {}
        headers: list[tuple[str, str]] = []
        pairs: dict[str, list[tuple[str, str]]] = {"query": [], "cookie": []}
        for codec, value in values.items():
            parameter = codec.parameter
            try:
                written = codec.write(value)
            except Malformed as error:
                violations.append(Violation(parameter.pointer, str(error)))
                continue
            if isinstance(written, list):
                pairs[parameter.place] += written
            elif parameter.place == "path":
                path[codec.key] = written
            else:
                headers.append((parameter.name, written))
        query = "&".join([f"{encode(key)}={value}" for key, value in pairs["query"]])
        cookies = "; ".join([f"{encode(key)}={value}" for key, value in pairs["cookie"]])
        return RawRequest(path, query, tuple(headers), cookies)

    def _reread(self, values: Mapping[Codec, Any], raw: Carrier, violations: list[Violation]) -> None:
        """Refuse what would be read as something else, an absent parameter with a default included."""
        read, _ = self._decoded(raw, required=False)
        again = dict(read)
        for codec, value in values.items():
            nothing = value in ([], {}) and not codec.parameter.required and not codec.shape.default
            if _same(again[codec], value) if codec in again else nothing:
                continue
            shown = json.dumps(value, ensure_ascii=False, default=str)[:100]
            sentence = (
                f"{shown} has no text of its own in style {codec.style.name}; it would be read otherwise"
            )
            violations.append(Violation(codec.parameter.pointer, sentence))


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) and (type(one) is type(other) or not isinstance(one, bool | str))
