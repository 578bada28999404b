"""The examples that a spec carries, sent through boundaries and models that were generated from it."""

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import jsonschema_rs

from accord.boundary import Boundary, ContractViolation
from accord.codegen.definitions import definition
from accord.codegen.layout import Module, lay_out
from accord.findings import Location
from accord.model.contract import Contract
from accord.model.kinds import Kind, Schemas
from accord.model.schemas import SchemaId, subschemas

__all__ = ["Outcome", "alike", "round_trips"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one example at ``place``: ``kind`` says what it is of; no ``trouble`` if all is well.

    ``own`` is set where the spec itself is wrong: the schema itself refuses the example.
    """

    kind: str
    place: Location
    trouble: str = ""
    own: bool = False


def round_trips(contract: Contract, package: str) -> Iterator[Outcome]:
    """Take every example of the messages and the schemas to JSON types, a model, and back again."""
    layout = lay_out(contract, package)
    schemas = Schemas(contract.schemas)
    for module in (layout.common, *layout.schemas.values(), *layout.events.values()):
        if module is not None:
            yield from _of_schemas(module, importlib.import_module(module.name), schemas)
    for service in contract.services:
        events = layout.events.get(service.name)
        if events is None:
            continue
        channels = importlib.import_module(f"{package}.{service.package}.channels")
        for message in service.messages:
            generated = getattr(channels, message.constant)
            for example in message.examples:
                if "payload" in example:
                    yield _trip("message", message.location, generated.payload, example["payload"])
                if "headers" in example and generated.headers is not None:
                    yield _trip("headers", message.location, generated.headers.boundary, example["headers"])


def _of_schemas(module: Module, code: ModuleType, schemas: Schemas) -> Iterator[Outcome]:
    definitions: Mapping[str, Any] = code.DEFINITIONS
    for id_, schema in module.own.items():
        for document, inside in _with_inner(schema.document):
            for example in _examples(document):
                name = module.places[id_].key
                model: Any = _class(id_, code, module, schemas)
                if inside:
                    name, model = "an inner schema", Any
                    held = {**definitions, name: definition(document, module.places)}
                else:
                    held = dict(definitions)
                yield _trip("schema", schema.location, Boundary(model, name, held), example)


def _with_inner(document: Any) -> Iterator[tuple[Mapping[str, Any], bool]]:
    """The schema, and every schema that is written within it."""
    if not isinstance(document, Mapping):
        return
    yield document, False
    inner: list[Any] = []
    subschemas(document, lambda _, child: inner.append(child))
    for child in inner:
        for found, _ in _with_inner(child):
            yield found, True


def _examples(document: Mapping[str, Any]) -> list[Any]:
    several = document.get("examples", [])
    found = list(several) if isinstance(several, list) else []
    return [*found, document["example"]] if "example" in document else found


def _class(id_: SchemaId, code: ModuleType, module: Module, schemas: Schemas) -> Any:
    kind = schemas.kind(schemas.by_id[id_].document)
    return Any if kind is Kind.ALIAS else getattr(code, module.places[id_].class_name, Any)


def _trip(kind: str, place: Location, boundary: Boundary[Any], example: Any) -> Outcome:
    try:
        model = boundary.parse(example)
    except ContractViolation as violation:
        return Outcome(kind, place, str(violation), own=not _admitted(boundary, example))
    try:
        again = boundary.dump(model)
    except ContractViolation as violation:
        return Outcome(kind, place, f"does not come back: {violation}")
    if boundary.parse(again) != model or not alike(again, example):
        return Outcome(kind, place, f"comes back as {str(again)[:200]}")
    return Outcome(kind, place)


def alike(again: Any, example: Any) -> bool:
    """The same members and items everywhere; moments may be written in another way."""
    if isinstance(example, dict):
        return (
            isinstance(again, dict)
            and again.keys() == example.keys()
            and all(alike(again[name], value) for name, value in example.items())
        )
    if isinstance(example, list):
        return isinstance(again, list) and len(again) == len(example) and all(map(alike, again, example))
    return again == example or (isinstance(again, str) and isinstance(example, str))


def _admitted(boundary: Boundary[Any], example: Any) -> bool:
    """Whether the schema alone, without our model, admits the example after all."""
    try:
        boundary.check(example)
    except (ContractViolation, jsonschema_rs.ValidationError):
        return False
    return True
