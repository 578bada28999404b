"""Parameters decoded by type and held against their schemas."""

import json
from typing import Any
from urllib.parse import urlencode

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.boundary import ContractViolation
from accord.http.parameters import Parameter, Parameters
from accord.http.raw import RawRequest

DEFINITIONS: dict[str, Any] = {
    "Limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
    "Alias": {"$ref": "#/$defs/Limit"},
    "Name": {"type": "string", "minLength": 2, "format": "uuid"},
}


def request(
    query: str | list[tuple[str, str]] = "",
    path: dict[str, str] | None = None,
    headers: list[tuple[str, str]] | None = None,
    cookies: str = "",
) -> RawRequest:
    text = query if isinstance(query, str) else urlencode(query, errors="surrogatepass")
    return RawRequest(path or {}, text, tuple(headers or ()), cookies)


def read_query(
    schema: dict[str, Any], query: str | list[tuple[str, str]], required: bool = False
) -> dict[str, Any]:
    return Parameters(Parameter("q", "query", schema, required), definitions=DEFINITIONS).read(request(query))


def pointers(caught: pytest.ExceptionInfo[ContractViolation]) -> list[str]:
    return [violation.pointer for violation in caught.value.violations]


@given(st.integers(-(10**400), 10**400))
def test_every_integer_survives(value: int) -> None:
    assert read_query({"type": "integer"}, f"q={value}") == {"q": value}


@pytest.mark.parametrize(
    "text",
    [
        "1.0",
        "+1",
        " 1",
        "1 ",
        "1_0",
        "01",
        "-",
        "",
        "0x1",
        "1e2",
        "١",
        "１",
        "²",
        "NaN",
        "true",
        "null",
        "1\n",
        "9" * 5000,
    ],
)
def test_what_is_no_integer_text_of_json_is_refused(text: str) -> None:
    with pytest.raises(ContractViolation) as caught:
        read_query({"type": "integer"}, [("q", text)])
    assert pointers(caught) == ["query/q"]


@given(st.text(max_size=6) | st.from_regex(r"-?[0-9.eE+ _]{0,6}"))
def test_an_integer_is_read_exactly_where_json_reads_one(text: str) -> None:
    try:
        expected = json.loads(text) if text.strip(" \t\r\n") == text else None
    except ValueError:
        expected = None
    if type(expected) is int:
        assert read_query({"type": "integer"}, [("q", text)]) == {"q": expected}
    else:
        with pytest.raises(ContractViolation):
            read_query({"type": "integer"}, [("q", text)])


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_survives(value: float) -> None:
    assert read_query({"type": "number"}, [("q", repr(value))]) == {"q": value}


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1.", ".5", "1e999", "+1", "1_0.0", ""])
def test_what_is_no_number_text_of_json_is_refused(text: str) -> None:
    with pytest.raises(ContractViolation):
        read_query({"type": "number"}, [("q", text)])


def test_booleans_are_true_and_false_in_small_letters() -> None:
    assert read_query({"type": "boolean"}, "q=true") == {"q": True}
    assert read_query({"type": "boolean"}, "q=false") == {"q": False}
    for text in ("True", "1", "yes", ""):
        with pytest.raises(ContractViolation):
            read_query({"type": "boolean"}, [("q", text)])


schemas = st.sampled_from(
    [
        {"type": "integer", "minimum": -5, "maximum": 5},
        {"type": "string", "pattern": "^[a-z]*$", "maxLength": 3},
        {"type": ["integer", "null"], "multipleOf": 2},
        {"enum": [1, 2, 3]},
        {"const": True},
        {"anyOf": [{"type": "boolean"}, {"type": "integer", "maximum": 3}]},
        {"allOf": [{"$ref": "#/$defs/Limit"}, {"not": {"const": 7}}]},
    ]
)
scalars = st.integers(-9, 120) | st.booleans() | st.text("ab1-", max_size=4)


@given(schemas, scalars)
def test_a_value_written_as_text_is_admitted_exactly_if_its_schema_admits_it(
    schema: dict[str, Any], value: Any
) -> None:
    if isinstance(value, str) and schema.get("type") != "string":
        return
    if not isinstance(value, str) and schema.get("type") == "string":
        value = json.dumps(value)
    text = value if isinstance(value, str) else json.dumps(value)
    if jsonschema_rs.is_valid({**schema, "$defs": DEFINITIONS}, value):
        read = read_query(schema, [("q", text)])["q"]
        assert (read, type(read)) == (value, type(value))
    else:
        with pytest.raises(ContractViolation):
            read_query(schema, [("q", text)])


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=5))
def test_an_array_is_one_item_per_occurrence(items: list[int]) -> None:
    schema = {"type": "array", "items": {"type": "integer"}}
    assert read_query(schema, [("q", str(item)) for item in items]) == {"q": items}


def test_a_bad_item_is_pointed_at() -> None:
    with pytest.raises(ContractViolation) as caught:
        read_query({"type": "array", "items": {"$ref": "#/$defs/Limit"}}, "q=1&q=101&q=x")
    assert pointers(caught) == ["query/q/1", "query/q/2"]


def test_an_array_in_a_header_stands_between_commas() -> None:
    schema = {"type": "array", "items": {"type": "integer"}}
    parameters = Parameters(Parameter("X-Ids", "header", schema), definitions={})
    assert parameters.read(request(headers=[("X-Ids", "1, 2"), ("X-Ids", "3")])) == {"X-Ids": [1, 2, 3]}


def test_a_default_stands_in_even_through_references() -> None:
    assert read_query({"$ref": "#/$defs/Alias"}, "") == {"q": 20}
    assert read_query({"$ref": "#/$defs/Alias"}, "q=3") == {"q": 3}


def test_a_default_cannot_be_changed_by_who_received_it() -> None:
    parameters = Parameters(Parameter("q", "query", {"type": "array", "default": [1]}), definitions={})
    parameters.read(request())["q"].append(2)
    assert parameters.read(request()) == {"q": [1]}


def test_an_absent_parameter_is_absent() -> None:
    assert read_query({"type": "integer"}, "") == {}


def test_a_required_one_that_is_missing_is_refused() -> None:
    with pytest.raises(ContractViolation, match="query/q: is required"):
        read_query({"type": "integer"}, "", required=True)


def test_a_repeated_single_value_is_refused() -> None:
    with pytest.raises(ContractViolation, match="query/q: is given 2 times; give it once"):
        read_query({"type": "integer"}, "q=1&q=1")


def test_unknown_parameters_are_ignored() -> None:
    assert read_query({"type": "integer"}, "z=1&q=2&z=3") == {"q": 2}


def test_formats_are_checked() -> None:
    with pytest.raises(ContractViolation, match='is not a "uuid"'):
        read_query({"$ref": "#/$defs/Name"}, "q=no-uuid")


def test_every_place_is_read_and_every_bad_one_pointed_at() -> None:
    parameters = Parameters(
        Parameter("author_id", "path", {"type": "integer"}, required=True),
        Parameter("limit", "query", {"$ref": "#/$defs/Limit"}),
        Parameter("If-Match", "header", {"type": "string", "pattern": '^"[0-9]+"$'}),
        Parameter("theme", "cookie", {"type": "string", "maxLength": 5}),
        definitions=DEFINITIONS,
    )
    good = request("limit=5", {"author_id": "17"}, [("if-match", '"1"')], "theme=dark")
    assert parameters.read(good) == {"author_id": 17, "limit": 5, "If-Match": '"1"', "theme": "dark"}
    bad = request("limit=0", {"author_id": "x"}, [("IF-MATCH", "1")], "theme=twilight")
    with pytest.raises(ContractViolation) as caught:
        parameters.read(bad)
    assert sorted(pointers(caught)) == ["cookie/theme", "header/If-Match", "path/author_id", "query/limit"]


def test_percent_encoding_is_taken_off_before() -> None:
    assert read_query({"type": "string"}, "q=%C3%A9+%26") == {"q": "é &"}
    assert read_query({"type": "integer"}, "q=%31") == {"q": 1}


def test_a_schema_that_refers_to_itself_is_no_trap() -> None:
    definitions = {"Node": {"anyOf": [{"type": "integer"}, {"$ref": "#/$defs/Node"}]}}
    parameters = Parameters(Parameter("q", "query", {"$ref": "#/$defs/Node"}), definitions=definitions)
    assert parameters.read(request("q=1")) == {"q": 1}
