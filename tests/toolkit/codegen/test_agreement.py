"""Generated boundaries say what the specs say: an independent validator reads the YAML itself and agrees."""

from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from accord.boundary import Boundary, ContractViolation
from accord.codegen.definitions import definitions
from accord.codegen.layout import lay_out
from accord.model.contract import Contract
from accord.model.kinds import Schemas
from accord.model.schemas import SchemaId
from accord.parsing.contract import read_contract
from accord.parsing.project import find_project
from accord.parsing.yaml import read_yaml
from tests.toolkit.codegen.conftest import HERE
from tests.toolkit.codegen.near import near

REPOSITORY = HERE.parents[2]
BASE = "https://specs.example/"
Seen = set[bool]
IMPOSSIBLE = {"Second"}
"""It derives from a class and redeclares a member with another type, so no value fits both."""


class Agreement:
    """One project: what it generates, and what its specs say to somebody else."""

    def __init__(self, root: Path) -> None:
        self.contract: Contract = read_contract(find_project(root))
        layout = lay_out(self.contract, "made")
        modules = [layout.common, *layout.schemas.values(), *layout.events.values()]
        found = [module for module in modules if module is not None]
        self._definitions = {module.name: definitions(module) for module in found}
        self._places = {id_: module.places for module in found for id_ in module.own}
        self._registry: Registry[Any] = Registry().with_resources(
            (f"{BASE}{path.name}", DRAFT202012.create_resource(read_yaml(path, path.name, path.name).plain))
            for path in (root / "specs").glob("*.yaml")
        )

    @property
    def ids(self) -> list[SchemaId]:
        return list(self._places)

    def boundary(self, id_: SchemaId) -> Boundary[Any]:
        known = {key: value for group in self._definitions.values() for key, value in group.items()}
        return Boundary(Any, self._places[id_][id_].key, known)

    def oracle(self, id_: SchemaId) -> jsonschema.Draft202012Validator:
        return jsonschema.Draft202012Validator(
            {"$ref": f"{BASE}{id_.file}#{id_.pointer}"},
            registry=self._registry,
            format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
        )


@cache
def agreement(name: str) -> Agreement:
    return Agreement(REPOSITORY if name == "library" else HERE / name)


CASES = [(name, id_) for name in ("library", "wide") for id_ in agreement(name).ids]


def _admits(boundary: Boundary[Any], value: Any) -> bool:
    try:
        boundary.check(value)
    except ContractViolation:
        return False
    return True


@pytest.mark.parametrize(("project", "id_"), CASES, ids=str)
def test_the_boundary_admits_exactly_what_the_spec_admits(project: str, id_: SchemaId) -> None:
    side = agreement(project)
    boundary, oracle = side.boundary(id_), side.oracle(id_)
    seen: Seen = set()

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.data())
    def agree(data: st.DataObject) -> None:
        value = data.draw(near(Schemas(side.contract.schemas), side.contract.schemas[id_].document))
        expected = oracle.is_valid(value)
        seen.add(expected)
        assert _admits(boundary, value) == expected, list(oracle.iter_errors(value))

    agree()
    admits_all = side.contract.schemas[id_].document in (True, {})
    assert seen == {*([True] if id_.name not in IMPOSSIBLE else []), *([False] if not admits_all else [])}
