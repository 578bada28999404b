"""OpenAPI: bodies, responses and their headers."""

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
_BESIDE_HEADERS = frozenset({"body", "status", "media_type"})
"""What the class of an answer holds beside its headers."""


def read_body(specs: Specs, schemas: SchemaReader, node: Node, operation: str) -> Body | None:
    """Read a Request Body Object; None for one that says nothing of what it is."""
    fields = Fields(specs, node, f"the body of {operation}")
    description = fields.text("description", "")
    required = fields.boolean("required", default=False)
    fields.required("content")
    contents = read_contents(specs, schemas, fields, f"{operation} body", Direction.REQUEST)
    fields.finish()
    if not contents:
        sentence = f"{fields.what} has no media type and is left out; add one such as 'application/json'"
        fields.warn(fields.key("content"), "unsupported", sentence)
        return None
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
    headers = _headers(specs, schemas, fields, operation)
    fields.finish()
    if status in _BODILESS and contents:
        sentence = f"{fields.what} has 'content', though such an answer has no body (RFC 9110); remove it"
        fields.warn(fields.key("content"), "unsupported", sentence)
        contents = ()
    return Response(status, description, headers, () if head else contents, failure=False, class_name=None)


def _headers(specs: Specs, schemas: SchemaReader, fields: Fields, operation: str) -> tuple[Header, ...]:
    nodes = {
        name: node
        for name, node in fields.mapping("headers").items()
        if name.lower() not in (AMBIENT_HEADER, "content-type")
    }
    try:
        made = MemberName.distinct((name.lower() for name in nodes), _BESIDE_HEADERS)
    except IllegalName as error:
        raise fields.key("headers").broken("illegal-name", f"{error}; rename the header") from None
    found = (
        _header(specs, schemas, name, node, operation, made[name.lower()]) for name, node in nodes.items()
    )
    return tuple(header for header in found if header is not None)


def _header(
    specs: Specs, schemas: SchemaReader, name: str, node: Node, operation: str, field: MemberName
) -> Header | None:
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
    return Header(name, field, document, explode, required, description)
