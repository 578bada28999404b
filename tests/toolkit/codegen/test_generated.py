"""The generated code at work: complete interfaces, honest boundaries, strict types."""

import importlib
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from mypy import api

from accord.boundary import Boundary
from accord.bus.contract import EventContract
from accord.interface import IncompleteImplementation
from tests.toolkit.codegen.conftest import HERE

REPOSITORY = HERE.parents[2]
SPECS = REPOSITORY / "specs"
SERVICES = ("authors", "books")


def spec(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((SPECS / name).read_text())
    return loaded


def module(service: str, name: str) -> Any:
    return importlib.import_module(f"generated.{service}.{name}")


def messages() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for service in SERVICES:
        for message in spec(f"{service}.asyncapi.yaml")["components"]["messages"].values():
            for example in message["examples"]:
                yield service, message["name"], example["payload"]


def bodies() -> Iterator[tuple[str, str, Any]]:
    """Every example of a request's body and of a named schema that has a boundary."""
    for service in SERVICES:
        document = spec(f"{service}.openapi.yaml")
        for path in document["paths"].values():
            for method, operation in path.items():
                if method != "parameters" and "requestBody" in operation:
                    for media in operation["requestBody"]["content"].values():
                        yield service, media["schema"]["$ref"].rpartition("/")[2], media["example"]
        for name, schema in document["components"]["schemas"].items():
            if schema.get("type") == "object":
                yield from ((service, name, example) for example in schema.get("examples", ()))


def boundary(service: str, name: str) -> Boundary[Any]:
    found = [value for value in vars(module(service, "schemas")).values() if isinstance(value, Boundary)]
    return next(value for value in found if value.name == name)


@pytest.mark.parametrize(("service", "event_type", "payload"), list(messages()))
def test_examples_of_events_pass_on_both_sides(service: str, event_type: str, payload: Any) -> None:
    other = SERVICES[1 - SERVICES.index(service)]
    for contract in (
        module(service, "channels").SENDS[event_type],
        module(other, "channels").RECEIVES[event_type],
    ):
        assert isinstance(contract, EventContract)
        event = contract.payload.parse(payload)
        assert event.event_type == event_type
        assert str(event.data.version) == str(payload["data"]["version"])


@pytest.mark.parametrize(("service", "event_type", "payload"), list(messages()))
def test_keys_are_what_the_bindings_promise(service: str, event_type: str, payload: Any) -> None:
    data = payload["data"]
    ids = {"authors": "author_id", "books": "book_id"}
    linked = "_" in event_type
    expected = f"{data['author_id']}:{data['book_id']}" if linked else str(data[ids[service]])
    assert module(service, "channels").SENDS[event_type].computed_key(payload) == expected


@pytest.mark.parametrize(("service", "name", "example"), list(bodies()))
def test_examples_of_bodies_come_back_as_they_were(service: str, name: str, example: Any) -> None:
    place = boundary(service, name)
    assert set(place.dump(place.parse(example))) == set(example)


@pytest.mark.parametrize("service", SERVICES)
def test_a_forgotten_operation_is_named_by_its_operation_id(service: str) -> None:
    interface = getattr(module(service, "operations"), f"{service.title()}Api")
    ids = [
        operation["operationId"]
        for path in spec(f"{service}.openapi.yaml")["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
    ]
    with pytest.raises(IncompleteImplementation) as refused:
        type("Forgetful", (interface,), {})()
    assert all(f"operation {name} " in str(refused.value) for name in ids)


@pytest.mark.parametrize("service", SERVICES)
def test_a_forgotten_event_is_named_as_the_spec_names_it(service: str) -> None:
    channels = module(service, "channels")
    with pytest.raises(IncompleteImplementation) as refused:
        type("Forgetful", (getattr(channels, f"{service.title()}Handlers"),), {})()
    assert all(f"event {name} " in str(refused.value) for name in channels.RECEIVES)


def test_mypy_refuses_an_incomplete_class_and_accepts_every_kind_of_schema(
    tmp_path: Path, wide: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "forgetful.py").write_text(
        textwrap.dedent(
            """
            from generated.authors.operations import AuthorsApi
            from generated.books.channels import BooksHandlers

            class Api(AuthorsApi):
                async def delete_author(self, author_id: int, if_match: str | None = None) -> None: ...

            class Handlers(BooksHandlers): ...

            Api()
            Handlers()
            """
        )
    )
    monkeypatch.setenv("MYPYPATH", f"{REPOSITORY}:{wide}")
    options = [
        "--config-file",
        str(REPOSITORY / "pyproject.toml"),
        "--cache-dir",
        str(REPOSITORY / ".mypy_cache"),
    ]
    said, trouble, _ = api.run([*options, str(tmp_path / "forgetful.py"), str(wide / "made")])
    assert not trouble
    errors = [line for line in said.splitlines() if ": error: " in line]
    assert len(errors) == 2, said
    assert 'abstract class "Api"' in errors[0]
    assert "create_author" in errors[0]
    assert 'abstract class "Handlers"' in errors[1]
