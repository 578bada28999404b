"""What a schema of a golden case admits becomes a value of its class, and comes back as it was."""

import datetime as dt
import importlib
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from accord.boundary import Boundary, ContractViolation
from accord.codegen.layout import Layout, lay_out
from accord.model.kinds import Schemas
from accord.model.schemas import Schema
from accord.parsing.contract import read_contract
from accord.parsing.project import find_project
from tests.toolkit.codegen.near import near
from tests.toolkit.golden.harness import Case, cases

GENERATED = [case for case in cases() if (case.root / "expected").is_dir()]


@pytest.fixture
def importable(case: Case, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(case.root / "expected"))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == case.package]:
        del sys.modules[name]


def boundaries(layout: Layout) -> Iterator[tuple[Boundary[Any], Schema]]:
    """Each boundary of the generated modules, with the schema that it was made from."""
    found = [layout.common, *layout.schemas.values(), *layout.events.values()]
    for module in [module for module in found if module is not None]:
        code = vars(importlib.import_module(module.name))
        by_key = {module.places[id_].key: schema for id_, schema in module.own.items()}
        for value in code.values():
            if isinstance(value, Boundary) and value.name in by_key:
                yield value, by_key[value.name]


@pytest.mark.parametrize("case", GENERATED, ids=str)
@pytest.mark.usefixtures("importable")
def test_what_a_schema_admits_goes_in_and_comes_out_again(case: Case) -> None:
    contract = read_contract(find_project(case.root))
    schemas = Schemas(contract.schemas)
    found = list(boundaries(lay_out(contract, case.package)))
    assert found or str(case) == "left_out"
    for boundary, schema in found:
        _round_trips(boundary, near(schemas, schema.document))


def _round_trips(boundary: Boundary[Any], values: st.SearchStrategy[Any]) -> None:

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(values)
    def back_and_forth(value: Any) -> None:
        try:
            boundary.check(value)
        except ContractViolation:
            assume(False)
        model = boundary.parse(value)
        dumped = boundary.dump(model)
        assert _is_part(dumped, value), f"{boundary.name}: {value} came back as {dumped}"
        assert boundary.parse(dumped) == model

    back_and_forth()


def _is_part(found: Any, value: Any) -> bool:
    """Members that the class does not know are dropped; moments may be written otherwise."""
    if isinstance(found, dict) and isinstance(value, dict):
        return all(name in value and _is_part(member, value[name]) for name, member in found.items())
    if isinstance(found, list) and isinstance(value, list):
        return len(found) == len(value) and all(map(_is_part, found, value))
    return bool(found == value) or _moment(found) == _moment(value) != ""


def _moment(value: Any) -> Any:
    try:
        return dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return ""
