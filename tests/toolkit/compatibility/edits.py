"""Random schemas, and edits of them as people make them: a bound moved, a member added, a branch dropped."""

import copy
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

__all__ = ["NAMES", "edited", "pairs", "values"]

Draw = Callable[[SearchStrategy[Any]], Any]

NAMES = ("a", "b", "c")
FORMATS = ("date", "date-time", "time", "uuid", "email", "ipv4", "ipv6", "int64")
PATTERNS = ("^a", "^ab", "b$", "^[a-z]+$", "^[0-9]+$", "^[a-c]{1,3}$", "^.{2}$", "^(a|b)$", "^(?!a)")
TEXTS = (
    *("", "a", "ab", "b", "abc", "0", "12", "é", "😀", " "),
    *("2000-01-01", "2000-02-30", "2000-01-01T00:00:00Z", "2000-01-01t00:00:00+01:00", "00:00:00Z"),
    *("00000000-0000-0000-0000-000000000000", "a@b.org", "127.0.0.1", "::1"),
)
NUMBERS = (0, 1, -1, 2, 3, 10, 0.5, 1.5, 1.0, -0.5, 2**31, 2**53 - 1, 2**53 + 1, 2**63, -(2**63) - 1, 10**20)

scalars = st.sampled_from([None, True, False, *TEXTS, *NUMBERS])


def values(depth: int = 3) -> SearchStrategy[Any]:
    """JSON values over the texts, numbers and names that the schemas speak of."""
    if depth == 0:
        return scalars
    below = st.deferred(lambda: values(depth - 1))
    names = st.sampled_from([*NAMES, "ab", "x"])
    return scalars | st.lists(below, max_size=3) | st.dictionaries(names, below, max_size=3)


def _some(draw: Draw, choices: dict[str, SearchStrategy[Any]], most: int) -> dict[str, Any]:
    chosen = draw(st.lists(st.sampled_from(sorted(choices)), max_size=most, unique=True))
    return {keyword: draw(choices[keyword]) for keyword in chosen}


_lengths = st.integers(0, 4) | st.sampled_from([35, 36, 37])
_sizes = st.integers(0, 3)
_TEXT = {
    "minLength": _lengths,
    "maxLength": _lengths,
    "pattern": st.sampled_from(PATTERNS),
    "format": st.sampled_from(FORMATS),
}
_NUMBER = {
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), st.sampled_from(NUMBERS)),
    "multipleOf": st.sampled_from([1, 2, 3, 0.5]),
}
_TYPES = ("string", "number", "integer", "null", "boolean")


@st.composite
def _leaf(draw: Draw) -> dict[str, Any]:
    kinds = draw(st.lists(st.sampled_from(_TYPES), max_size=2, unique=True))
    schema: dict[str, Any] = {"type": kinds[0] if len(kinds) == 1 else kinds} if kinds else {}
    if not kinds or "string" in kinds:
        schema |= _some(draw, _TEXT, 2)
    if not kinds or {"number", "integer"} & set(kinds):
        schema |= _some(draw, _NUMBER, 2)
    few = st.lists(scalars, min_size=1, max_size=3)
    return (
        schema | _some(draw, {"enum": few, "const": scalars}, 1) if draw(st.integers(0, 5)) == 0 else schema
    )


def _schema(depth: int) -> SearchStrategy[Any]:
    if depth == 0:
        return _leaf()
    kinds = [_leaf(), _object(depth), _object(depth), _array(depth), _choice(depth)]
    return st.one_of([*kinds, st.just({"$ref": "#/$defs/Tree"}), st.booleans()])


@st.composite
def _object(draw: Draw, depth: int) -> dict[str, Any]:
    below = _schema(depth - 1)
    schema = {"type": "object"} if draw(st.integers(0, 4)) else {}
    schema["properties"] = draw(st.dictionaries(st.sampled_from(NAMES), below, max_size=2))
    few = st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True)
    return schema | _some(
        draw,
        {
            "required": few,
            "additionalProperties": below,
            "patternProperties": st.dictionaries(st.sampled_from(["^a", "b", "^[ab]$"]), below, max_size=1),
            "unevaluatedProperties": st.just(False) | below,
            "minProperties": _sizes,
            "maxProperties": _sizes,
            "propertyNames": st.sampled_from([{"pattern": "^[ab]"}, {"enum": ["a", "b"]}, {"maxLength": 1}]),
            "dependentRequired": st.just({"a": ["b"]}),
            "dependentSchemas": st.dictionaries(st.just("a"), below, min_size=1),
            "allOf": st.lists(below, min_size=1, max_size=2),
            "anyOf": st.lists(below, min_size=1, max_size=2),
        },
        3,
    )


@st.composite
def _array(draw: Draw, depth: int) -> dict[str, Any]:
    below = _schema(depth - 1)
    return {"type": "array"} | _some(
        draw,
        {
            "items": below,
            "prefixItems": st.lists(below, min_size=1, max_size=2),
            "minItems": _sizes,
            "maxItems": _sizes,
            "uniqueItems": st.booleans(),
            "contains": below,
            "unevaluatedItems": st.just(False) | below,
        },
        3,
    )


@st.composite
def _choice(draw: Draw, depth: int) -> dict[str, Any]:
    below = _schema(depth - 1)
    keyword = draw(st.sampled_from(["allOf", "anyOf", "oneOf", "oneOf", "if", "not", "union"]))
    if keyword == "not":
        return {"not": draw(below)}
    if keyword == "if":
        return {"if": draw(below)} | _some(draw, {"then": below, "else": below}, 2)
    if keyword != "union":
        return {keyword: draw(st.lists(below, min_size=1, max_size=3))}
    kinds = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=3, unique=True))
    return {
        "oneOf": [
            {
                "type": "object",
                "properties": {"kind": {"const": kind}, **draw(_object(depth))["properties"]},
                "required": ["kind"],
            }
            for kind in kinds
        ]
    }


@st.composite
def edited(draw: Draw, schema: Any) -> Any:
    """The schema with one thing changed, somewhere."""
    if isinstance(schema, bool):
        return draw(_leaf())
    schema = copy.deepcopy(schema)
    keyword = draw(st.sampled_from([*sorted(schema), "+", "+"]))
    if keyword == "+":
        return {**schema, **draw(_leaf() | _object(1))}
    value = schema[keyword]
    if draw(st.integers(0, 3)) == 0:
        del schema[keyword]
    elif keyword in {"properties", "patternProperties", "dependentSchemas"} and value:
        name = draw(st.sampled_from(sorted(value)))
        value[name] = draw(edited(value[name]))
    elif keyword in {"allOf", "anyOf", "oneOf", "prefixItems"}:
        index = draw(st.integers(0, len(value) - 1))
        value[index] = draw(edited(value[index]))
    elif keyword in {"items", "contains", "not", "if", "then", "else", "additionalProperties"}:
        schema[keyword] = draw(edited(value))
    elif keyword in {*_TEXT, *_NUMBER}:
        schema[keyword] = draw({**_TEXT, **_NUMBER}[keyword])
    elif keyword in {"enum", "required"} and len(value) > 1:
        value.pop()
    return schema


@st.composite
def pairs(draw: Draw) -> tuple[Any, Any]:
    """A writer's and a reader's schema, mostly one an edit of the other, each with a recursive definition."""
    one = draw(_schema(2))
    other = draw(_schema(2)) if draw(st.integers(0, 5)) == 0 else draw(edited(one))
    tree = {"type": "object", "properties": {"a": {"$ref": "#/$defs/Tree"}, "b": draw(_leaf())}}
    trees = (tree, draw(edited(tree)) if draw(st.booleans()) else tree)
    first, second = (
        {"allOf": [schema], "$defs": {"Tree": tree}}
        if isinstance(schema, bool)
        else {**schema, "$defs": {"Tree": tree}}
        for schema, tree in zip((one, other), trees, strict=True)
    )
    return (second, first) if draw(st.booleans()) else (first, second)
