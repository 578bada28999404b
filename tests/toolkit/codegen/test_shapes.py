"""Models are never stricter than the schemas they come from."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from accord.boundary import Boundary
from accord.codegen.render import render_unformatted
from accord.findings import Location
from accord.model.contract import Contract, Service
from accord.model.names import ClassName, MemberName
from accord.model.schemas import Schema, SchemaId

Pair = tuple[dict[str, Any], Any]
IDENTIFIER = "1c9d9b52-70c3-4f0e-8d53-6b7f2f0e1a01"


@pytest.fixture
def schemas(wide: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    import importlib

    monkeypatch.syspath_prepend(str(wide))
    for name in [name for name in sys.modules if name.partition(".")[0] == "made"]:
        monkeypatch.delitem(sys.modules, name)
    yield importlib.import_module("made.shop_front.schemas")
    for name in [name for name in sys.modules if name.partition(".")[0] == "made"]:
        del sys.modules[name]


def test_members_keep_their_names_in_json_whatever_they_are_in_python(schemas: Any) -> None:
    value = {
        "id": IDENTIFIER,
        "class": "a",
        "camelCase": 1,
        "list": ["x"],
        "x-y": 0.5,
        "extra": 5,
        "colour": None,
    }
    item = schemas.ITEM.parse(value)
    assert (item.class_, item.camel_case, item.list_, item.x_y) == ("a", 1, ["x"], 0.5)
    assert schemas.ITEM.dump(item) == value


def test_absence_is_not_null(schemas: Any) -> None:
    item = schemas.Item(id=IDENTIFIER, class_="a")
    assert item.colour is None
    assert schemas.ITEM.dump(item) == {"id": IDENTIFIER, "class": "a"}


def test_a_derived_class_narrows_what_its_base_leaves_open(schemas: Any) -> None:
    assert schemas.Second.__mro__[1:3] == (schemas.Derived, schemas.Base)
    assert schemas.Second.__annotations__["a"] == "str"
    assert schemas.Derived.model_fields["b"].is_required()


def test_every_kind_of_schema_passes_ruff(wide: Path) -> None:
    for command in (["check"], ["format", "--check"]):
        options = ["--isolated", "--config=line-length=110", "--target-version=py311", str(wide / "made")]
        arguments = [sys.executable, "-m", "ruff", *command, *options]
        done = subprocess.run(arguments, cwd=wide, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_members_of_a_pattern_are_kept_although_others_are_forbidden() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "integer"}},
        "patternProperties": {"^x": {"type": "integer"}},
        "additionalProperties": False,
    }
    place = boundary(schema)
    assert place.dump(place.parse({"a": 1, "x1": 2})) == {"a": 1, "x1": 2}


@pytest.mark.parametrize("additional", [True, {"type": "integer"}])
def test_members_that_additional_properties_admit_are_no_unevaluated_ones(additional: Any) -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "integer"}},
        "additionalProperties": additional,
        "unevaluatedProperties": False,
    }
    place = boundary(schema)
    assert place.dump(place.parse({"a": 1, "x": 2})) == {"a": 1, "x": 2}


def boundary(schema: dict[str, Any]) -> Boundary[BaseModel]:
    """Generate the class of one schema, and run the text."""
    id_ = SchemaId.of("a.yaml", "/components/schemas/Thing")
    named = Schema(id_, ClassName.of("Thing"), schema, Location("a.yaml"))
    name = MemberName.of("shop")
    service = Service("shop", name, ClassName.of("shop"), None, "a.yaml", "Shop", "", (), (), ())
    text = render_unformatted(Contract((service,), {id_: named}), "made")["shop/events.py"].text
    module = ModuleType("generated_for_a_test")
    sys.modules[module.__name__] = module  # where forward references are looked up
    exec(text, module.__dict__)
    return Boundary(module.__dict__["Thing"], "Thing", module.__dict__["DEFINITIONS"])


SCALARS: st.SearchStrategy[Pair] = st.one_of(
    st.text(max_size=5).map(lambda value: ({"type": "string", "maxLength": 5}, value)),
    st.integers(-5, 5).map(lambda value: ({"type": "integer", "minimum": -5}, value)),
    st.integers(-5, 5).map(lambda value: ({"type": "integer"}, float(value))),
    st.integers(-5, 5).map(lambda value: ({"type": "number", "multipleOf": 1}, value)),
    st.booleans().map(lambda value: ({"type": "boolean"}, value)),
    st.booleans().map(lambda value: ({"const": value}, value)),
    st.sampled_from([1, 1.0]).map(lambda value: ({"const": 1}, value)),
    st.sampled_from([1, 1.0, "a", None]).map(lambda value: ({"enum": [1, "a", None]}, value)),
    st.sampled_from(["a", "", "1", None]).map(lambda value: ({"enum": ["a", "", "1", None]}, value)),
    st.sampled_from([None, "abc"]).map(lambda value: ({"type": ["string", "null"], "minLength": 3}, value)),
    st.uuids().map(lambda value: ({"type": "string", "format": "uuid"}, str(value).upper())),
    st.datetimes().map(lambda time: ({"type": "string", "format": "date-time"}, f"{time.isoformat()}+05:30")),
    st.none().map(lambda value: ({"type": "null"}, value)),
    st.sampled_from([None, 5, "x", [], {}]).map(lambda value: ({}, value)),
)  # fmt: skip


def containers(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    return st.one_of(
        inner.map(lambda pair: ({"type": "array", "items": pair[0]}, [pair[1], pair[1]])),
        inner.map(lambda pair: ({"type": "object", "additionalProperties": pair[0]}, {"k-1": pair[1]})),
        st.tuples(inner, inner).map(lambda pairs: ({"anyOf": [pairs[0][0], pairs[1][0]]}, pairs[1][1])),
        inner.map(lambda pair: ({"allOf": [pair[0], {"description": "Narrower."}]}, pair[1])),
        st.tuples(inner, st.booleans()).map(
            lambda drawn: (
                {
                    "type": "object",
                    "properties": {"class": drawn[0][0], "b": {}},
                    "required": ["class"] * drawn[1],
                },
                {"class": drawn[0][1]},
            )
        ),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.recursive(SCALARS, containers, max_leaves=4))
def test_what_the_schema_admits_the_model_takes_and_gives_back(pair: Pair) -> None:
    place = boundary({"type": "object", "required": ["member"], "properties": {"member": pair[0]}})
    value = {"member": pair[1]}
    place.check(value)
    model = place.parse(value)
    place.dump(model)
