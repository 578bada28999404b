"""Entities, records and events are values, although they are not frozen: see accord/bus/messages.py."""

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from accord.bus.messages import OutgoingRecord, ReceivedEvent, Record
from accord.bus.transport import Acknowledged, OutboxRow

ROOT = Path(__file__).parents[2]
SERVICES = [
    path
    for service in ("authors_service", "books_service")
    for path in sorted((ROOT / service).rglob("*.py"))
]
BUS = sorted((ROOT / "accord" / "bus").rglob("*.py"))
FIELDS = {
    field.name
    for value in (Acknowledged, OutboxRow, OutgoingRecord, ReceivedEvent, Record)
    for field in fields(value)
}


def changed(path: Path) -> Iterator[ast.Attribute]:
    """Attributes that are assigned or deleted."""
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            yield node
        assert not (isinstance(node, ast.Name) and node.id in ("setattr", "delattr")), f"{path}:{node.lineno}"


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SERVICES, ids=name_of)
def test_a_service_changes_nothing_but_its_own_objects(path: Path) -> None:
    own = () if path.name == "entities.py" else ("self",)
    assert [node.lineno for node in changed(path) if ast.unparse(node.value) not in own] == []


@pytest.mark.parametrize("path", BUS, ids=name_of)
def test_the_bus_changes_no_record_and_no_event(path: Path) -> None:
    assert [
        node.lineno for node in changed(path) if node.attr in FIELDS and ast.unparse(node.value) != "self"
    ] == []
