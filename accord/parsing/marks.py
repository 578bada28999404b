"""What tells the messages of a channel apart: a member or a header with values of its own in each of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from accord.model.events import Expression, Mark
from accord.model.kinds import Schemas
from accord.model.schemas import SchemaId, reference

__all__ = ["find_marks"]

Values = tuple[str | int | bool, ...]


def find_marks(
    schemas: Schemas, messages: Sequence[tuple[SchemaId, SchemaId | None]]
) -> tuple[Mark, ...] | None:
    """One mark for each message, given by its payload and its headers, all at the first place that will do.

    None where there is one message only, or no such place.
    """
    if len(messages) < 2:
        return None
    found = [dict(_places(schemas, payload, headers)) for payload, headers in messages]
    for place in found[0]:
        values = [each[place] for each in found if place in each]
        every = [(type(value), value) for some in values for value in some]
        if len(values) == len(messages) and len(set(every)) == len(every):
            return tuple(Mark(place, each) for each in values)
    return None


def _places(
    schemas: Schemas, payload: SchemaId, headers: SchemaId | None
) -> Iterator[tuple[Expression, Values]]:
    for name, values in _constants(schemas, {"$ref": payload}).items():
        yield Expression("payload", (name,)), values
    for name, values in _constants(schemas, {"$ref": headers} if headers is not None else {}).items():
        yield Expression("header", (name,)), values


def _constants(schemas: Schemas, document: Any, seen: frozenset[SchemaId] = frozenset()) -> dict[str, Values]:
    """The members whose values are of a closed list, in every alternative of the schema."""
    if not isinstance(document, Mapping):
        return {}
    found: dict[str, Values] = {}
    target = reference(document)
    if target is not None and target not in seen:
        found |= _constants(schemas, schemas.by_id[target].document, seen | {target})
    for part in document.get("allOf", ()):
        found |= _constants(schemas, part, seen)
    for keyword in ("oneOf", "anyOf"):
        branches = [_constants(schemas, part, seen) for part in document.get(keyword, ())]
        for name in branches[0] if branches else ():
            if all(name in branch for branch in branches):
                every = [value for branch in branches for value in branch[name]]
                found[name] = tuple(dict.fromkeys(every))
    for name, member in document.get("properties", {}).items():
        values = _closed(schemas, member)
        if values:
            found[name] = values
    return found


def _closed(schemas: Schemas, member: Any) -> Values:
    for part in schemas.parts(member):
        values = [part["const"]] if "const" in part else part.get("enum", [])
        if values and all(isinstance(value, str | int | bool) for value in values):
            return tuple(values)
    return ()
