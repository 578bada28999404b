"""Which module of the output holds the class of which schema."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from accord.findings import BrokenSpec, Problems
from accord.model.contract import Contract, Service
from accord.model.names import ConstantName
from accord.model.schemas import Schema, SchemaId, reference, subschemas

__all__ = ["Layout", "Module", "lay_out"]

_TAKEN = frozenset(
    {
        "Annotated",
        "Any",
        "AwareDatetime",
        "BaseModel",
        "Boundary",
        "ConfigDict",
        "Definitions",
        "Enum",
        "Field",
    }
    | {"Final", "Literal", "Mapping", "Optional", "RootModel", "StrEnum", "Union", "UUID"}
)
"""Names that the modules of schemas have already."""


@dataclass(frozen=True, slots=True)
class Module:
    """One module of schemas: ``own`` have their class in it, ``others`` in the modules named."""

    name: str
    spec: str
    own: Mapping[SchemaId, Schema]
    others: Mapping[SchemaId, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """Two modules of schemas for each service, by its name, and the common one."""

    common: Module
    schemas: Mapping[str, Module]
    events: Mapping[str, Module]


def lay_out(contract: Contract, package: str) -> Layout:
    """Give each schema its module; raises `BrokenSpec` where two would have one name."""
    common = {id_: schema for id_, schema in contract.schemas.items() if id_.file == contract.common}
    for id_ in _closure(contract, common):
        if id_ not in common:
            sentence = (
                f"is shared, so it cannot refer to {id_.name} of {id_.file}; move that to {contract.common}"
            )
            place = next(s for i, s in common.items() if id_ in _closure(contract, [i]))
            raise BrokenSpec.at(place.location, "common-reference", sentence)
    common_name = f"{package}.common"
    problems = Problems()
    schemas: dict[str, Module] = {}
    events: dict[str, Module] = {}
    in_common = dict.fromkeys(common, common_name)
    for service in contract.services:
        http = _of(contract, service.openapi, [], common)
        name = f"{package}.{service.package}.schemas"
        schemas[service.name] = Module(name, service.openapi, http, in_common)
        payloads = [
            id_
            for message in (*service.sends, *service.receives)
            for id_ in (message.payload, *([message.headers] if message.headers else []))
        ]
        carried = _of(contract, service.asyncapi, payloads, {**common, **http})
        others = {**in_common, **dict.fromkeys(http, name)}
        events[service.name] = Module(
            f"{package}.{service.package}.events", service.asyncapi, carried, others
        )
        with problems.gathering():
            _refuse_clashes(service, [*common.values(), *http.values(), *carried.values()])
    problems.raise_if_any()
    return Layout(Module(common_name, contract.common, common, {}), schemas, events)


def _of(
    contract: Contract, file: str, more: Iterable[SchemaId], elsewhere: Mapping[SchemaId, Schema]
) -> dict[SchemaId, Schema]:
    starts = [*(id_ for id_ in contract.schemas if id_.file == file), *more]
    found = _closure(contract, starts)
    ordered = sorted(found, key=lambda id_: (id_.file != file, id_.file, contract.schemas[id_].location))
    return {id_: contract.schemas[id_] for id_ in ordered if id_ not in elsewhere}


def _closure(contract: Contract, starts: Iterable[SchemaId]) -> set[SchemaId]:
    found: set[SchemaId] = set()
    waiting = list(starts)

    def visit(document: object) -> None:
        if isinstance(document, Mapping):
            target = reference(document)
            if target is not None:
                waiting.append(target)
            subschemas(document, lambda _, child: visit(child))

    while waiting:
        id_ = waiting.pop()
        if id_ not in found:
            found.add(id_)
            visit(contract.schemas[id_].document)
    return found


def _refuse_clashes(service: Service, schemas: list[Schema]) -> None:
    seen: dict[str, Schema] = {}
    answers = {f"{operation.class_name}Response": operation for operation in service.operations}
    for schema in schemas:
        name = schema.class_name
        if name in _TAKEN:
            raise BrokenSpec.at(
                schema.location, "illegal-name", f"the name {name} is taken; rename the schema"
            )
        if name in answers:
            where = answers[name].location
            sentence = f"{name} is also the answer of {answers[name].id} ({where}); rename the schema"
            raise BrokenSpec.at(schema.location, "name-clash", sentence)
        for key in (name, ConstantName.of(name)):
            other = seen.setdefault(key, schema)
            if other is not schema:
                sentence = (
                    f"{schema.id.name} and {other.id.name} ({other.location}) would both be {key}; rename one"
                )
                raise BrokenSpec.at(schema.location, "name-clash", sentence)
