"""OpenAPI 3.1: bodies, responses and their headers."""

import re

from accord.model.http import AMBIENT_HEADER, Body, Header, Response
from accord.model.kinds import types_of
from accord.model.names import IllegalName, MemberName
from accord.parsing.fields import Fields
from accord.parsing.nodes import Node
from accord.parsing.references import Specs
from accord.parsing.schemas import SchemaReader
from accord.parsing.scopes import Direction

__all__ = ["read_body", "read_response"]

_JSON = re.compile(r"application/([a-z0-9.-]+\+)?json")


def read_body(specs: Specs, schemas: SchemaReader, node: Node, what: str) -> Body:
    """Read a Request Body Object."""
    fields = Fields(specs, node, what)
    fields.ignore("description")
    if not fields.boolean("required", default=False):
        raise fields.node.broken("unsupported", f"{what} may be left out; say 'required: true'")
    fields.required("content")
    body = _content(specs, schemas, fields, what, Direction.REQUEST)
    fields.finish()
    if body is None:
        raise fields.node.broken("bad-shape", f"{what} has no media type; add 'application/json'")
    return body


def read_response(specs: Specs, schemas: SchemaReader, status: str, node: Node, what: str) -> Response:
    """Read a Response Object; only a success has to fit into a method's result."""
    fields = Fields(specs, node, what)
    fields.ignore("links")
    description = fields.text("description")
    body = _content(specs, schemas, fields, what, Direction.RESPONSE)
    headers = []
    for name, header in fields.mapping("headers").items():
        if name.lower() != AMBIENT_HEADER and status.startswith("2"):
            headers.append(_header(specs, schemas, name, header, what))
    fields.finish()
    if status in ("204", "205") and body is not None:
        raise fields.key("content").broken(
            "bad-shape", f"{what} can have no body (RFC 9110); remove 'content'"
        )
    if body is not None and status.startswith("2") and body.media_type != "application/json":
        raise fields.key("content").broken(
            "unsupported", f"{what} is {body.media_type}; say application/json"
        )
    _refuse_clashes(headers, fields)
    return Response(status, description, tuple(headers), body)


def _content(
    specs: Specs, schemas: SchemaReader, fields: Fields, what: str, direction: Direction
) -> Body | None:
    content = fields.mapping("content")
    if not content:
        return None
    media_type, node = next(iter(content.items()))
    if len(content) > 1:
        second = list(content)[1]
        raise content[second].broken(
            "unsupported", f"{what} has a second media type, {second}; keep one of them"
        )
    if not _JSON.fullmatch(media_type):
        raise node.broken(
            "unsupported", f"{what} is {media_type}; Accord reads and writes JSON media types alone"
        )
    media = Fields(specs, node, f"{media_type} of {what}")
    media.ignore("example", "examples")
    media.unsupported(encoding="it says nothing about JSON")
    schema = schemas.read(media.required("schema"), what, direction)
    media.finish()
    return Body(media_type, schema)


def _header(specs: Specs, schemas: SchemaReader, name: str, node: Node, what: str) -> Header:
    fields = Fields(specs, node, f"the header {name} of {what}")
    fields.ignore("example", "examples", "deprecated", "style", "explode")
    fields.unsupported(content="describe the header with 'schema'")
    description = fields.text("description", "")
    if not fields.boolean("required", default=False):
        raise fields.node.broken("unsupported", f"{fields.what} may be left out; say 'required: true'")
    document = schemas.document(fields.required("schema"))
    types = {kind for part in schemas.schemas.parts(document) for kind in types_of(part)}
    if types != {"string"}:
        raise fields.required("schema").broken("unsupported", f"{fields.what} is no text; say 'type: string'")
    fields.finish()
    try:
        return Header(name, MemberName.of(name.lower()), description)
    except IllegalName as error:
        raise fields.node.broken("illegal-name", f"{error}; rename the header") from None


def _refuse_clashes(headers: list[Header], fields: Fields) -> None:
    seen = {MemberName("body"): "the body"}
    for header in headers:
        if header.field in seen:
            sentence = (
                f"the header {header.name} and {seen[header.field]} would both be {header.field}; rename one"
            )
            raise fields.key("headers").broken("name-clash", sentence)
        seen[header.field] = f"the header {header.name}"
