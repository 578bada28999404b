"""Parameters in every place, style and type: what a client writes, a server reads as the same value."""

import json
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from accord.boundary import ContractViolation
from accord.http.parameters import Parameter, Parameters
from accord.http.raw import RawRequest

COLOURS = {
    "type": "object",
    "properties": {"R": {"type": "integer"}, "G": {"type": "integer"}, "B": {"type": "integer"}},
}
VALUES = ["", "blue", ["blue", "black", "brown"], {"R": 100, "G": 200, "B": 150}]
TABLE = """
path    matrix          no   ;color  ;color=blue  ;color=blue,black,brown             ;color=R,100,G,200,B,150
path    matrix          yes  ;color  ;color=blue  ;color=blue;color=black;color=brown  ;R=100;G=200;B=150
path    label           no   .       .blue        .blue,black,brown                    .R,100,G,200,B,150
path    label           yes  .       .blue        .blue.black.brown                    .R=100.G=200.B=150
path    simple          no   -       blue         blue,black,brown                     R,100,G,200,B,150
path    simple          yes  -       blue         blue,black,brown                     R=100,G=200,B=150
header  simple          no   -       blue         blue,black,brown                     R,100,G,200,B,150
header  simple          yes  -       blue         blue,black,brown                     R=100,G=200,B=150
query   form            no   color=  color=blue   color=blue,black,brown               color=R,100,G,200,B,150
query   form            yes  color=  color=blue   color=blue&color=black&color=brown   R=100&G=200&B=150
query   spaceDelimited  no   -       -   color=blue%20black%20brown   color=R%20100%20G%20200%20B%20150
query   pipeDelimited   no   -       -   color=blue%7Cblack%7Cbrown   color=R%7C100%7CG%7C200%7CB%7C150
query   deepObject      yes  -       -   -   color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150
cookie  form            no   color=  color=blue   color=blue,black,brown               -
"""
"""OpenAPI 3.1.1, "Style Examples", for the places that each style belongs to."""
EXAMPLES = [
    (place, style, explode == "yes", value, text)
    for place, style, explode, *texts in map(str.split, TABLE.strip().splitlines())
    for value, text in zip(VALUES, texts, strict=True)
    if text not in ("-", ".")
]


def schema_of(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"type": "string"}
    return {"type": "array", "items": {"type": "string"}} if isinstance(value, list) else COLOURS


def parameters(schema: Any, place: Any, style: Any, explode: bool, **options: Any) -> Parameters:
    parameter = Parameter("color", place, schema, style=style, explode=explode, **options)
    return Parameters(parameter, definitions={})


def text_of(raw: RawRequest, place: str) -> str:
    texts = {"path": raw.path.get("color", ""), "query": raw.query, "cookie": raw.cookies}
    return texts[place] if place in texts else dict(raw.headers)["color"]


@pytest.mark.parametrize(("place", "style", "explode", "value", "text"), EXAMPLES)
def test_the_examples_of_the_specification_are_written_and_read(
    place: Any, style: Any, explode: bool, value: Any, text: str
) -> None:
    one = parameters(schema_of(value), place, style, explode)
    raw = one.write({"color": value})
    assert text_of(raw, place) == text
    assert one.read(raw) == {"color": value}


WAYS = [
    *[("path", style, explode) for style in ("simple", "label", "matrix") for explode in (False, True)],
    *[("header", "simple", explode) for explode in (False, True)],
    *[
        ("query", style, explode)
        for style in ("form", "spaceDelimited", "pipeDelimited")
        for explode in (False, True)
    ],
    ("query", "deepObject", True),
    *[("cookie", "form", explode) for explode in (False, True)],
]
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(max_size=8) | st.text(",.;=&|[]%+ ab", max_size=6),
    "integer": st.integers(),
    "number": st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
    "boolean": st.booleans(),
}
SCHEMAS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(list(SCALARS)).flatmap(
    lambda kind: st.sampled_from(
        [
            {"type": kind},
            {"type": "array", "items": {"type": kind}},
            {
                "type": "object",
                "properties": {"a": {"type": kind}, "b,": {"type": kind}},
                "additionalProperties": False,
            },
            {"type": "object", "additionalProperties": {"type": kind}},
        ]
    )
)


def values_of(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if schema["type"] == "array":
        return st.lists(values_of(schema["items"]), max_size=4)
    if schema["type"] != "object":
        return SCALARS[schema["type"]]
    if "properties" in schema:
        members = {name: values_of(member) for name, member in schema["properties"].items()}
        return st.fixed_dictionaries({}, optional=members)
    return st.dictionaries(
        st.text("xyz,.= ", max_size=3), values_of(schema["additionalProperties"]), max_size=3
    )


def has_no_text(value: Any, place: str, style: str, explode: bool) -> bool:
    """Empty values, what is no text of a header, and items that hold the very mark between items."""
    text = json.dumps(value)
    if '""' in text or value in ([], {}) or (place == "path" and value in (".", "..")):
        return True
    if place == "header":
        return not text.isprintable() or not text.isascii() or any(mark in text for mark in ",= \\")
    mark = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(style)
    return mark is not None and not explode and mark in json.dumps(value, separators=(",", ":"))


@given(st.sampled_from(WAYS), st.data())
def test_what_is_written_is_read_as_the_same_value_or_refused_before_it_is_sent(
    way: tuple[Any, Any, bool], data: st.DataObject
) -> None:
    place, style, explode = way
    schema = data.draw(SCHEMAS)
    assume(style != "deepObject" or schema["type"] == "object")
    assume(style not in ("spaceDelimited", "pipeDelimited") or schema["type"] in ("array", "object"))
    value = data.draw(values_of(schema))
    reserved = data.draw(st.booleans()) and place == "query"
    one = parameters(schema, place, style, explode, allow_reserved=reserved)
    try:
        raw = one.write({"color": value})
    except ContractViolation:
        assert has_no_text(value, place, style, explode)
        return
    absent: dict[str, Any] = {} if value in ([], {}) else {"color": value}
    read = one.read(raw)
    assert read in ({"color": value}, absent)
    assert type(read.get("color", value)) is type(value) or schema["type"] == "number"


ENCODED = [way for way in WAYS if way[0] != "header" and way[1] not in ("spaceDelimited", "pipeDelimited")]


@pytest.mark.parametrize("way", ENCODED)
def test_marks_of_a_style_within_an_item_are_no_marks(way: tuple[Any, Any, bool]) -> None:
    kind = {"type": "string"}
    for value in (["a.b,c;d=e&f|g h+%", "x"], {"a.b": "c,d", "e;f=g": ".h"}):
        schema = {"type": "array", "items": kind} if isinstance(value, list) else {"type": "object"}
        if way[1] == "deepObject" and schema["type"] == "array":
            continue
        one = parameters(schema, *way)
        assert one.read(one.write({"color": value})) == {"color": value}


@given(st.sampled_from(WAYS[:6]), st.text(min_size=1).filter(lambda text: text not in (".", "..")))
def test_any_text_is_one_segment_of_a_path(way: tuple[Any, Any, bool], text: str) -> None:
    one = parameters({"type": "string"}, *way)
    segment = one.write({"color": text}).path["color"]
    assert one.read(RawRequest(path={"color": segment})) == {"color": text}
    assert not set(segment) & set("/?#")
    assert unquote(segment).lstrip(".;").endswith(text.lstrip(".;"))


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_what_would_become_another_path_is_refused(value: str) -> None:
    with pytest.raises(ContractViolation, match="cannot be a segment"):
        parameters({"type": "string"}, "path", "simple", False).write({"color": value})


@pytest.mark.parametrize(
    ("schema", "place", "style", "explode", "raw", "detail"),
    [
        ({"type": "string"}, "query", "form", True, RawRequest(query="color=a&color=b"), "is given 2 times"),
        ({"type": "string"}, "query", "form", True, RawRequest(query="color=%FF"), "is no text in UTF-8"),
        (COLOURS, "query", "form", False, RawRequest(query="color=R,1,G"), "a name without a value"),
        (COLOURS, "query", "form", False, RawRequest(query="color=R,1,R,2"), "the member 'R' twice"),
        (COLOURS, "query", "deepObject", True, RawRequest(query="color=R"), "write its members as"),
        (COLOURS, "path", "simple", True, RawRequest(path={"color": "R,1"}), "a member without '='"),
        ({"type": "string"}, "path", "label", False, RawRequest(path={"color": "blue"}), "no '.' before it"),
        (
            {"type": "string"},
            "path",
            "matrix",
            False,
            RawRequest(path={"color": ";c=1"}),
            "begin with ';color'",
        ),
        (
            schema_of([]),
            "path",
            "matrix",
            True,
            RawRequest(path={"color": ";color=1;c=2"}),
            "other names than",
        ),
    ],
)
def test_text_in_another_layout_is_refused_with_the_reason(
    schema: Any, place: Any, style: Any, explode: bool, raw: RawRequest, detail: str
) -> None:
    with pytest.raises(ContractViolation, match=detail) as caught:
        parameters(schema, place, style, explode).read(raw)
    assert caught.value.violations[0].pointer == f"{place}/color"


def test_an_encoded_comma_separates_what_can_hold_no_comma() -> None:
    numbers = parameters({"type": "array", "items": {"type": "integer"}}, "query", "form", False)
    assert numbers.read(RawRequest(query="color=1%2C2")) == {"color": [1, 2]}
    texts = parameters({"type": "array", "items": {"type": "string"}}, "query", "form", False)
    assert texts.read(RawRequest(query="color=a%2Cb,c")) == {"color": ["a,b", "c"]}


def test_a_parameter_described_by_content_is_json() -> None:
    schema = {"type": "object", "properties": {"deep": {"type": "array", "items": {"type": "integer"}}}}
    one = parameters(schema, "query", "form", True, json=True)
    value = {"deep": [1, 2], "é&": None}
    assert one.read(one.write({"color": value})) == {"color": value}
    with pytest.raises(ContractViolation, match="query/color: is no JSON"):
        one.read(RawRequest(query="color={"))
    with pytest.raises(ContractViolation, match="query/color/deep"):
        one.read(RawRequest(query='color={"deep":"x"}'))


def test_reserved_characters_stay_where_the_spec_allows_it() -> None:
    one = parameters({"type": "string"}, "query", "form", True, allow_reserved=True)
    assert one.write({"color": "a/b:c&d=e#f"}).query == "color=a/b:c%26d%3De%23f"


def test_an_empty_value_is_no_value_where_it_may_be_empty() -> None:
    schema = {"type": "integer", "default": 3}
    assert parameters(schema, "query", "form", True, allow_empty=True).read(RawRequest(query="color")) == {
        "color": 3
    }
    with pytest.raises(ContractViolation):
        parameters(schema, "query", "form", True).read(RawRequest(query="color="))


def test_an_exploded_object_takes_no_parameter_that_has_a_name_of_its_own() -> None:
    free = Parameter("filter", "query", {"type": "object", "additionalProperties": {"type": "string"}})
    both = Parameters(free, Parameter("limit", "query", {"type": "integer"}), definitions={})
    assert both.read(RawRequest(query="a=1&limit=2&b=x")) == {"filter": {"a": "1", "b": "x"}, "limit": 2}


def test_an_empty_list_is_left_out_unless_a_default_would_take_its_place() -> None:
    items = {"type": "array", "items": {"type": "string"}}
    assert parameters(items, "query", "form", True).write({"color": []}).query == ""
    with pytest.raises(ContractViolation, match="no text of its own"):
        parameters({**items, "default": ["a"]}, "query", "form", True).write({"color": []})


def test_what_no_header_can_carry_is_refused() -> None:
    with pytest.raises(ContractViolation, match="no header can carry"):
        parameters({"type": "string"}, "header", "simple", False).write({"color": "a\r\nX-Evil: 1"})
