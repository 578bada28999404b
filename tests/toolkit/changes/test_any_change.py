"""Whatever is taken out of the specs or altered in them, it is compared, and every witness holds."""

import copy
import json
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.changes import Change, Version, compare, read_version
from accord.findings import BrokenSpec
from accord.parsing.project import find_project
from tests.toolkit.changes.pairs import BASE
from tests.toolkit.changes.witnesses import false_witness

Path_ = tuple[str | int, ...]


@cache
def base() -> Version:
    return read_version(find_project(BASE))


@cache
def specs() -> dict[str, Any]:
    return {path.name: yaml.safe_load(path.read_text()) for path in sorted((BASE / "specs").iterdir())}


def places(node: Any, path: Path_) -> Iterator[Path_]:
    if path[1:]:
        yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, child in children:
        yield from places(child, (*path, step))


PLACES = [path for name, spec in specs().items() for path in places(spec, (name,))]


def altered(found: dict[str, Any], path: Path_, take: bool) -> None:
    """Take away what stands there, or make it another value of the same type."""
    *way, last = path
    node: Any = found
    for step in way:
        node = node[step]
    value = node[last]
    if take or isinstance(value, dict | list) or last == "$ref":
        del node[last]
    else:
        node[last] = not value if isinstance(value, bool) else value + (1 if isinstance(value, int) else "x")


def version(found: dict[str, Any]) -> Version | None:
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "shop"
        shutil.copytree(BASE, project)
        for name, spec in found.items():
            (project / "specs" / name).write_text(json.dumps(spec, indent=1))
        try:
            return read_version(find_project(project))
        except BrokenSpec:
            return None


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.booleans()), min_size=1, max_size=2))
def test_any_change_is_compared_and_every_witness_holds(steps: list[tuple[Path_, bool]]) -> None:
    found = copy.deepcopy(specs())
    for path, take in steps:
        try:
            altered(found, path, take)
        except (KeyError, IndexError, TypeError):
            continue
    new = version(found)
    if new is None:
        return
    for old, then in ((base(), new), (new, base())):
        for change in compare(old, then):
            assert holds(change, old, then) is None


def holds(change: Change, old: Version, new: Version) -> str | None:
    return None if change.witness is None else false_witness(change, old, new)
