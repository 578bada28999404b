"""The parts of the judgement that stand on their own: documents, formats, patterns, samples, search."""

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.compatibility.alternatives import matches
from accord.compatibility.documents import OutOfReach, read_pair
from accord.compatibility.formats import ASSERTED, OUTLINES, texts
from accord.compatibility.patterns import found_by
from accord.compatibility.samples import numbers
from accord.compatibility.searching import search


@pytest.mark.parametrize("name", sorted(ASSERTED))
def test_each_format_is_asserted_and_its_texts_have_it(name: str) -> None:
    validator = jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)
    assert not validator.is_valid("\0 {(ü")
    found = list(texts(name, frozenset({5, 30, 60})))
    assert found
    assert all(validator.is_valid(text) for text in found)


@pytest.mark.parametrize("name", sorted(OUTLINES))
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_every_text_of_a_format_lies_within_its_outline(name: str, data: st.DataObject) -> None:
    """Texts that lie near: some characters of a good one are replaced, left out or put in."""
    text = list(data.draw(st.sampled_from(list(texts(name, frozenset({25, 30}))))))
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(text)))
        more = data.draw(st.text("0129aAfFzZtT:+-. ,{}\n٣", max_size=2))
        text[at : at + data.draw(st.integers(0, 2))] = list(more)
    near = "".join(text)
    if jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True).is_valid(near):
        assert matches(OUTLINES[name], near)


@pytest.mark.parametrize(
    ("pattern", "shortest"),
    [
        ("^[1-9][0-9]{0,18}$", "1"),
        ("^[A-Z]{3}-\\d+$", "AAA-0"),
        ("^(cat|dog)s?$", "cat"),
        ("^[^a]$", "0"),
        ("x|", ""),
        ("^a\\.b$", "a.b"),
    ],
)
def test_the_first_text_of_a_pattern_is_the_shortest(pattern: str, shortest: str) -> None:
    assert found_by(pattern)[0] == shortest


@given(st.text("ab^$[]{}()|?*+\\1d,-.", max_size=12))
def test_no_pattern_stops_the_building_of_texts(pattern: str) -> None:
    assert all(isinstance(text, str) for text in found_by(pattern))


@given(st.from_regex(r"\^[a-c](\+|\{2,3\})?(\(x\|yz\))?\$", fullmatch=True))
def test_texts_of_plain_patterns_fit_them(pattern: str) -> None:
    found = found_by(pattern)
    assert found
    assert all(matches(pattern, text) for text in found)


def test_numbers_lie_on_both_sides_of_a_bound() -> None:
    assert {4, 5, 6} <= set(numbers([("maximum", 5)], whole=True))
    assert {4.5, 5, 5.5} <= set(numbers([("maximum", 5)], whole=False))
    assert {21, 24} <= set(numbers([("maximum", 23), ("multipleOf", 3)], whole=True))


def test_definitions_that_are_the_same_are_shared_and_those_that_lead_to_a_change_are_not() -> None:
    def schema(leaf: str) -> dict[str, object]:
        definitions = {
            "Leaf": {"type": leaf},
            "Branch": {"items": {"$ref": "#/$defs/Leaf"}},
            "Free": {"type": "null"},
        }
        return {"prefixItems": [{"$ref": "#/$defs/Branch"}, {"$ref": "#/$defs/Free"}], "$defs": definitions}

    written, read, definitions = read_pair(schema("string"), schema("integer"))
    assert read["prefixItems"][1] == written["prefixItems"][1]
    assert read["prefixItems"][0] == {"$ref": "#/$defs/reader:Branch"}
    assert definitions.whole(read)["$defs"]["reader:Leaf"] == {"type": ["integer"]}


def test_a_search_finds_the_smallest_value_and_says_so_where_there_is_none() -> None:
    assert search({"type": "integer"}, lambda value: value > 100, seconds=60) == 101
    with pytest.raises(OutOfReach, match="no value was found"):
        search({"type": "integer", "minimum": 0}, lambda value: value < 0, seconds=60)
    with pytest.raises(OutOfReach, match="no values can be generated"):
        search({"type": "string", "pattern": "a{99999999}"}, lambda _: True)
