"""Each pair of the catalogue has exactly the changes that it is there for, and every witness holds."""

from datetime import date
from pathlib import Path

import pytest

from accord.changes import Change, compare, read_version
from accord.changes.version import Version
from accord.compatibility import Mode
from accord.parsing.project import find_project
from tests.toolkit.changes.pairs import BASE, Pair, pairs, write
from tests.toolkit.changes.witnesses import false_witness

TODAY = date(2026, 1, 15)


@pytest.fixture(scope="module")
def base() -> Version:
    """The version that most pairs begin with."""
    return read_version(find_project(BASE))


def versions(pair: Pair, base: Version, folder: Path) -> tuple[Version, Version]:
    new = write(folder / "new", pair.first, pair.changed)
    old = read_version(find_project(write(folder / "old", pair.first))) if pair.first else base
    return old, read_version(find_project(new))


def told(change: Change) -> dict[str, object]:
    return {"effect": change.effect.value, "rule": change.rule, "hurts": sorted(change.hurts)}


@pytest.mark.parametrize("pair", pairs(), ids=lambda pair: pair.name)
def test_a_pair_has_just_the_changes_that_it_is_there_for(pair: Pair, base: Version, tmp_path: Path) -> None:
    old, new = versions(pair, base, tmp_path)
    changes = compare(old, new, Mode(pair.mode), TODAY)
    assert sorted(map(told, changes), key=str) == sorted(pair.expected, key=str)
    for change in changes:
        assert (change.old or change.new) is not None
        if change.witness is not None:
            assert false_witness(change, old, new) is None


def test_the_catalogue_is_large_and_every_pair_says_why() -> None:
    assert len(pairs()) >= 120
    assert len({pair.name for pair in pairs()}) == len(pairs())
    assert all(pair.why.endswith(".") for pair in pairs())


def test_the_base_against_itself_has_no_change(base: Version, tmp_path: Path) -> None:
    same = Pair("same", "", {}, {}, [], "strict")
    assert compare(*versions(same, base, tmp_path), Mode.STRICT, TODAY) == []
