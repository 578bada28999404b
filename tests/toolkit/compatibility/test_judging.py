"""Verdicts on the edits that people make, with the value that shows what breaks."""

import sys
from typing import Any

import pytest

from accord.compatibility import Judgement, Mode, Verdict, judge, simulation

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}


def thing(members: dict[str, Any], *required: str, **more: Any) -> dict[str, Any]:
    """An object's schema."""
    return {"type": "object", "properties": members, "required": list(required), **more}


def broken(writer: Any, reader: Any, mode: Mode = Mode.TOLERANT) -> tuple[Any, str, str]:
    """The witness, where it is refused, and by which rule."""
    judgement = judge(writer, reader, mode)
    assert judgement.witness is not None, judgement
    return judgement.witness.value, judgement.witness.pointer, judgement.witness.keyword


def safe(writer: Any, reader: Any, mode: Mode = Mode.TOLERANT) -> bool:
    return judge(writer, reader, mode).verdict is Verdict.SAFE


def test_a_new_optional_member_is_safe_for_tolerant_writers_only() -> None:
    old, new = thing({"a": TEXT}), thing({"a": TEXT, "b": WHOLE})
    assert safe(old, new)
    assert broken(old, new, Mode.STRICT) == ({"b": ""}, "#/b", "type")


def test_a_new_required_member_breaks_with_the_smallest_object_that_lacks_it() -> None:
    assert broken(thing({"a": TEXT}, "a"), thing({"a": TEXT, "b": WHOLE}, "a", "b")) == (
        {"a": ""},
        "#",
        "required",
    )


def test_a_reader_that_closes_its_objects_still_refuses_what_the_writer_declares() -> None:
    old, new = thing({"a": TEXT}, additionalProperties=False), thing({"a": TEXT, "b": TEXT})
    assert broken(new, old) == ({"b": ""}, "#", "additionalProperties")
    assert (
        broken(new, {"allOf": [thing({"a": TEXT})], "unevaluatedProperties": False})[2]
        == "unevaluatedProperties"
    )
    assert safe(old, new)


@pytest.mark.parametrize(
    ("writer", "reader", "witness"),
    [
        ({"type": "string", "maxLength": 6}, {"type": "string", "maxLength": 5}, "000000"),
        ({"type": "integer", "maximum": 10}, {"type": "integer", "maximum": 9}, 10),
        ({"type": "integer", "minimum": 2**63 - 1}, {"type": "integer", "minimum": 2**63}, 2**63 - 1),
        ({"type": "number"}, {"type": "integer"}, 0.5),
        ({"type": ["string", "null"]}, TEXT, None),
        ({"enum": ["x", "y"]}, {"enum": ["x"]}, "y"),
        (TEXT, {"type": "string", "format": "uuid"}, ""),
        (TEXT, {"type": "string", "pattern": "^a"}, ""),
        ({"type": "array", "items": WHOLE}, {"type": "array", "items": WHOLE, "uniqueItems": True}, [0, 0]),
        ({"type": "array", "items": WHOLE}, {"type": "array", "items": WHOLE, "maxItems": 2}, [0, 0, 0]),
        (WHOLE, False, 0),
    ],
)
def test_a_narrower_value_breaks_with_the_first_one_outside(writer: Any, reader: Any, witness: Any) -> None:
    assert broken(writer, reader)[0] == witness
    assert safe(reader, writer)


def test_what_is_neither_narrower_nor_wider_breaks_both_ways() -> None:
    moment, day = {"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}
    assert broken(moment, day)[0] == "2000-01-01T00:00:00Z"
    assert broken(day, moment)[0] == "2000-01-01"
    few, many = ({"type": "string", "pattern": f"^[a-z]{{3}}-[0-9]{count}$"} for count in ("{1,3}", "{4}"))
    assert broken(many, few)[0] == "aaa-0000"
    assert broken(few, many)[0] == "aaa-0"


def test_a_witness_deep_within_arrays_and_objects_is_built_from_the_inside_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nested(length: int) -> dict[str, Any]:
        leaf = thing({"name": {"type": "string", "maxLength": length}, "id": WHOLE}, "name", "id")
        schema: dict[str, Any] = leaf
        for level in range(8):
            rows = {"type": "array", "minItems": 1, "items": schema}
            schema = thing(
                {"rows": rows, "other": {"type": "string", "format": "uuid"}, f"at{level}": TEXT},
                "rows",
                "other",
            )
        return schema

    def search(*_: object) -> None:
        raise AssertionError("what is built needs no search, which takes seconds")

    monkeypatch.setattr(simulation, "search", search)
    value, pointer, rule = broken(nested(300), nested(299))
    assert (pointer, rule) == ("#" + "/rows/0" * 8 + "/name", "maxLength")
    for _ in range(8):
        (value,) = value["rows"]
    assert value == {"name": "0" * 300, "id": 0}


def test_recursive_schemas_end() -> None:
    def tree(most: int) -> dict[str, Any]:
        children = {"type": "array", "maxItems": most, "items": {"$ref": "#/$defs/Tree"}}
        return {"$ref": "#/$defs/Tree", "$defs": {"Tree": thing({"children": children})}}

    assert safe(tree(3), tree(4))
    assert broken(tree(4), tree(3)) == ({"children": [{}, {}, {}, {}]}, "#/children", "maxItems")


def test_definitions_are_compared_by_what_they_say_not_by_their_names() -> None:
    old = {"$ref": "#/$defs/Old~1Name", "$defs": {"Old/Name": thing({"a": {"$ref": "#/$defs/Old~1Name"}})}}
    new = {"$ref": "#/$defs/New", "$defs": {"New": thing({"a": {"$ref": "#/$defs/New"}, "b": TEXT})}}
    assert safe(old, new)


def test_unions_grow_safely_and_shrink_with_a_witness() -> None:
    cat, dog, emu = (thing({"kind": {"const": kind}, kind: TEXT}, "kind") for kind in ("cat", "dog", "emu"))
    assert safe({"oneOf": [cat, dog]}, {"oneOf": [emu, dog, cat]})
    assert broken({"oneOf": [cat, dog]}, {"oneOf": [cat]}) == ({"kind": "dog"}, "#", "oneOf")
    assert safe({"oneOf": [cat, dog]}, {"anyOf": [thing({"kind": {"enum": ["cat", "dog"]}}, "kind")]})


def test_branches_that_overlap_break_what_one_of_them_took_alone() -> None:
    writer, reader = {"oneOf": [TEXT, WHOLE]}, {"oneOf": [TEXT, WHOLE, {"type": "integer", "minimum": 5}]}
    assert broken(writer, reader) == (5, "#", "oneOf")


def test_a_condition_is_followed_into_both_of_its_cases() -> None:
    condition = thing({"kind": {"const": "web"}}, "kind")
    old = {**thing({"kind": TEXT, "url": TEXT}), "if": condition, "then": {"required": ["url"]}}
    assert safe(old, {**old, "then": {}})
    assert broken(old, {**old, "else": {"required": ["url"]}})[0] == {}
    assert broken({**old, "then": {}}, old)[0] == {"kind": "web"}


def test_what_depends_on_a_member_is_asked_where_the_member_is() -> None:
    old, new = thing({"a": TEXT, "b": TEXT}), thing({"a": TEXT, "b": TEXT}, dependentRequired={"a": ["b"]})
    assert safe(new, old)
    assert broken(old, new)[0] == {"a": ""}
    assert safe(thing({"b": TEXT}), new)


def test_maps_are_compared_under_names_that_neither_side_knows() -> None:
    old = {"type": "object", "additionalProperties": TEXT}
    new = {"type": "object", "additionalProperties": {"type": "string", "maxLength": 3}}
    assert broken(old, new) == ({"other": "0000"}, "#/other", "maxLength")
    assert safe(new, old)
    assert broken(old, {"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}})[0] == {"": ""}


def test_only_remarks_make_no_difference() -> None:
    told = {**TEXT, "description": "new", "examples": ["x"], "default": "x", "format": "int64"}
    assert judge(TEXT, told).reason == "they differ in remarks only"


def test_what_cannot_be_decided_is_unproven_and_says_why() -> None:
    writer = {"type": "string", "pattern": "^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d).{8,}$"}
    reader = {"type": "string", "pattern": "^(?=.*\\d)(?=.*[A-Z])(?=.*[a-z]).{8,}$"}
    judgement = judge(thing({"secret": writer}), thing({"secret": reader}))
    assert judgement.verdict is Verdict.UNPROVEN
    assert judgement.reason.startswith("at #/secret: the algebra does not decide pattern")


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"$dynamicRef": "#x"}, "$dynamicRef is in use"),
        ({"$ref": "other.json"}, "the reference 'other.json' leads out of the schema"),
        ({"$ref": "#/$defs/gone"}, "the reference '#/$defs/gone' points at nothing"),
        ({"$ref": "#/$defs/A", "$defs": {"A": {"anyOf": [{"$ref": "#/$defs/A"}]}}}, "'A' refers to itself"),
        ({"type": "strin"}, "the reader's schema is no schema"),
        ({"properties": {"a": 1}}, "a schema is neither an object nor a boolean"),
    ],
)
def test_schemas_out_of_reach_are_unproven_not_a_traceback(schema: Any, reason: str) -> None:
    judgement = judge(TEXT, schema)
    assert judgement.verdict is Verdict.UNPROVEN
    assert reason in judgement.reason


@pytest.mark.parametrize("limit", [1_000, 100_000])
def test_schemas_nested_too_deeply_are_unproven(limit: int) -> None:
    def nested(leaf: Any) -> Any:
        for _ in range(3000):
            leaf = {"items": leaf}
        return leaf

    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, before))
    try:
        assert judge(nested(TEXT), nested(WHOLE)).reason == "the schemas are nested too deeply"
    finally:
        sys.setrecursionlimit(before)


def test_without_the_search_the_rest_is_unproven_and_the_remedy_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "schemathesis.generation.jsonschema.builder", None)
    writer, reader = {"type": "string", "pattern": "^(?=a)\\w+$"}, {"type": "string", "pattern": "^a\\w*$"}
    assert "pip install 'accord[witnesses]'" in judge(writer, reader).reason


def test_the_same_question_has_the_same_answer() -> None:
    def answer() -> Judgement:
        writer = thing({"a": {"type": "string", "pattern": "^(?!x)[a-z]{2,}b$"}}, "a")
        return judge(writer, thing({"a": {"type": "string", "pattern": "^[a-q]+$"}}, "a"))

    assert answer() == answer()
    assert answer().verdict is Verdict.BREAKING
