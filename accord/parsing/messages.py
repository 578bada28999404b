"""OpenAPI: bodies, responses and their headers."""

from accord.findings import BrokenSpec
from accord.model.http import AMBIENT_HEADER, Body, Header, Response
from accord.model.names import IllegalName, MemberName
from accord.parsing.contents import read_contents
from accord.parsing.fields import Fields
from accord.parsing.nodes import Node
from accord.parsing.parameters import read_small
from accord.parsing.references import Specs
from accord.parsing.schemas import SchemaReader
from accord.parsing.scopes import Direction
from accord.parsing.statuses import words_of_status

__all__ = ["read_body", "read_response"]

_BODILESS = ("204", "205", "304")
"""RFC 9110: these have no content."""


def read_body(specs: Specs, schemas: SchemaReader, node: Node, operation: str) -> Body:
    """Read a Request Body Object."""
    fields = Fields(specs, node, f"the body of {operation}")
    description = fields.text("description", "")
    required = fields.boolean("required", default=False)
    fields.required("content")
    contents = read_contents(specs, schemas, fields, f"{operation} body", Direction.REQUEST)
    fields.finish()
    if not contents:
        raise fields.node.broken("bad-shape", f"{fields.what} has no media type; add 'application/json'")
    return Body(contents, required, description)


def read_response(
    specs: Specs, schemas: SchemaReader, status: str, node: Node, operation: str, *, head: bool
) -> Response:
    """Read a Response Object; an answer to HEAD has no content, whatever it says."""
    fields = Fields(specs, node, f"the answer {status} of {operation}")
    fields.ignore("links")
    description = fields.text("description")
    contents = read_contents(
        specs, schemas, fields, f"{operation} {words_of_status(status)} body", Direction.RESPONSE
    )
    headers = [
        header
        for name, header_node in fields.mapping("headers").items()
        if name.lower() not in (AMBIENT_HEADER, "content-type")
        and (header := _header(specs, schemas, name, header_node, operation)) is not None
    ]
    fields.finish()
    if status in _BODILESS and contents:
        sentence = f"{fields.what} can have no body (RFC 9110); remove 'content'"
        raise fields.key("content").broken("bad-shape", sentence)
    _refuse_clashes(headers, fields)
    return Response(
        status, description, tuple(headers), () if head else contents, failure=False, class_name=None
    )


def _header(specs: Specs, schemas: SchemaReader, name: str, node: Node, operation: str) -> Header | None:
    fields = Fields(specs, node, f"the header {name} of {operation}")
    fields.ignore("example", "examples", "deprecated", "style", "allowEmptyValue", "allowReserved")
    description = fields.text("description", "")
    required = fields.boolean("required", default=False)
    explode = fields.boolean("explode", default=False)
    if "content" in fields.node.members:
        fields.unsupported(content="describe the header with 'schema'")
        return None
    document = read_small(specs, schemas, fields.required("schema"), f"{operation} {name}")
    fields.finish()
    try:
        field = MemberName.of(name.lower())
    except IllegalName as error:
        raise fields.node.broken("illegal-name", f"{error}; rename the header") from None
    if field in ("body", "status", "media_type"):
        field = MemberName.of(f"{field} header")
    return Header(name, field, document, explode, required, description)


def _refuse_clashes(headers: list[Header], fields: Fields) -> None:
    seen: dict[MemberName, Header] = {}
    for header in headers:
        other = seen.setdefault(header.field, header)
        if other is not header:
            sentence = f"the headers {header.name} and {other.name} would both be {header.field}; rename one"
            raise BrokenSpec.at(fields.key("headers").location, "name-clash", sentence)
