"""Which module of the output holds the class of which schema, and under which name."""

import builtins
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from accord.codegen.equality import representatives
from accord.findings import BrokenSpec, Problems
from accord.model.contract import Contract, Service
from accord.model.names import ClassName, ConstantName, Spelling
from accord.model.schemas import Schema, SchemaId, references

__all__ = ["TAKEN", "Layout", "Module", "lay_out", "legal"]

TAKEN = frozenset(
    {"Annotated", "Any", "AwareDatetime", "BaseModel", "Boundary", "ConfigDict", "Enum", "Field", "Final"}
    | {"ClassVar", "Failure"}
    | {"Literal", "Mapping", "StrEnum", "TypeAlias", "UUID", "DEFINITIONS", "Path", "Request", "Response"}
)
"""Names that the modules of schemas have already."""
_STRUCTURE = frozenset({"", "components", "schemas", "$defs", "definitions", "properties"})
"""Tokens of a pointer that say nothing about the schema at its end."""


@dataclass(frozen=True, slots=True)
class Module:
    """One module of schemas: ``own`` have their class in it; ``places`` are those of all schemas in sight.

    ``spec`` is the file that it was made from, ``path`` its place below the output.
    """

    name: str
    spec: str
    own: Mapping[SchemaId, Schema]
    places: Mapping[SchemaId, "Place"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the class of a schema is; ``key`` is its name among the module's DEFINITIONS."""

    module: str
    class_name: ClassName
    key: str
    representative: SchemaId

    @property
    def short(self) -> str:
        """The module, as generated code calls it."""
        return self.module.rpartition(".")[2]

    @property
    def constant(self) -> str:
        """The name of the schema's boundary."""
        made = str(ConstantName.of(self.class_name))
        return f"{made}_BOUNDARY" if made in TAKEN or made == self.class_name else made


@dataclass(frozen=True, slots=True)
class Layout:
    """Two modules of schemas for each service, by its name, and one for what several services share."""

    common: Module | None
    schemas: Mapping[str, Module]
    events: Mapping[str, Module]


def lay_out(contract: Contract, package: str) -> Layout:
    """Give each schema its module; raises `BrokenSpec` where two would have one name."""
    shared = _shared(contract)
    problems = Problems()
    common: Module | None = None
    places: dict[SchemaId, Place] = {}
    if shared:
        file = min(id_.file for id_ in shared)
        with problems.gathering():
            common = _module(contract, f"{package}.common", file, shared, {})
            places = dict(common.places)
    schemas: dict[str, Module] = {}
    events: dict[str, Module] = {}
    for service in contract.services:
        with problems.gathering():
            seen = places
            if service.openapi is not None:
                starts = _operations(service)
                found = _of(contract, service.openapi, starts)
                name = f"{package}.{service.package}.schemas"
                schemas[service.name] = _module(contract, name, service.openapi, found, seen)
                seen = dict(schemas[service.name].places)
            if service.asyncapi is not None:
                starts = [id_ for message in service.messages for id_ in message.exchanged]
                found = _of(contract, service.asyncapi, starts)
                name = f"{package}.{service.package}.events"
                events[service.name] = _module(contract, name, service.asyncapi, found, seen)
    problems.raise_if_any()
    return Layout(common, schemas, events)


def _operations(service: Service) -> list[SchemaId]:
    return [id_ for o in service.operations for id_ in (*o.exchanged, *o.mentioned)]


def _of(contract: Contract, file: str, starts: Iterable[SchemaId]) -> set[SchemaId]:
    return _closure(contract, [*(id_ for id_ in contract.schemas if id_.file == file), *starts])


def _shared(contract: Contract) -> set[SchemaId]:
    """All of each file that several services use and that is none of their specs, and what it refers to."""
    specs = {file for service in contract.services for file in (service.openapi, service.asyncapi) if file}
    users: dict[str, set[str]] = {}
    for service in contract.services:
        starts = _operations(service)
        starts += [id_ for m in service.messages for id_ in m.exchanged]
        own = [id_ for id_ in contract.schemas if id_.file in (service.openapi, service.asyncapi)]
        for id_ in _closure(contract, [*own, *starts]):
            users.setdefault(id_.file, set()).add(service.name)
    files = {file for file, names in users.items() if len(names) > 1 and file not in specs}
    return _closure(contract, [id_ for id_ in contract.schemas if id_.file in files])


def _closure(contract: Contract, starts: Iterable[SchemaId]) -> set[SchemaId]:
    found: set[SchemaId] = set()
    waiting = list(starts)
    while waiting:
        id_ = waiting.pop()
        if id_ not in found:
            found.add(id_)
            waiting += references(contract.schemas[id_].document)
    return found


def _module(
    contract: Contract, name: str, spec: str, found: set[SchemaId], seen: Mapping[SchemaId, Place]
) -> Module:
    """Place what is not in sight yet; what is equal to something of the same name in sight is that thing."""
    fresh = [id_ for id_ in contract.schemas if id_ in found and id_ not in seen]
    fresh.sort(key=lambda id_: (id_.file != spec, id_.file, contract.schemas[id_].location, id_))
    chosen = representatives(contract.schemas, [*seen, *fresh])
    places = dict(seen)
    own: dict[SchemaId, Schema] = {}
    for id_ in fresh:
        if chosen[id_] == id_:
            own[id_] = contract.schemas[id_]
    named = _named(own, {place.key for place in seen.values()}, name)
    places |= named
    for id_ in fresh:
        places[id_] = replace(places[chosen[id_]])
    return Module(name, spec, own, places)


def _named(own: Mapping[SchemaId, Schema], taken: set[str], module: str) -> dict[SchemaId, Place]:
    """Name the classes of one module; schemas of one name are told apart by their file, or by their place."""
    by_name: dict[str, list[Schema]] = {}
    for schema in own.values():
        by_name.setdefault(ConstantName.of(schema.class_name), []).append(schema)
    owners: dict[str, Schema] = {}
    found: dict[SchemaId, Place] = {}
    for schemas in by_name.values():
        schemas.sort(key=lambda schema: schema.id.name != schema.class_name)
        for schema in schemas:
            choices = [legal(name) for name in _choices(schema, schemas[0])]
            name = next((name for name in choices if ConstantName.of(name) not in owners), choices[0])
            other = owners.setdefault(ConstantName.of(name), schema)
            if other is not schema:
                sentence = f"{schema.id.name} and {other.id.name} ({other.location}) would both be {name}"
                raise BrokenSpec.at(schema.location, "name-clash", f"{sentence}; rename one")
            key = str(name) if name not in taken else f"{module.rpartition('.')[2]}.{name}"
            found[schema.id] = Place(module, name, key, schema.id)
    return found


def legal(name: ClassName) -> ClassName:
    """The name, or another where the modules of schemas, or Python itself, have it already."""
    return ClassName(f"{name}Schema") if name in TAKEN or hasattr(builtins, name) else name


def _choices(schema: Schema, first: Schema) -> Iterator[ClassName]:
    """Names for a schema that shares its own with ``first``: from where it stands, then with more said."""
    if schema is first:
        yield schema.class_name
    yield _qualified(schema, first)
    for spelling in (Spelling.SYMBOLS, Spelling.CASE):
        yield ClassName.of(schema.id.name, spelling)
    yield ClassName(f"{schema.class_name}Schema")


def _qualified(schema: Schema, first: Schema) -> ClassName:
    if schema.id.file != first.id.file:
        return ClassName.of(f"{schema.id.file.rpartition('/')[2].partition('.')[0]} {schema.class_name}")
    return ClassName.of(" ".join(token for token in schema.id.pointer.split("/") if token not in _STRUCTURE))
