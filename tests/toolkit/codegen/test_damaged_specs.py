"""Whatever is done to a spec, it is read or refused with findings; nothing else comes out."""

import copy
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.codegen.render import render_unformatted
from accord.findings import BrokenSpec
from accord.parsing.contract import read_contract
from accord.parsing.project import find_project
from tests.toolkit.codegen.conftest import HERE

Path_ = tuple[str | int, ...]
FILES = {path.name: yaml.safe_load(path.read_text()) for path in (HERE / "shop" / "specs").glob("*.yaml")}
REFERENCES = [
    "#/components/schemas/Item",
    "#/components/schemas/Name",
    "common.yaml#/components/schemas/Envelope",
    "shop.asyncapi.yaml#/components/schemas/ItemCreated",
    "#/channels/items",
    "#/components",
]
SCHEMAS: list[Any] = [
    *({"$ref": reference} for reference in REFERENCES),
    *({"allOf": [{"$ref": reference}, {"type": "object"}]} for reference in REFERENCES),
    {"type": ["object", "null"], "properties": {}},
    {"anyOf": [{"type": "object", "properties": {"a": {"enum": ["q"]}}}, {"type": "string"}]},
    {"enum": ["a", None]},
    {"type": "array"},
]


def places(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    if path:
        yield path
    if isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(child, (*path, key))


PLACES = [(name, path) for name in sorted(FILES) for path in places(FILES[name])]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=150, deadline=None)
@given(
    place=st.sampled_from(PLACES),
    new=st.just(...) | st.sampled_from(SCHEMAS) | JSON,
    key=st.none() | st.text(),
)
def test_a_damaged_spec_is_read_or_refused(place: tuple[str, Path_], new: Any, key: str | None) -> None:
    files = copy.deepcopy(FILES)
    name, (*above, last) = place
    parent = files[name]
    for step in above:
        parent = parent[step]
    if new is ...:
        del parent[last]
    elif key is not None and isinstance(parent, dict):
        parent[key] = parent.pop(last)
    else:
        parent[last] = new
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copy(HERE / "shop" / "pyproject.toml", root)
        (root / "specs").mkdir()
        for file, content in files.items():
            (root / "specs" / file).write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
        try:
            render_unformatted(read_contract(find_project(root)), "made")
        except BrokenSpec:
            return
