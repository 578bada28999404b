"""One YAML file becomes nodes: what people and other tools write is read, with its places."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.findings import BrokenSpec
from accord.parsing.nodes import MappingNode
from accord.parsing.yaml import MAX_BYTES, read_yaml

# YAML takes three characters of JSON for line breaks (YAML 1.1, 5.4), and no key goes over several lines.
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029"))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(value=JSON, ascii_only=st.booleans(), indent=st.sampled_from([None, 2, "\t"]))
def test_json_is_yaml(value: Any, ascii_only: bool, indent: int | str | None, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.mktemp("json") / "a.json"
    path.write_text(json.dumps({"value": value}, ensure_ascii=ascii_only, indent=indent), encoding="utf-8")
    try:
        found = read_yaml(path, "a.json", "a.json").plain
    except BrokenSpec as broken:
        said = str(broken)
    else:
        assert found == {"value": value}
        return
    assert "character" in said, "only characters that YAML forbids are refused"


def read(tmp_path: Path, text: str, newline: str = "") -> Any:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8", newline=newline)
    return read_yaml(path, "a.yaml", "a.yaml")


@pytest.mark.parametrize(
    "text", ["a: 1\r\nb: [x]\r\n", "\ufeffa: 1\nb: [x]\n", "%YAML 1.2\n---\na: 1\nb: [x]\n...\n"]
)
def test_line_ends_byte_order_marks_and_directives_change_nothing(text: str, tmp_path: Path) -> None:
    assert read(tmp_path, text).plain == {"a": 1, "b": ["x"]}


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        *(("no", "no"), ("2026-01-05", "2026-01-05"), ("1_000", "1_000"), ("0o17", 15), ("0x1F", 31)),
        *(("~", None), ("'1'", "1"), ("!!str 1", "1"), (".5", 0.5), ("012", 12), ("1e3", 1000.0)),
    ],
)
def test_scalars_are_those_of_yaml_1_2(scalar: str, value: Any, tmp_path: Path) -> None:
    assert read(tmp_path, f"a: {scalar}\n").plain == {"a": value}


def test_a_merge_key_takes_over_what_is_not_said(tmp_path: Path) -> None:
    root = read(tmp_path, "x: &x {a: 1, b: 2}\ny: &y {b: 5, c: 6}\nd:\n  <<: [*x, *y]\n  a: 3\n")
    assert isinstance(root, MappingNode)
    merged = root.members["d"]
    assert isinstance(merged, MappingNode)
    assert merged.plain == {"a": 3, "b": 2, "c": 6}
    assert merged.members["b"].pointer == "/d/b"


def test_a_merge_key_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenSpec, match=r"a\.yaml:2:8: '<<' merges objects"):
        read(tmp_path, "d:\n  <<: [1]\n")


def test_a_file_of_fifty_megabytes_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(BrokenSpec, match=f"more than the {MAX_BYTES} that are read"):
        read_yaml(path, "a.yaml", "a.yaml")
