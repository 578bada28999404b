"""Values near a schema: half of them fit, and the others miss it in one place."""

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import strategies as st

from accord.model.kinds import Schemas
from accord.model.schemas import reference

__all__ = ["near"]

Values = st.SearchStrategy[Any]
Path = tuple[str | int, ...]

FORMATS = {
    "date-time": ["2026-01-05T09:30:00Z", "2026-01-05T09:30:00.123456+05:30"],
    "date": ["2026-01-05"],
    "uuid": ["1c9d9b52-70c3-4f0e-8d53-6b7f2f0e1a01"],
    "email": ["a@example.org"],
    "uri-reference": ["about:blank", "/a"],
}
ODD = st.sampled_from(
    [
        *(None, True, 0, 1.0, 1.5, -1, 2**63, "", "1", "x" * 300, "\\", [], [None], {}, {"a": 1}),
        *("2026-02-30T00:00:00Z", "20260105", "urn:uuid:1", "1C9D9B5270C34F0E8D536B7F2F0E1A01"),
    ]
)


def near(schemas: Schemas, document: Any) -> Values:
    """Values that fit, as they are and with one place changed."""
    fitting = _fitting(schemas, document, 5)
    return st.one_of(fitting, st.tuples(fitting, st.integers(0, 50), st.integers(0, 4), ODD).map(_changed))


def _changed(drawn: tuple[Any, int, int, Any]) -> Any:
    value, place, how, odd = copy.deepcopy(drawn)
    places = list(_places(value))
    path = places[place % len(places)]
    if not path:
        return odd
    *above, last = path
    parent = value
    for step in above:
        parent = parent[step]
    if how == 0:
        del parent[last]
    elif how == 1 and isinstance(parent, dict):
        parent["unknown"] = odd
    elif how == 2 and isinstance(parent, list):
        parent += parent * 100
    else:
        parent[last] = odd
    return value


def _places(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    if isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places(child, (*path, key))


def _fitting(schemas: Schemas, document: Any, depth: int) -> Values:
    if not isinstance(document, Mapping) or depth == 0:
        return ODD
    merged: dict[str, Any] = {}
    for part in schemas.parts(document):
        merged = {**part, **merged}
    members = schemas.members(document)
    if "const" in merged:
        return st.just(merged["const"])
    if "enum" in merged:
        return st.sampled_from(merged["enum"])
    branches = [*merged.get("anyOf", ()), *merged.get("oneOf", ())]
    if branches:
        return st.one_of([_fitting(schemas, branch, depth - 1) for branch in branches])
    demanded = {name for part in schemas.parts(document) for name in part.get("required", ())}
    if members:
        fitting = {name: _fitting(schemas, m.document, depth - 1) for name, m in members.items()}
        required = {
            name: fitting.get(name, ODD) for name in [*fitting, *sorted(demanded)] if name in demanded
        }
        optional = {name: values for name, values in fitting.items() if name not in required}
        return st.fixed_dictionaries(required, optional=optional)
    types = merged.get("type", ())
    found = [_typed(schemas, n, merged, depth) for n in ([types] if isinstance(types, str) else types)]
    target = reference(document)
    if not found and target is not None:
        return _fitting(schemas, schemas.by_id[target].document, depth - 1)
    return st.one_of(found) if found else ODD


def _typed(schemas: Schemas, name: str, said: Mapping[str, Any], depth: int) -> Values:
    if name == "string":
        return _text(said)
    if name in ("integer", "number"):
        return st.integers(int(said.get("minimum", -5)), int(said.get("maximum", 2**53)))
    if name in ("boolean", "null"):
        return st.booleans() if name == "boolean" else st.none()
    if name == "array":
        items = _fitting(schemas, said.get("items", True), depth - 1)
        most = min(said.get("maxItems", 3), 3)
        return st.lists(items, min_size=min(said.get("minItems", 0), 3), max_size=most, unique_by=repr)
    values = _fitting(schemas, said.get("additionalProperties", True), depth - 1)
    return st.dictionaries(st.text(max_size=5), values, max_size=2)


def _text(said: Mapping[str, Any]) -> Values:
    if said.get("format") in FORMATS:
        return st.sampled_from(FORMATS[said["format"]])
    least, most = said.get("minLength", 0), min(said.get("maxLength", 30), 30)
    if "pattern" not in said:
        return st.text(st.characters(exclude_categories=["Cs"]), min_size=least, max_size=max(least, most))
    pattern = re.sub(r"\\d", "[0-9]", said["pattern"])
    return st.from_regex(pattern, fullmatch=True).filter(lambda text: least <= len(text) <= most)
