"""OpenAPI: parameters of an operation, those of its path included."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from accord.findings import BrokenSpec
from accord.model.http import Parameter, Place, Style
from accord.model.kinds import Kind, Schemas, types_of
from accord.model.names import IllegalName, MemberName
from accord.model.schemas import Document
from accord.parsing.contents import is_json
from accord.parsing.defaults import is_admitted
from accord.parsing.examples import read_examples
from accord.parsing.fields import Fields
from accord.parsing.nodes import MappingNode, Node
from accord.parsing.references import Specs, target_of
from accord.parsing.schemas import SchemaReader
from accord.parsing.unsupported import Unsupported

__all__ = ["read_parameters", "read_small"]

_STYLES = {
    Place.PATH: (Style.SIMPLE, Style.LABEL, Style.MATRIX),
    Place.QUERY: (Style.FORM, Style.SPACE_DELIMITED, Style.PIPE_DELIMITED, Style.DEEP_OBJECT),
    Place.HEADER: (Style.SIMPLE,),
    Place.COOKIE: (Style.FORM,),
}
"""The default of each place stands first."""
_ELSEWHERE = ("accept", "content-type", "authorization")
_TYPES = {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}


def read_parameters(
    specs: Specs, schemas: SchemaReader, path: str, nodes: Iterable[Node], operation: Node, name: str
) -> tuple[Parameter, ...]:
    """Read what path and operation declare, the latter winning, and check it against the path's template.

    Raises `Unsupported` for a required parameter that no style can write; an optional one is left out.
    """
    found: dict[tuple[Place, str], Parameter] = {}
    for node in nodes:
        fields = Fields(specs, node, "a parameter")
        try:
            parameter = _parameter(specs, schemas, fields, name)
        except Unsupported as error:
            if fields.boolean("required", default=False):
                raise
            specs.warn(error.place.location, "unsupported", f"{error.sentence}; {fields.what} is left out")
            continue
        if parameter is not None:
            found[parameter.place, parameter.name] = parameter
    template = re.findall(r"\{([^{}]*)\}", path)
    for variable in template:
        if (Place.PATH, variable) not in found:
            sentence = f"the path {path} has '{variable}', which no parameter describes"
            raise operation.broken("path-parameter", f"{sentence}; add one with 'in: path'")
    for parameter in found.values():
        if parameter.place is Place.PATH and parameter.name not in template:
            sentence = f"the path {path} has no '{{{parameter.name}}}'; add it there or remove the parameter"
            raise BrokenSpec.at(parameter.location, "path-parameter", sentence)
    in_path = sorted(
        (p for p in found.values() if p.place is Place.PATH), key=lambda p: template.index(p.name)
    )
    return _named([*in_path, *(p for p in found.values() if p.place is not Place.PATH)])


def read_small(specs: Specs, schemas: SchemaReader, node: Node, name: str) -> Document:
    """The schema of a parameter or a header: in place if it is simple, else a reference to its class."""
    if target_of(node) is None:
        document = schemas.document(node)
        if not _has_class(schemas.schemas, document):
            return document
    return {"$ref": schemas.read(node, name)}


def _has_class(schemas: Schemas, document: Any) -> bool:
    """Whether the schema, or one within it, becomes a class of its own."""
    if not isinstance(document, Mapping) or set(document) == {"$ref"}:
        return False
    if schemas.kind(document) is not Kind.ALIAS:
        return True
    inner = [document.get("items"), document.get("additionalProperties")]
    branches = [
        part for word in ("anyOf", "oneOf", "allOf", "prefixItems") for part in document.get(word, ())
    ]
    return any(_has_class(schemas, part) for part in (*inner, *branches))


def _parameter(specs: Specs, schemas: SchemaReader, fields: Fields, owner: str) -> Parameter | None:
    name = fields.text("name")
    fields.what = f"the parameter {name}"
    examples = read_examples(specs, fields)
    place = _place(fields)
    description = fields.text("description", "")
    deprecated = fields.boolean("deprecated", default=False)
    required = fields.boolean("required", default=False)
    style = _style(fields, place)
    explode = fields.boolean("explode", default=style in (Style.FORM, Style.DEEP_OBJECT))
    reserved = fields.boolean("allowReserved", default=False) and place is Place.QUERY
    empty = fields.boolean("allowEmptyValue", default=False) and place is Place.QUERY
    node, json = _schema(specs, fields)
    fields.finish()
    if place is Place.HEADER and name.lower() in _ELSEWHERE:
        sentence = f"{fields.what} is ignored, since OpenAPI says elsewhere what it may be; remove it"
        specs.warn(fields.node.location, "ignored-parameter", sentence)
        return None
    if place is Place.PATH and not required:
        raise fields.node.broken("path-parameter", f"{fields.what} is part of a path; say 'required: true'")
    document = read_small(specs, schemas, node, f"{owner} {name}")
    if not json:
        _check_layout(schemas.schemas, document, style, node, fields.what)
    try:
        argument = MemberName.argument(name.lower() if place is Place.HEADER else name)
    except IllegalName as error:
        raise fields.node.broken("illegal-name", f"{error}; rename the parameter") from None
    return Parameter(
        name,
        place,
        argument,
        document,
        style,
        explode or style is Style.DEEP_OBJECT,
        required,
        _default(schemas.schemas, document, node, fields.what),
        description,
        fields.node.location,
        json,
        reserved,
        empty,
        deprecated,
        examples,
    )


def _place(fields: Fields) -> Place:
    said = fields.text("in")
    if said not in list(Place):
        sentence = f"{fields.what} is in '{said}'; a parameter is in path, query, header or cookie"
        raise fields.required("in").broken("bad-place", sentence)
    return Place(said)


def _style(fields: Fields, place: Place) -> Style:
    allowed = _STYLES[place]
    said = fields.text("style", allowed[0])
    if said not in allowed:
        sentence = f"'{said}' is no style of a parameter in {place.value}; write {' or '.join(allowed)}"
        raise fields.required("style").broken("bad-style", sentence)
    return Style(said)


def _schema(specs: Specs, fields: Fields) -> tuple[Node, bool]:
    """The schema, and whether values are JSON."""
    content = fields.mapping("content")
    schema = fields.optional("schema")
    if not content:
        return fields.required("schema") if schema is None else schema, False
    if schema is not None or len(content) > 1:
        sentence = f"{fields.what} needs either 'schema' or 'content' with one media type; remove the rest"
        raise fields.key("content").broken("bad-shape", sentence)
    media_type, node = next(iter(content.items()))
    if not is_json(media_type):
        raise Unsupported(node, f"{fields.what} is {media_type}; only JSON is read there")
    media = Fields(specs, node, f"{media_type} of {fields.what}")
    media.ignore("example", "examples", "encoding")
    found = media.required("schema")
    media.finish()
    return found, True


def _check_layout(schemas: Schemas, document: Document, style: Style, node: Node, what: str) -> None:
    """Styles write lists and objects of single values; OpenAPI says nothing of what is nested deeper."""
    deep = style is Style.DEEP_OBJECT
    types = _layouts(schemas, document)
    if deep and "object" not in types and types:
        raise Unsupported(node, f"{what} is no object, which style deepObject is for; choose another style")
    for part in _applied(schemas, document):
        inner = [part["items"]] if isinstance(part.get("items"), Mapping) else []
        members = [*part.get("properties", {}).values(), part.get("additionalProperties")]
        for member in [*inner, *(member for member in members if isinstance(member, Mapping))]:
            nested = _layouts(schemas, member)
            if "object" in nested or ("array" in nested and not (deep and member not in inner)):
                sentence = f"{what} nests lists or objects, which style {style.value} has no text for"
                raise Unsupported(node, f"{sentence}; describe it by 'content' with application/json")


def _layouts(schemas: Schemas, document: Any) -> set[str]:
    return {kind for part in _applied(schemas, document) for kind in types_of(part)}


def _applied(schemas: Schemas, document: Any, depth: int = 0) -> list[Document]:
    """The document and all that is applied in its place, alternatives included."""
    if depth > 8:
        return []
    found = []
    for part in schemas.parts(document):
        found.append(part)
        for word in ("anyOf", "oneOf"):
            for branch in part.get(word, ()):
                found += _applied(schemas, branch, depth + 1)
    return found


def _default(schemas: Schemas, document: Document, node: Node, what: str) -> tuple[Any, ...]:
    found = next(((part["default"],) for part in schemas.parts(document) if "default" in part), ())
    if found and found[0] is not None:
        types = schemas.types(document)
        given = _TYPES.get(type(found[0]), "object")
        if given not in types and not (given == "integer" and "number" in types):
            raise _place_of_default(node).broken(
                "bad-default", f"the default of {what} is no {' or '.join(types)}; correct it"
            )
        if not is_admitted(schemas, document, found[0]):
            sentence = f"the default of {what} is nothing that its schema admits; correct it"
            raise _place_of_default(node).broken("bad-default", sentence)
    return found


def _place_of_default(node: Node) -> Node:
    return node.members.get("default", node) if isinstance(node, MappingNode) else node


def _named(parameters: list[Parameter]) -> tuple[Parameter, ...]:
    """Give each an argument of its own: a name that is taken gets the place behind it, as in ``id_query``.

    Two of one place that differ in symbols or case alone have these spelt out.
    """
    found: dict[tuple[Place, str], Parameter] = {}
    taken: set[str] = set()
    for place in Place:
        here = [parameter for parameter in parameters if parameter.place is place and not parameter.ambient]
        distinct = MemberName.arguments(_shown(parameter) for parameter in here)
        for parameter in here:
            argument = distinct[_shown(parameter)]
            if argument in taken:
                argument = MemberName.of(f"{argument} {place.value}")
            taken.add(argument)
            found[place, parameter.name] = replace(parameter, argument=argument)
    return tuple(found.get((parameter.place, parameter.name), parameter) for parameter in parameters)


def _shown(parameter: Parameter) -> str:
    """Headers have no case."""
    return parameter.name.lower() if parameter.place is Place.HEADER else parameter.name
