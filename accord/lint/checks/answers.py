"""Answers of HTTP: that there is one for success and for failure, and that failures are problems."""

from collections.abc import Iterator

from accord.lint.http import Operation
from accord.lint.inspection import Inspection
from accord.lint.meaning import parts, types_of
from accord.lint.remarks import Remark, on_key
from accord.lint.sources import Sources
from accord.parsing.nodes import MappingNode, Node

__all__ = ["check"]

_PROBLEM = ("application/problem+json", "application/problem+xml")
_PAGING = frozenset(
    {"limit", "cursor", "page", "offset", "per_page", "page_size", "size", "after", "before", "token"}
    | {"page_token", "skip", "top", "first", "last", "count", "max_results", "starting_after", "marker"}
)
_LISTS = ("items", "data", "results", "values", "entries", "content", "records")


def check(inspection: Inspection) -> Iterator[Remark]:
    """All of it."""
    sources = inspection.sources
    for operation in inspection.operations:
        statuses = {status: node for _, status, node in sources.entries(operation.node, "responses")}
        yield from _statuses(operation, list(statuses))
        yield from _problems(sources, operation, statuses)
        if operation.method == "get" and operation.collection:
            yield from _paging(sources, operation, statuses)


def _statuses(operation: Operation, statuses: list[str]) -> Iterator[Remark]:
    if not any(status[0] in "123" for status in statuses):
        sentence = f"{operation.called} has no answer for success; declare the 2xx that it gives"
        yield operation.remark("success-missing", sentence, "responses")
    if not any(status[0] in "45" or status == "default" for status in statuses):
        sentence = f"{operation.called} declares no failure; add the 4xx that it gives, or 'default'"
        yield operation.remark("failure-missing", sentence, "responses")


def _problems(sources: Sources, operation: Operation, statuses: dict[str, MappingNode]) -> Iterator[Remark]:
    success = any(status[0] in "123" for status in statuses)
    for status, response in statuses.items():
        failure = status[0] in "45" or (status == "default" and success)
        types = [
            media_type.partition(";")[0].strip().lower()
            for _, media_type, _ in sources.entries(response, "content")
        ]
        if failure and operation.method != "head" and not any(each in _PROBLEM for each in types):
            sentence = f"the answer {status} is no problem of RFC 9457; give it application/problem+json"
            owner = sources.object(operation.node, "responses")
            if owner is not None and owner.members[status] is response and "content" not in response.members:
                yield on_key(owner, status, "problem-missing", sentence)
            else:
                yield on_key(response, "content", "problem-missing", sentence)


def _paging(sources: Sources, operation: Operation, statuses: dict[str, MappingNode]) -> Iterator[Remark]:
    names = {sources.text(parameter, "name").lower().replace("-", "_") for parameter in operation.parameters}
    words = {name.rpartition("[")[2].rstrip("]") for name in names}
    if words & _PAGING:
        return
    for status, response in statuses.items():
        for _, _, content in sources.entries(response, "content"):
            schema = content.members.get("schema")
            if status.startswith("2") and schema is not None and _is_list(sources, schema):
                sentence = f"{operation.called} answers a list, and nothing asks for a part of it"
                yield operation.remark(
                    "paging-missing", f"{sentence}; add parameters such as limit and cursor"
                )
                return


def _is_list(sources: Sources, schema: Node) -> bool:
    found = [part.node for part in parts(sources, schema)]
    if any("array" in types_of(node) for node in found):
        return True
    return any(
        "array" in types_of(part.node)
        for node in found
        for name in _LISTS
        if (member := node.members.get("properties")) is not None
        and isinstance(member, MappingNode)
        and name in member.members
        for part in parts(sources, member.members[name])
    )
