"""Entities, records and events are values, although they are not frozen: see accord/bus/messages.py."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = [
    path
    for service in ("authors_service", "books_service")
    for path in sorted((ROOT / service).rglob("*.py"))
]
VALUES = ("event", "message", "outcome", "parcel", "record", "row")
BUS = sorted((ROOT / "accord" / "bus").rglob("*.py"))


def changed(path: Path) -> Iterator[tuple[str, int]]:
    """What has an attribute assigned or deleted, and in which line."""
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            yield ast.unparse(node.value), node.lineno


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_service_changes_nothing_but_its_own_objects(path: Path) -> None:
    assert [place for place in changed(path) if place[0] != "self"] == []


@pytest.mark.parametrize("path", BUS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_bus_changes_no_record_and_no_event(path: Path) -> None:
    assert [place for place in changed(path) if place[0].split(".")[-1] in VALUES] == []
