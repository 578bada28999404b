"""What the algebra of jsonschema-rs and its validator say about schemas; every answer is remembered.

The algebra is asked after the descent by structure, and only its YES is a proof; what it refuses to decide,
or fails on, counts as no answer. No unsound YES is known: formats, numbers past 2**53, ``unevaluated*``,
recursion and unions were searched for one (see the tests of this package), and that search goes on in them.
"""

import json
from collections.abc import Callable
from typing import Any, Final

import jsonschema_rs
from jsonschema_rs import canonical

from accord.compatibility.documents import Definitions, Schema

__all__ = ["Arbiter"]

_DRAFT: Final = jsonschema_rs.Draft202012
_FAILURES: Final = (ValueError, canonical.CanonicalizationError, jsonschema_rs.ReferencingError)


class Arbiter:
    """Answers about schemas over common definitions."""

    def __init__(self, definitions: Definitions) -> None:
        self._whole = definitions.whole
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}
        self._forms: dict[str, jsonschema_rs.CanonicalSchema | None] = {}

    def admits(self, parts: tuple[Schema, ...], value: Any) -> bool:
        """Whether the value fits all parts, formats asserted."""
        key = json.dumps(parts)
        if key not in self._validators:
            document = self._whole(*parts)
            self._validators[key] = jsonschema_rs.Draft202012Validator(document, validate_formats=True)
        return self._validators[key].is_valid(value)

    def covers(self, reader: Schema, writer: tuple[Schema, ...]) -> bool:
        """Whether it is proved that the reader admits all that the writer's parts admit together."""
        return bool(
            self._ask(reader, writer, lambda one, other: one.covers(other) == canonical.Containment.YES)
        )

    def empty(self, *parts: Schema) -> bool:
        """Whether it is proved that no value fits all parts."""
        form = self._form(parts)
        return form is not None and form.satisfiability() == canonical.Satisfiability.NO

    def difference(self, reader: Schema, writer: tuple[Schema, ...]) -> dict[str, Any] | None:
        """A schema of what the writer's parts admit and the reader does not, if the algebra has one."""
        found = self._ask(reader, writer, lambda one, other: other.subtract(one).to_json_schema())
        return found if isinstance(found, dict) else None

    def _ask(self, reader: Schema, writer: tuple[Schema, ...], question: Callable[..., Any]) -> Any:
        one, other = self._form((reader,)), self._form(writer)
        if one is None or other is None:
            return None
        try:
            return question(one, other)
        except _FAILURES:
            return None

    def _form(self, parts: tuple[Schema, ...]) -> jsonschema_rs.CanonicalSchema | None:
        key = json.dumps(parts)
        if key not in self._forms:
            document = self._whole(*parts)
            try:
                form = jsonschema_rs.canonicalize(document, draft=_DRAFT, validate_formats=True, offline=True)
            except _FAILURES:
                form = None
            self._forms[key] = form
        return self._forms[key]
