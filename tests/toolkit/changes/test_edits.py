"""The single edits between two versions of a schema."""

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from accord.changes.edits import apply, edits
from accord.model.schemas import MANY, NAMED
from tests.toolkit.compatibility.edits import pairs


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(pairs())
def test_every_edit_can_be_made_alone_and_changes_something(pair: tuple[Any, Any]) -> None:
    old, new = pair
    before = copy.deepcopy(old)
    found = edits(old, new)
    for edit in found:
        assert apply(old, edit) != old
    assert old == before
    if "$defs" not in {key for schema in (old, new) for key in schema if old.get(key) != new.get(key)}:
        assert bool(found) == (old != new) or _only_order(old, new)


def _only_order(old: Any, new: Any) -> bool:
    """Branches and required members have no order, and an empty list or object of them says nothing."""
    return bool(_sorted(old) == _sorted(new))


def _sorted(node: Any) -> Any:
    if isinstance(node, dict):
        idle = {"required", *MANY, *NAMED}
        return {key: _sorted(value) for key, value in node.items() if value or key not in idle}
    return sorted(map(_sorted, node), key=repr) if isinstance(node, list) else node


@given(pairs())
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_single_edit_leads_to_the_new_schema(pair: tuple[Any, Any]) -> None:
    old, new = pair
    found = edits(old, new)
    if len(found) == 1 and old["$defs"] == new["$defs"]:
        assert _sorted(apply(old, found[0])) == _sorted(new)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"type": "string"}, {"type": ["string", "null"]}, ["may be null now"]),
        ({"type": ["string", "null"]}, {"type": "string"}, ["may no longer be null"]),
        ({"type": "string"}, {"type": "integer"}, ["is integer instead of string"]),
        ({"enum": ["a", 1]}, {"enum": ["a", None]}, ["values of the enum: null added and 1 removed"]),
        ({"enum": ["a", "b"]}, {"enum": ["b", "a"]}, ["values of the enum: in another order"]),
        ({"maxLength": 3}, {"maxLength": 4}, ["maxLength is 4 instead of 3"]),
        ({}, {"pattern": "^a"}, ['pattern is "^a"; there was none']),
        ({"pattern": "^a"}, {}, ['pattern "^a" is gone']),
        ({"items": {"maximum": 1}}, {"items": {"maximum": 2}}, ["maximum is 2 instead of 1"]),
        ({"title": "a", "examples": []}, {"title": "b"}, ["examples, title changed"]),
        ({"$ref": "f#/a/A"}, {"$ref": "f#/a/B"}, ["is B instead of A"]),
        ({"additionalProperties": {}}, {"additionalProperties": False}, ["additionalProperties is another"]),
        ({"properties": {"a": {}}}, {"properties": {"b": {}}}, ["the member 'a' is called 'b' now"]),
        (
            {"properties": {"a": {}, "c": {}}},
            {"properties": {"b": {}}},
            ["the member 'a' is gone", "the member 'c' is gone", "the optional member 'b' is new"],
        ),
        ({"oneOf": [{"$ref": "f#/x/A"}]}, {"oneOf": [{"$ref": "f#/x/A"}, {}]}, ["a branch of oneOf is new"]),
        ({"x-note": 1}, {"x-note": 2}, ["x-note changed"]),
        (True, {"type": "null"}, ["another schema stands here"]),
    ],
)
def test_an_edit_is_said_in_words(old: Any, new: Any, told: list[str]) -> None:
    assert [edit.sentence for edit in edits(old, new)] == told


def test_a_required_member_takes_its_demand_along() -> None:
    old = {"properties": {"a": {"type": "string"}}, "required": ["a"]}
    new = {"properties": {"a": {"type": "string"}, "b": {"type": "null"}}, "required": ["a", "b"]}
    (edit,) = edits(old, new)
    assert apply(old, edit) == new
    (back,) = edits(new, old)
    assert apply(new, back) == old


def test_a_constant_tells_branches_apart() -> None:
    cat, dog = ({"properties": {"kind": {"const": kind}, "name": {}}} for kind in ("cat", "dog"))
    longer = {"properties": {"kind": {"const": "dog"}, "name": {}, "age": {}}}
    (edit,) = edits({"oneOf": [cat, dog]}, {"oneOf": [longer, cat]})
    assert edit.sentence == "the optional member 'age' is new"
    assert edit.path == ("oneOf", 1)
    assert edit.newly == ("oneOf", 0, "properties", "age")
