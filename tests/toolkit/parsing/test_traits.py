"""Traits are merged as RFC 7386 merges, over references, and in the order of the version."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from accord.parsing.nodes import MappingNode
from accord.parsing.references import Specs
from accord.parsing.traits import with_traits

PLAIN = st.recursive(
    st.integers(0, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from("abcd"), PLAIN, max_size=4)


def merge_patch(target: Any, patch: Any) -> Any:
    """The algorithm of RFC 7386, section 2, word for word."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merge_patch(result.get(name), value)
    return result


def merged(folder: Path, document: dict[str, Any], *, traits_win: bool) -> Any:
    (folder / "a.yaml").write_text(yaml.safe_dump(document))
    specs = Specs(folder)
    node = specs.root("a.yaml").members["message"]
    made = with_traits(specs, node, "the message", traits_win=traits_win)
    assert isinstance(made, MappingNode)
    return made.plain


@given(OBJECTS, st.lists(OBJECTS, min_size=1, max_size=3), st.booleans())
def test_traits_are_patches_in_their_order(
    tmp_path_factory: pytest.TempPathFactory, own: dict[str, Any], traits: list[Any], traits_win: bool
) -> None:
    folder = tmp_path_factory.mktemp("traits")
    found = merged(folder, {"message": {**own, "traits": traits}}, traits_win=traits_win)
    expected: Any = own if traits_win else {}
    for trait in traits:
        expected = merge_patch(expected, trait)
    assert found == (expected if traits_win else merge_patch(expected, own))


@pytest.mark.parametrize("traits_win", [True, False])
def test_what_is_referred_to_is_merged_as_if_it_stood_there(tmp_path: Path, traits_win: bool) -> None:
    document = {
        "message": {"traits": [{"$ref": "#/t"}], "headers": {"$ref": "#/h"}},
        "t": {"headers": {"$ref": "#/g"}},
        "h": {"properties": {"a": {"type": "string"}}},
        "g": {"properties": {"b": {"type": "integer"}}},
    }
    found = merged(tmp_path, document, traits_win=traits_win)
    assert found == {"headers": {"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}}


def test_null_takes_away_what_it_meets_and_stays_where_it_meets_nothing(tmp_path: Path) -> None:
    document = {
        "message": {
            "traits": [{"a": 1, "b": {"c": 2}}],
            "a": None,
            "payload": {"const": None},
            "b": {"c": None},
        }
    }
    found = merged(tmp_path, document, traits_win=False)
    assert found == {"payload": {"const": None}, "b": {}}
