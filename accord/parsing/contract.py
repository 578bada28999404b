"""The whole contract of a project, from all of its specs."""

from accord.findings import Problems
from accord.model.contract import Contract, Service
from accord.model.names import ClassName, MemberName
from accord.parsing.asyncapi import EventApi, read_asyncapi
from accord.parsing.nodes import MappingNode, Node, SequenceNode
from accord.parsing.openapi import HttpApi, read_openapi
from accord.parsing.project import Project
from accord.parsing.references import Specs, target_of
from accord.parsing.schemas import SchemaReader

__all__ = ["read_contract"]

_DATA = frozenset({"example", "examples", "default", "const", "enum"})
"""Members that hold values, not descriptions; a ``$ref`` in there would be a value too."""


def read_contract(project: Project) -> Contract:
    """Read every spec; raises one `BrokenSpec` with all that could be found in one go."""
    specs = Specs(project.specs)
    reader = SchemaReader(specs)
    files = [
        project.common,
        *(file for service in project.services for file in (service.openapi, service.asyncapi)),
    ]
    problems = Problems()
    for file in files:
        with problems.gathering():
            specs.root(file)
    problems.raise_if_any()
    for root in specs.read:
        _check_references(specs, root, problems)
    problems.raise_if_any()
    for file in files:
        with problems.gathering():
            reader.read_all(file)
    problems.raise_if_any()
    reader.check()
    http: dict[str, HttpApi] = {}
    events: dict[str, EventApi] = {}
    for service in project.services:
        with problems.gathering():
            http[service.name] = read_openapi(specs, reader, service.openapi)
        with problems.gathering():
            events[service.name] = read_asyncapi(specs, reader, service.asyncapi)
    problems.raise_if_any()
    reader.check()
    services = tuple(
        Service(
            service.name,
            MemberName.of(service.name),
            ClassName.of(service.name),
            service.openapi,
            service.asyncapi,
            http[service.name].title,
            http[service.name].summary,
            http[service.name].operations,
            events[service.name].sends,
            events[service.name].receives,
            events[service.name].keeps,
        )
        for service in project.services
    )
    return Contract(project.common, services, reader.named)


def _check_references(specs: Specs, node: Node, problems: Problems) -> None:
    """Follow every ``$ref`` of a file, used or not, so that none of them dangles."""
    if isinstance(node, SequenceNode):
        for item in node.items:
            _check_references(specs, item, problems)
    if not isinstance(node, MappingNode):
        return
    with problems.gathering():
        target = target_of(node) if not node.pointer.endswith("/properties") else None
        if target is not None:
            specs.follow(target)
    for name, child in node.members.items():
        if not (name in _DATA and not node.pointer.endswith("/properties")) and not name.startswith("x-"):
            _check_references(specs, child, problems)
