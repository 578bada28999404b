"""Schemas that lead back to themselves, or on and on, without a step into the value: no verdict in sight."""

from collections.abc import Mapping
from typing import Any

from accord.findings import BrokenSpec, Problems
from accord.model.schemas import Schema, SchemaId, reference

__all__ = ["refuse_cycles"]

MAX_CHAIN = 100
"""How many references in turn are followed for one value; no person would follow ten."""
_IN_PLACE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas")


def refuse_cycles(schemas: Mapping[SchemaId, Schema]) -> None:
    """Raise `BrokenSpec` with one finding for each cycle, and for each chain that is too long."""
    problems = Problems()
    finished: set[SchemaId] = set()
    for start in schemas:
        with problems.gathering():
            _visit(schemas, start, {}, finished)
    problems.raise_if_any()


def _visit(
    schemas: Mapping[SchemaId, Schema], id_: SchemaId, path: dict[SchemaId, None], finished: set[SchemaId]
) -> None:
    if id_ in path:
        _finish(schemas, id_, finished)
        sentence = f"'{id_.name}' leads back to itself; put an object or an array in between"
        raise BrokenSpec.at(schemas[id_].location, "schema-cycle", sentence)
    if id_ in finished:
        return
    path[id_] = None
    if len(path) > MAX_CHAIN:
        first = next(iter(path))
        _finish(schemas, first, finished)
        sentence = f"'{first.name}' refers to more than {MAX_CHAIN} others in turn; refer to the last one"
        raise BrokenSpec.at(schemas[first].location, "too-deep", sentence)
    for target in _targets(schemas[id_].document):
        _visit(schemas, target, path, finished)
    del path[id_]
    finished.add(id_)


def _finish(schemas: Mapping[SchemaId, Schema], start: SchemaId, finished: set[SchemaId]) -> None:
    """What hangs together with ``start`` would only be the same finding again."""
    waiting = [start]
    while waiting:
        id_ = waiting.pop()
        if id_ not in finished:
            finished.add(id_)
            waiting += _targets(schemas[id_].document)


def _targets(document: Any) -> list[SchemaId]:
    """What the same value is held against as well."""
    if not isinstance(document, Mapping):
        return []
    target = reference(document)
    found = [] if target is None else [target]
    for keyword in _IN_PLACE:
        value = document.get(keyword)
        parts = value if isinstance(value, list) else [value]
        if keyword == "dependentSchemas" and isinstance(value, Mapping):
            parts = list(value.values())
        for part in parts:
            found += _targets(part)
    return found
