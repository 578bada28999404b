"""The whole contract of a project, from all of its specs."""

from dataclasses import dataclass

from accord.findings import Problems
from accord.model.contract import Contract, Service
from accord.model.names import ClassName, MemberName
from accord.parsing.asyncapi import EventApi, read_asyncapi
from accord.parsing.cycles import refuse_cycles
from accord.parsing.formats import readable
from accord.parsing.nodes import MappingNode, Node, ScalarNode, SequenceNode
from accord.parsing.openapi import HttpApi, read_openapi
from accord.parsing.project import Project, ServiceSettings
from accord.parsing.references import Specs, target_of
from accord.parsing.schemas import SchemaReader

__all__ = ["Reading", "read_contract", "read_project"]

_DATA = frozenset({"example", "examples", "default", "const", "enum"})
"""Members that hold values, not descriptions; a ``$ref`` in there would be a value too."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A contract with the files that it was read from, for whoever looks at their text too."""

    contract: Contract
    specs: Specs
    schemas: SchemaReader


def read_contract(project: Project) -> Contract:
    """Read every spec; raises one `BrokenSpec` with all that could be found in one go.

    What is not supported is left out, and said in the contract's findings.
    """
    return read_project(project).contract


def read_project(project: Project) -> Reading:
    """Like `read_contract`."""
    specs = Specs(project.specs, project.outside, project.remotes)
    reader = SchemaReader(specs)
    files = [file for service in project.services for file in service.files]
    problems = Problems()
    for file in files:
        with problems.gathering():
            specs.root(file)
    problems.raise_if_any()
    checked: set[str] = set()
    while unchecked := [root for root in specs.read if root.file not in checked]:
        for root in unchecked:
            checked.add(root.file)
            _check_references(specs, root, problems)
    problems.raise_if_any()
    for file in [*files, *(root.file for root in specs.read if root.file not in files)]:
        with problems.gathering():
            reader.read_all(file)
    problems.raise_if_any()
    refuse_cycles(reader.named)
    http: dict[str, HttpApi] = {}
    events: dict[str, EventApi] = {}
    for service in project.services:
        with problems.gathering():
            if service.openapi is not None:
                http[service.name] = read_openapi(specs, reader, service.openapi)
        with problems.gathering():
            if service.asyncapi is not None:
                events[service.name] = read_asyncapi(specs, reader, service.asyncapi)
    problems.raise_if_any()
    refuse_cycles(reader.named)
    services = tuple(_service(s, http.get(s.name), events.get(s.name)) for s in project.services)
    contract = Contract(services, reader.named, tuple(sorted(set(specs.warnings))))
    return Reading(contract, specs, reader)


def _service(settings: ServiceSettings, http: HttpApi | None, events: EventApi | None) -> Service:
    return Service(
        settings.name,
        MemberName.of(settings.name),
        ClassName.of(settings.name),
        settings.openapi,
        settings.asyncapi,
        http.title if http else events.title if events else settings.name,
        http.summary if http else "",
        http.operations if http else (),
        events.sends if events else (),
        events.receives if events else (),
        events.keeps if events else (),
        http.server if http else None,
        http.schemes if http else (),
        events.channels if events else (),
        events.group_ids if events else {},
        events.client_ids if events else {},
    )


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
    foreign = _foreign(node)
    for name, child in node.members.items():
        values = name in _DATA and not node.pointer.endswith("/properties")
        if not values and not name.startswith("x-") and name not in foreign:
            _check_references(specs, child, problems)


def _foreign(node: MappingNode) -> tuple[str, ...]:
    """Members in a language of their own, whose references mean something else, such as Avro's."""
    if _is_foreign(node):
        return ("schema", "payload", "bindings")
    payload = node.members.get("payload")
    return ("bindings",) if isinstance(payload, MappingNode) and _is_foreign(payload) else ()


def _is_foreign(node: MappingNode) -> bool:
    said = node.members.get("schemaFormat")
    return isinstance(said, ScalarNode) and isinstance(said.value, str) and not readable(said.value)
