"""OpenAPI 3.0 and 3.1: a whole document."""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace

from accord.findings import BrokenSpec, Problems
from accord.model.http import Operation, Response, Scheme
from accord.model.names import ClassName, ConstantName, MemberName, Spelling
from accord.parsing.fields import Fields
from accord.parsing.links import check_links
from accord.parsing.paths import Document, read_path, refuse_equal_paths
from accord.parsing.references import Specs
from accord.parsing.schemas import SchemaReader
from accord.parsing.security import read_schemes, read_security
from accord.parsing.servers import read_server
from accord.parsing.statuses import words_of_status
from accord.parsing.unsupported import leaving_out

__all__ = ["HttpApi", "read_openapi"]

_VERSION = re.compile(r"3\.[01]\.[0-9]+(-\w+)?")


@dataclass(frozen=True, slots=True)
class HttpApi:
    """What one OpenAPI document says; ``server`` is where it says the service is, if that is absolute."""

    title: str
    summary: str
    operations: tuple[Operation, ...]
    server: str | None
    schemes: tuple[Scheme, ...]


def read_openapi(specs: Specs, schemas: SchemaReader, file: str) -> HttpApi:
    """Read the document ``file``; raises `BrokenSpec` with everything that is wrong in it."""
    fields = Fields(specs, specs.root(file), "the document")
    _check_version(fields)
    fields.ignore("tags", "externalDocs", "components", "jsonSchemaDialect")
    fields.unsupported(webhooks="describe events in an AsyncAPI document")
    info = Fields(specs, fields.required("info"), "'info'")
    title, summary = info.text("title"), info.text("summary", "") or info.text("description", "")
    schemes = read_schemes(specs, fields)
    security = read_security(specs, fields, schemes)
    server = read_server(specs, fields)
    if (
        fields.text("openapi").startswith("3.0")
        or not {"webhooks", "components"} & fields.node.members.keys()
    ):
        fields.required("paths")
    paths = {path: node for path, node in fields.mapping("paths").items() if not path.startswith("x-")}
    fields.finish()

    document = Document(specs, schemas, schemes, security)
    problems = Problems()
    operations: list[Operation] = []
    for path, node in paths.items():
        with problems.gathering(), leaving_out(specs, f"the path {path}"):
            operations += read_path(document, path, node, problems)
    with problems.gathering():
        operations = _distinct(operations, {scheme.constant for scheme in schemes.values()})
    with problems.gathering():
        refuse_equal_paths(paths)
    problems.raise_if_any()
    check_links(specs, paths)
    taken = {str(schema.class_name) for schema in schemas.named.values()}
    named = tuple(_with_results(operation, taken) for operation in operations)
    used = {r.scheme.name for o in named for requirements in o.security for r in requirements}
    return HttpApi(title, summary, named, server, tuple(s for name, s in schemes.items() if name in used))


def _check_version(fields: Fields) -> None:
    if "openapi" not in fields.node.members:
        said = fields.node.members.get("swagger")
        remedy = "convert the document to OpenAPI 3" if said else "begin with 'openapi: 3.1.0'"
        raise (said or fields.node).broken("unknown-version", f"names no version of OpenAPI; {remedy}")
    version = fields.text("openapi")
    if not _VERSION.fullmatch(version):
        sentence = f"is OpenAPI {version}; Accord reads 3.0.x and 3.1.x, so convert the document"
        raise fields.required("openapi").broken("unknown-version", sentence)


def _distinct(operations: Iterable[Operation], schemes: Container[str]) -> list[Operation]:
    """Where operations would be one method, the later ones are called by method and path too, not by number.

    Their constants stand beside those of ``schemes``, and beside the class UUID.

    Raises `BrokenSpec` for an operationId that stands there twice.
    """
    problems = Problems()
    found: dict[str, Operation] = {}
    for operation in operations:
        other = found.get(operation.method_name)
        if other is not None and other.id == operation.id:
            sentence = f"the operationId {other.id} stands at {other.location} already; rename one of the two"
            problems.findings += BrokenSpec.at(
                operation.location, "duplicate-operation-id", sentence
            ).findings
            continue
        if other is not None:
            operation = next(one for one in _spelt_out(operation) if one.method_name not in found)  # noqa: PLW2901
        if operation.constant in schemes or operation.constant == "UUID":
            operation = replace(operation, constant=ConstantName(f"{operation.constant}_OPERATION"))  # noqa: PLW2901
        found[operation.method_name] = operation
    problems.raise_if_any()
    return list(found.values())


def _spelt_out(operation: Operation) -> Iterator[Operation]:
    """The operation under ever longer names; the last one is like no other's, since its path is not."""
    place = f"{operation.http_method} {operation.path}"
    name = place if operation.id == place else f"{operation.id} {place}"
    for spelling in Spelling:
        yield replace(
            operation,
            method_name=MemberName.of(name, spelling),
            class_name=ClassName.of(name, spelling),
            constant=ConstantName.of(name, spelling),
        )


def _with_results(operation: Operation, taken: set[str]) -> Operation:
    """Name the classes of answers that are more than a body, each by the words of its status."""
    several = len(operation.results) > 1
    responses = []
    for response in operation.responses:
        wrapped = several or response.headers or response.names_type or _says_status(response)
        word = ClassName.of(words_of_status(response.status)) if several else "Response"
        name = None if response.failure or not wrapped else _free(f"{operation.class_name}{word}", taken)
        responses.append(replace(response, class_name=name))
    return replace(operation, responses=tuple(responses))


def _says_status(response: Response) -> bool:
    """Whether the status is news; an operation without any declared answer is done when it is done."""
    return response.names_status and bool(response.description)


def _free(name: str, taken: set[str]) -> ClassName:
    made = next(
        candidate for candidate in (name, f"{name}Result", f"{name}ResultOf") if candidate not in taken
    )
    taken.add(made)
    return ClassName(made)
