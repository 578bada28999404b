"""OpenAPI 3.1: parameters of an operation, those of its path included."""

import re

from accord.findings import BrokenSpec
from accord.model.http import Parameter, Place
from accord.model.kinds import Schemas, types_of
from accord.model.names import IllegalName, MemberName
from accord.model.schemas import Document
from accord.parsing.fields import Fields
from accord.parsing.nodes import Node
from accord.parsing.references import Specs
from accord.parsing.schemas import SchemaReader

__all__ = ["read_parameters"]

_TYPES = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}
_STYLES = {Place.PATH: "simple", Place.HEADER: "simple", Place.QUERY: "form"}


def read_parameters(
    specs: Specs, schemas: SchemaReader, path: str, nodes: tuple[Node, ...], operation: Node
) -> tuple[Parameter, ...]:
    """Read what path and operation declare, the latter winning, and check it against the path's template."""
    found: dict[tuple[Place, str], Parameter] = {}
    for node in nodes:
        parameter = _parameter(specs, schemas, node)
        found[parameter.place, parameter.name] = parameter
    template = re.findall(r"\{([^{}]*)\}", path)
    for name in template:
        if (Place.PATH, name) not in found:
            sentence = f"the path {path} has '{name}', which no parameter describes; add one with 'in: path'"
            raise operation.broken("path-parameter", sentence)
    arguments: dict[str, Parameter] = {}
    for parameter in found.values():
        if parameter.place is Place.PATH and parameter.name not in template:
            sentence = f"the path {path} has no '{{{parameter.name}}}'; add it there or remove the parameter"
            raise BrokenSpec.at(parameter.location, "path-parameter", sentence)
        if parameter.ambient:
            continue
        other = arguments.setdefault(parameter.argument, parameter)
        if other is not parameter:
            both = f"'{parameter.name}' and '{other.name}' ({other.location})"
            sentence = f"{both} would both be the argument {parameter.argument}; rename one"
            raise BrokenSpec.at(parameter.location, "name-clash", sentence)
    in_path = sorted(
        (p for p in found.values() if p.place is Place.PATH), key=lambda p: template.index(p.name)
    )
    return (*in_path, *(p for p in found.values() if p.place is not Place.PATH))


def _parameter(specs: Specs, schemas: SchemaReader, node: Node) -> Parameter:
    fields = Fields(specs, node, "a parameter")
    name = fields.text("name")
    fields.what = f"the parameter {name}"
    fields.ignore("example", "examples", "deprecated")
    fields.unsupported(
        content="describe the parameter with 'schema'",
        allowEmptyValue="give the parameter a value",
        allowReserved="values are percent-encoded",
    )
    said = fields.text("in")
    if said not in list(Place):
        sentence = f"{fields.what} is in '{said}'; Accord reads path, query and header"
        raise fields.required("in").broken("unsupported", sentence)
    place = Place(said)
    if place is Place.HEADER and name.lower() in ("accept", "content-type", "authorization"):
        sentence = f"{fields.what} is what OpenAPI says elsewhere and ignores here; remove it"
        raise fields.required("name").broken("unsupported", sentence)
    if fields.text("style", _STYLES[place]) != _STYLES[place]:
        sentence = f"{fields.what} has another style than '{_STYLES[place]}'; remove it"
        raise fields.required("style").broken("unsupported", sentence)
    fields.ignore("explode")
    required = fields.boolean("required", default=False)
    if place is Place.PATH and not required:
        raise fields.node.broken("path-parameter", f"{fields.what} is part of a path; say 'required: true'")
    schema = fields.required("schema")
    document = schemas.document(schema)
    kind = _type(schemas.schemas, document, schema, fields.what)
    default = next((p["default"] for p in schemas.schemas.parts(document) if "default" in p), None)
    if default is not None and type(default) not in _TYPES[kind]:
        raise schema.broken("bad-default", f"the default of {fields.what} is no {kind}; correct it")
    description = fields.text("description", "")
    fields.finish()
    try:
        argument = MemberName.argument(name.lower() if place is Place.HEADER else name)
    except IllegalName as error:
        raise fields.node.broken("illegal-name", f"{error}; rename the parameter") from None
    location = fields.node.location
    return Parameter(name, place, argument, document, kind, required, default, description, location)


def _type(schemas: Schemas, document: Document, node: Node, what: str) -> str:
    for part in schemas.parts(document):
        types = types_of(part)
        if len(types) == 1 and types[0] in _TYPES:
            return types[0]
        if types:
            break
    sentence = f"{what} is of no single simple type; say string, integer, number or boolean"
    raise node.broken("unsupported", sentence)
