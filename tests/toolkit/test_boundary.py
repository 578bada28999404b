"""Boundaries admit what their schema admits, and tell where a value breaks it."""

import json
import time
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import jsonschema_rs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from accord.boundary import (
    MAX_DETAIL,
    MAX_VIOLATIONS,
    Boundary,
    ContractViolation,
    NotJson,
    read_json,
    to_pointer,
)

BOOK_SCHEMA = {
    "type": "object",
    "required": ["title"],
    "additionalProperties": False,
    "properties": {
        "title": {"type": "string", "minLength": 1},
        "year": {"type": ["integer", "null"], "maximum": 3000},
        "tags": {"type": "array", "items": {"$ref": "#/$defs/Tag"}},
        "read-at": {"type": "string", "format": "date-time"},
    },
}
DEFINITIONS = {"Book": BOOK_SCHEMA, "Tag": {"type": "string", "maxLength": 5}}


class Book(BaseModel):
    title: str
    year: int | None = None
    tags: list[str] | None = None
    read_at: datetime | None = Field(None, alias="read-at")


BOOK = Boundary(Book, "Book", DEFINITIONS)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
members = {
    "title": json_values | st.just("x"),
    "year": json_values | st.just(1968),
    "tags": json_values | st.just(["a"]),
}
near_books = st.fixed_dictionaries({}, optional=members)


@given(json_values | near_books)
def test_a_value_is_admitted_exactly_if_the_schema_admits_it(value: Any) -> None:
    oracle = jsonschema_rs.Draft202012Validator(
        {"$ref": "#/$defs/Book", "$defs": DEFINITIONS}, validate_formats=True
    )
    if oracle.is_valid(value):
        BOOK.parse(value)
    else:
        with pytest.raises(ContractViolation) as caught:
            BOOK.parse(value)
        assert 1 <= len(caught.value.violations) <= MAX_VIOLATIONS


def test_every_bad_member_is_pointed_at() -> None:
    with pytest.raises(ContractViolation) as caught:
        BOOK.parse({"title": "", "tags": ["long enough", "ok", 7]})
    assert {(v.pointer, v.detail) for v in caught.value.violations} == {
        ("#/title", '"" is shorter than 1 character'),
        ("#/tags/0", '"long enough" is longer than 5 characters'),
        ("#/tags/2", '7 is not of type "string"'),
    }


def test_formats_are_part_of_the_contract() -> None:
    with pytest.raises(ContractViolation, match="#/read-at"):
        BOOK.parse({"title": "x", "read-at": "yesterday"})


def test_a_value_that_no_python_type_holds_is_a_violation_and_no_crash() -> None:
    leap_second = {"title": "x", "read-at": "2016-12-31T23:59:60Z"}
    BOOK.check(leap_second)
    with pytest.raises(ContractViolation, match="#/read-at"):
        BOOK.parse(leap_second)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"nul",
        b"{'a': 1}",
        b"\xff",
        b"\xef\xbb\xbf{}",
        b'{"title": NaN}',
        b'"\\ud800"',
        b"[" * 9000,
    ],
)
def test_text_that_is_no_json_is_a_violation_of_the_whole(text: bytes) -> None:
    with pytest.raises(ContractViolation) as caught:
        BOOK.parse_json(text)
    assert [v.pointer for v in caught.value.violations] == ["#"]
    assert caught.value.violations[0].detail.startswith("not JSON: ")


@pytest.mark.parametrize(
    "text",
    [
        b'{"title": "a", "title": "a"}',
        b'{"title": "a", "tags": [{"x": {}, "y": 1, "x": {}}]}',
        b'{"title": "a", "\\u0074itle": "b"}',
        b'{"title": "\\u0022\\u0022", "": 1, "": 2}',
        b'{"\\u0022": 1, "\\"": 2}',
    ],
)
def test_a_member_that_is_there_twice_is_refused_wherever_it_is(text: bytes) -> None:
    with pytest.raises(NotJson, match="is there twice"):
        read_json(text)
    with pytest.raises(ContractViolation, match=r"#: not JSON: .* is there twice"):
        BOOK.parse_json(text)


_NAMES = st.text(st.sampled_from('a"\\é'), max_size=3)
_JSON = st.recursive(
    st.none() | st.integers(-(2**60), 2**60) | _NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(_JSON, st.booleans(), st.booleans())
def test_whatever_names_each_member_once_is_read_however_it_is_written(
    value: Any, plain: bool, escaped: bool
) -> None:
    text = json.dumps(value, ensure_ascii=plain)
    if escaped and "\\\\" not in text:
        text = text.replace('\\"', "\\u0022")
    assert read_json(text.encode()) == value


@given(st.dictionaries(_NAMES, _JSON, min_size=1, max_size=3), _JSON, st.booleans())
def test_no_escape_hides_a_second_member(members: dict[str, Any], other: Any, plain: bool) -> None:
    name = json.dumps(next(iter(members)), ensure_ascii=plain)
    text = json.dumps(members)[:-1] + f", {name}: {json.dumps(other)}}}"
    with pytest.raises(NotJson, match="is there twice"):
        read_json(text.encode())


def test_deep_nesting_is_refused_as_a_value_and_read_up_to_the_limit() -> None:
    assert read_json(b"[" * 254 + b"]" * 254)
    for deep in (255, 1000, 5000):
        with pytest.raises(NotJson):
            read_json(b"[" * deep + b"]" * deep)


@pytest.mark.parametrize("value", ["\ud800", {1: "x"}, {"title": object()}])
def test_python_values_without_a_json_text_are_refused(value: Any) -> None:
    with pytest.raises(ContractViolation):
        BOOK.check(value)


def test_a_huge_refused_value_costs_neither_time_nor_room() -> None:
    started = time.perf_counter()
    with pytest.raises(ContractViolation) as caught:
        BOOK.parse({"title": "x", "tags": [0] * 250_000})
    assert time.perf_counter() - started < 1
    assert len(caught.value.violations) == 1
    with pytest.raises(ContractViolation) as caught:
        BOOK.parse({"title": "x", "year": "9" * 1_000_000})
    assert len(caught.value.violations[0].detail) == MAX_DETAIL


def test_no_error_lists_more_than_its_bound() -> None:
    with pytest.raises(ContractViolation) as caught:
        BOOK.parse({"title": "x", "tags": [0] * (MAX_VIOLATIONS + 50)})
    assert len(caught.value.violations) == MAX_VIOLATIONS
    assert "(and 95 more)" in str(caught.value)


def test_what_leaves_is_checked_and_holds_only_what_was_set() -> None:
    assert BOOK.dump(Book(title="x", year=None)) == {"title": "x", "year": None}
    with pytest.raises(ContractViolation, match="#/year"):
        BOOK.dump(Book(title="x", year=4000))


def test_names_of_the_spec_survive_both_ways() -> None:
    value = {"title": "x", "read-at": "2026-01-05T09:30:00Z"}
    assert BOOK.dump(BOOK.parse(value)) == value


class Crossed(BaseModel):
    """The field of one member is called as the other member is."""

    model_config = ConfigDict(validate_by_alias=True, validate_by_name=True)

    a_b: list[str] | None = Field(None, alias="aB")
    other: str | None = Field(None, alias="a_b")


def test_a_member_is_known_by_its_name_in_the_spec_alone() -> None:
    crossed = Boundary(Crossed, "Crossed", {"Crossed": {"type": "object"}})
    assert crossed.dump(crossed.parse({"a_b": "x"})) == {"a_b": "x"}


@given(st.lists(st.text(max_size=8) | st.integers(0, 9), max_size=4))
@example(["~1", "a/b", "ä b"])
def test_pointers_are_json_pointers_in_a_uri_fragment(path: list[str | int]) -> None:
    pointer = to_pointer(path)
    assert jsonschema_rs.is_valid(
        {"type": "string", "format": "uri-reference"}, pointer, validate_formats=True
    )
    tokens = [unquote(token).replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
    assert tokens == [str(part).encode(errors="replace").decode() for part in path]


@pytest.mark.parametrize(
    ("pattern", "fitting", "unfitting"),
    [
        ("^a+b*a+$", ["aa", "aba"], ["a", "ab"]),
        ("^(a+)+$", ["a" * 50], ["a" * 50_000 + "b"]),
        (r"^(?=.*\d)[a-z0-9]+$", ["a1"], ["a"]),
    ],
)
def test_patterns_say_what_they_mean_and_take_no_time(
    pattern: str, fitting: list[str], unfitting: list[str]
) -> None:
    boundary: Boundary[Any] = Boundary(str, "Text", {"Text": {"type": "string", "pattern": pattern}})
    for text in fitting:
        boundary.check(text)
    for text in unfitting:
        with pytest.raises(ContractViolation):
            boundary.check(text)
