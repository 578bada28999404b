"""OpenAPI 3.1: operations."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from accord.findings import BrokenSpec, Location, Problems
from accord.model.http import Operation, Response
from accord.model.names import ClassName, ConstantName, IllegalName, MemberName
from accord.parsing.fields import Fields
from accord.parsing.messages import read_body, read_response
from accord.parsing.nodes import MappingNode, Node
from accord.parsing.parameters import read_parameters
from accord.parsing.references import Specs
from accord.parsing.schemas import SchemaReader

__all__ = ["HttpApi", "read_openapi"]

_VERSION = re.compile(r"3\.1\.[0-9]+")
_PATH = re.compile(r"(/([A-Za-z0-9._~!$&'()*+,;=:@%-]*|\{[A-Za-z_][A-Za-z0-9_]*\}))+")
"""Segments of RFC 3986; a router knows templates for whole segments, by names of Python."""
_METHODS = ("get", "put", "post", "patch", "delete")


@dataclass(frozen=True, slots=True)
class HttpApi:
    """What one OpenAPI document says."""

    title: str
    summary: str
    operations: tuple[Operation, ...]


def read_openapi(specs: Specs, schemas: SchemaReader, file: str) -> HttpApi:
    """Read the document ``file``; raises `BrokenSpec` with everything that is wrong in it."""
    document = Fields(specs, specs.root(file), "the document")
    version = document.text("openapi") if "openapi" in document.node.members else None
    if version is None:
        raise document.node.broken("unknown-version", "names no version; begin with 'openapi: 3.1.0'")
    if not _VERSION.fullmatch(version):
        sentence = (
            f"is OpenAPI {version}; Accord reads 3.1.x, so convert the document and say 'openapi: 3.1.0'"
        )
        raise document.required("openapi").broken("unknown-version", sentence)
    document.ignore("servers", "tags", "externalDocs", "components")
    document.unsupported(
        webhooks="describe events in an AsyncAPI document",
        security="services stand behind a gateway that does it",
        jsonSchemaDialect="every schema is of draft 2020-12",
    )
    info = Fields(specs, document.required("info"), "'info'")
    title, summary = info.text("title"), info.text("summary", "")
    document.required("paths")
    paths = document.mapping("paths")
    document.finish()

    problems = Problems()
    operations: list[Operation] = []
    for path, node in paths.items():
        if path.startswith("x-"):
            continue
        with problems.gathering():
            operations += _PathReader(specs, schemas, path, node).operations(problems)
    with problems.gathering():
        _refuse_clashes(operations)
    with problems.gathering():
        _refuse_equal_paths(paths)
    problems.raise_if_any()
    _check_links(specs, paths, {operation.id for operation in operations})
    return HttpApi(title, summary, tuple(operations))


class _PathReader:
    def __init__(self, specs: Specs, schemas: SchemaReader, path: str, node: Node) -> None:
        if not _PATH.fullmatch(path):
            sentence = f"'{path}' is no path; write one such as '/items/{{item_id}}', names as in Python"
            raise node.broken("bad-path", sentence)
        self._specs, self._schemas, self._path = specs, schemas, path
        self._fields = Fields(specs, node, f"the path {path}")

    def operations(self, problems: Problems) -> list[Operation]:
        fields = self._fields
        fields.ignore("summary", "description")
        remedy = "write it as another operation with GET, PUT, POST, PATCH or DELETE"
        fields.unsupported(
            servers="name servers once, at the top", trace=remedy, head="HEAD is answered wherever GET is",
            options=remedy, query=remedy,
        )  # fmt: skip
        shared = fields.items("parameters")
        found = []
        fields.ignore(*_METHODS)
        for method, node in fields.node.members.items():
            if method in _METHODS:
                with problems.gathering():
                    found.append(self._operation(method, node, shared))
        fields.finish()
        return found

    def _operation(self, method: str, node: Node, shared: tuple[Node, ...]) -> Operation:
        specs, schemas = self._specs, self._schemas
        fields = Fields(specs, node, f"{method.upper()} {self._path}")
        fields.ignore("tags", "externalDocs", "deprecated")
        fields.unsupported(
            callbacks="describe events in an AsyncAPI document",
            security="services stand behind a gateway that does it",
            servers="name servers once, at the top",
        )
        if "operationId" not in fields.node.members:
            sentence = (
                f"{fields.what} has no operationId, which names the method; add one such as 'listAuthors'"
            )
            raise self._fields.key(method).broken("missing-operation-id", sentence)
        operation_id = fields.text("operationId")
        place = fields.required("operationId")
        fields.what = f"the operation {operation_id}"
        try:
            names = MemberName.method(operation_id), ClassName.of(operation_id), ConstantName.of(operation_id)
        except IllegalName as error:
            raise place.broken("illegal-name", f"{error}; rename the operation") from None
        parameters = read_parameters(
            specs, schemas, self._path, (*shared, *fields.items("parameters")), place
        )
        request = fields.optional("requestBody")
        body = None if request is None else read_body(specs, schemas, request, f"the body of {operation_id}")
        success, failures = self._responses(fields, operation_id)
        summary, description = fields.text("summary", ""), fields.text("description", "")
        fields.finish()
        return Operation(
            operation_id,
            *names,
            method,
            self._path,
            summary,
            description,
            parameters,
            body,
            success,
            failures,
            place.location,
        )

    def _responses(self, fields: Fields, operation_id: str) -> tuple[Response, Mapping[str, Response]]:
        fields.required("responses")
        successes: list[Response] = []
        failures: dict[str, Response] = {}
        for status, node in fields.mapping("responses").items():
            if status.startswith("x-"):
                continue
            if not re.fullmatch(r"[2-5]([0-9]{2}|XX)|default", status):
                sentence = (
                    f"'{status}' of {operation_id} is no status; write one such as '200', '4XX' or 'default'"
                )
                raise node.broken("bad-status", sentence)
            what = f"the answer {status} of {operation_id}"
            response = read_response(self._specs, self._schemas, status, node, what)
            if status.startswith("2"):
                successes.append(response)
            elif status.startswith("3"):
                raise node.broken(
                    "unsupported", f"{what} is a redirection; answer with 2xx and a Location header"
                )
            else:
                failures[status] = response
        if len(successes) != 1 or not successes[0].status.isdecimal():
            said = "no answer 2xx" if not successes else "more than one answer 2xx, or a range of them"
            sentence = (
                f"{operation_id} declares {said}; declare exactly one, which is what the method returns"
            )
            raise fields.key("responses").broken("success-response", sentence)
        return successes[0], failures


def _refuse_clashes(operations: list[Operation]) -> None:
    problems = Problems()
    seen: dict[str, tuple[str, Location]] = {}
    for operation in operations:
        if operation.method_name in seen:
            with problems.gathering():
                other, place = seen[operation.method_name]
                if other == operation.id:
                    sentence = f"the operationId {other} stands at {place} already; rename one of the two"
                    raise BrokenSpec.at(operation.location, "duplicate-operation-id", sentence)
                sentence = (
                    f"{operation.id} and {other} ({place}) would both be {operation.method_name}; rename one"
                )
                raise BrokenSpec.at(operation.location, "name-clash", sentence)
        seen.setdefault(operation.method_name, (operation.id, operation.location))
    problems.raise_if_any()


def _refuse_equal_paths(paths: Mapping[str, Node]) -> None:
    """Paths that differ only in the names of their parameters are one path (OpenAPI 3.1, Paths Object)."""
    seen: dict[str, str] = {}
    for path, node in paths.items():
        names = re.findall(r"\{([^{}]*)\}", path)
        other = seen.setdefault(re.sub(r"\{[^{}]*\}", "{}", path), path)
        if other != path:
            raise node.broken("bad-path", f"'{path}' is the same path as '{other}'; put them together")
        if len(set(names)) < len(names):
            raise node.broken("bad-path", f"'{path}' has a name twice; rename one")


def _check_links(specs: Specs, paths: Mapping[str, Node], known: set[str]) -> None:
    """A link (OpenAPI 3.1, Link Object) names an operation of this document."""
    for path in paths.values():
        item = specs.resolve(path)
        for method in _METHODS:
            operation = item.members.get(method) if isinstance(item, MappingNode) else None
            if operation is None:
                continue
            for response in Fields(specs, operation, "the operation").mapping("responses").values():
                for name, link in Fields(specs, response, "the answer").mapping("links").items():
                    fields = Fields(specs, link, f"the link {name}")
                    if "operationId" in fields.node.members and fields.text("operationId") not in known:
                        sentence = (
                            f"there is no operation {fields.text('operationId')}; name one of this document"
                        )
                        raise fields.required("operationId").broken("dangling-link", sentence)
