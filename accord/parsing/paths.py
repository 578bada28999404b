"""OpenAPI: paths, and the operations under them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from accord.findings import Problems
from accord.model.http import Operation, Requirement, Response, Scheme
from accord.model.names import ClassName, ConstantName, IllegalName, MemberName
from accord.parsing.fields import Fields
from accord.parsing.links import METHODS
from accord.parsing.messages import read_body, read_response
from accord.parsing.nodes import Node
from accord.parsing.parameters import read_parameters
from accord.parsing.references import Specs
from accord.parsing.schemas import SchemaReader
from accord.parsing.security import read_security
from accord.parsing.servers import read_server
from accord.parsing.unsupported import Unsupported, leaving_out

__all__ = ["Document", "read_path", "refuse_equal_paths"]

_PATH = re.compile(r"/([A-Za-z0-9._~!$&'()*+,;=:@%/-]|\{[^{}/]+\})*")
"""RFC 3986, section 3.3, with templates, several in one segment if need be."""


@dataclass(frozen=True, slots=True)
class Document:
    """What the operations of one document share; ``security`` is None where it says nothing of it."""

    specs: Specs
    schemas: SchemaReader
    schemes: Mapping[str, Scheme]
    security: tuple[tuple[Requirement, ...], ...] | None


def read_path(document: Document, path: str, node: Node, problems: Problems) -> list[Operation]:
    """The operations of one path; broken ones are gathered, unsupported ones left out with a warning."""
    if "?" in path or "#" in path:
        sentence = f"'{path}' holds more than a path; describe the rest as parameters"
        raise Unsupported(node, sentence)
    if not _PATH.fullmatch(path):
        sentence = (
            f"'{path}' is no path; write one such as '/items/{{item_id}}', percent-encoded where need be"
        )
        raise node.broken("bad-path", sentence)
    fields = Fields(document.specs, node, f"the path {path}")
    fields.ignore("summary", "description")
    shared = fields.items("parameters")
    server = _server(document, fields)
    fields.ignore(*METHODS)
    found = []
    for method, operation in fields.node.members.items():
        if method in METHODS:
            with problems.gathering(), leaving_out(document.specs, f"{method.upper()} {path}"):
                found.append(
                    _operation(document, path, method, operation, shared, server, fields.key(method))
                )
    fields.finish()
    return found


def _operation(
    document: Document,
    path: str,
    method: str,
    node: Node,
    shared: tuple[Node, ...],
    server: str | None,
    key: Node,
) -> Operation:
    specs, schemas = document.specs, document.schemas
    fields = Fields(specs, node, f"{method.upper()} {path}")
    fields.ignore("tags", "externalDocs")
    fields.unsupported(callbacks="describe what is sent to others in an AsyncAPI document")
    named = "operationId" in fields.node.members
    operation_id = fields.text("operationId", "") or f"{method} {path if path.strip('/') else 'root'}"
    place = fields.required("operationId") if named else key
    if named:
        fields.what = f"the operation {operation_id}"
    try:
        names = MemberName.method(operation_id), ClassName.of(operation_id), ConstantName.of(operation_id)
    except IllegalName as error:
        raise place.broken("illegal-name", f"{error}; rename the operation") from None
    parameters = read_parameters(
        specs, schemas, path, (*shared, *fields.items("parameters")), place, operation_id
    )
    request = fields.optional("requestBody")
    body = None if request is None else read_body(specs, schemas, request, operation_id)
    responses = _responses(document, fields, operation_id, head=method == "head")
    security = read_security(specs, fields, document.schemes)
    if security is None:
        security = document.security or ()
    summary, description = fields.text("summary", ""), fields.text("description", "")
    deprecated = fields.boolean("deprecated", default=False)
    server = _server(document, fields) or server
    fields.finish()
    return Operation(
        operation_id if named else f"{method} {path}",
        *names,
        method,
        path,
        summary,
        description,
        deprecated,
        parameters,
        body,
        responses,
        security,
        server,
        place.location,
    )


def _server(document: Document, fields: Fields) -> str | None:
    found = read_server(document.specs, fields)
    if "servers" in fields.node.members and found is None and fields.items("servers"):
        sentence = f"{fields.what} has a server of its own that is no absolute URL, which Accord leaves out"
        fields.warn(fields.key("servers"), "unsupported", f"{sentence}; write it in full")
    return found


def _responses(document: Document, fields: Fields, operation_id: str, *, head: bool) -> tuple[Response, ...]:
    """All answers; ``default`` is a failure if there is another that is none."""
    found: dict[str, Response] = {}
    for status, node in fields.mapping("responses").items():
        if status.startswith("x-"):
            continue
        if not re.fullmatch(r"[1-5]([0-9]{2}|XX)|default", status):
            sentence = (
                f"'{status}' of {operation_id} is no status; write one such as '200', '4XX' or 'default'"
            )
            raise node.broken("bad-status", sentence)
        if status.startswith("1"):
            sentence = f"the answer {status} of {operation_id} is an interim one, which Accord leaves out"
            fields.warn(node, "unsupported", f"{sentence}; declare the one that follows it")
            continue
        found[status] = read_response(document.specs, document.schemas, status, node, operation_id, head=head)
    if not found:
        return (Response("default", "", (), (), failure=False, class_name=None),)
    results = [status for status in found if status[0] in "23"] or ["default"]
    return tuple(_judged(response, failure=status not in results) for status, response in found.items())


def _judged(response: Response, *, failure: bool) -> Response:
    return Response(response.status, response.description, response.headers, response.contents, failure, None)


def refuse_equal_paths(paths: Mapping[str, Node]) -> None:
    """Paths that differ only in the names of their parameters are one path (OpenAPI 3.1, Paths Object)."""
    seen: dict[str, str] = {}
    for path, node in paths.items():
        names = re.findall(r"\{([^{}]*)\}", path)
        other = seen.setdefault(re.sub(r"\{[^{}]*\}", "{}", path), path)
        if other != path:
            raise node.broken("bad-path", f"'{path}' is the same path as '{other}'; put them together")
        if len(set(names)) < len(names):
            raise node.broken("bad-path", f"'{path}' has a name twice; rename one")
