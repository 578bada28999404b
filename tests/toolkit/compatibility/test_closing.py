"""Which members a tolerant writer may write."""

from typing import Any

import jsonschema_rs
import pytest

from accord.compatibility.closing import close
from accord.compatibility.documents import read_pair

A = {"properties": {"a": {"type": "string"}}}
B = {"properties": {"b": {"type": "string"}}}


def writes(schema: Any, value: Any) -> bool:
    root, _, definitions = read_pair(schema, schema)
    closed, all_definitions = close(root, definitions)
    return jsonschema_rs.Draft202012Validator(all_definitions.whole(closed)).is_valid(value)


@pytest.mark.parametrize(
    ("schema", "written", "not_written"),
    [
        (A, {"a": ""}, {"x": ""}),
        ({"type": "object"}, {"x": ""}, 0),
        ({**A, "additionalProperties": True}, {"a": ""}, {"x": ""}),
        ({**A, "additionalProperties": {"type": "integer"}}, {"x": 1}, {"x": ""}),
        ({"allOf": [A, B]}, {"a": "", "b": ""}, {"x": ""}),
        ({"anyOf": [A, B]}, {"a": "", "b": ""}, {"x": ""}),
        ({"oneOf": [{**A, "required": ["a"]}, {**B, "required": ["b"]}]}, {"b": ""}, {"b": "", "x": ""}),
        ({"oneOf": [{"properties": {"a": A}}, {"required": ["b"], **B}]}, {"a": {"a": ""}}, {"a": {"x": ""}}),
        ({"$ref": "#/$defs/A", **B, "$defs": {"A": A}}, {"a": "", "b": ""}, {"x": ""}),
        ({"if": {"required": ["a"]}, "then": B, **A}, {"a": "", "b": ""}, {"b": ""}),
        ({"type": "object", "not": {**A, "required": ["a"]}}, {"x": ""}, {"a": ""}),
        ({**A, "required": ["x"]}, {"x": 0}, {"x": 0, "y": 0}),
        ({"allOf": [A, {"required": ["x", "a"]}]}, {"a": "", "x": 0}, {"a": 0, "x": 0}),
        ({"dependentSchemas": {"a": B}, **A}, {"a": "", "b": ""}, {"b": ""}),
        ({"items": A}, [{"a": ""}], [{"x": ""}]),
        ({"prefixItems": [A], "items": B}, [{"a": ""}, {"b": ""}], [{"b": ""}]),
        ({"additionalProperties": A}, {"x": {"a": ""}}, {"x": {"b": ""}}),
        ({"patternProperties": {"^x-": {}}}, {"x-a": 0}, {"a": 0}),
        (
            {"properties": {"deep": {"$ref": "#/$defs/A"}}, "$defs": {"A": A}},
            {"deep": {"a": ""}},
            {"deep": {"x": 0}},
        ),
    ],
)
def test_a_member_is_written_where_it_is_declared(schema: Any, written: Any, not_written: Any) -> None:
    assert writes(schema, written)
    assert not writes(schema, not_written)


def test_closing_never_admits_more() -> None:
    """A closed branch of ``oneOf`` would no longer exclude the other one."""
    both = {"oneOf": [A, {"properties": {"a": {"type": "string"}, "b": {}}}]}
    assert not writes(both, {"a": "", "b": ""})
    assert not writes({"not": {"properties": {"a": {}}, "required": ["a"]}, **B}, {"a": ""})
    assert not writes({"contains": A, "maxContains": 1, "items": {}}, [{"x": 0}, {"a": ""}])


def test_a_recursive_schema_is_closed_at_every_level() -> None:
    tree = {"$ref": "#/$defs/T", "$defs": {"T": {"properties": {"next": {"$ref": "#/$defs/T"}}}}}
    assert writes(tree, {"next": {"next": {}}})
    assert not writes(tree, {"next": {"next": {"x": 0}}})
