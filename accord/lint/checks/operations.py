"""Operations of HTTP: what they are called, who may call them, and when they will be gone."""

import re
from collections import Counter
from collections.abc import Iterator

from accord.lint.http import WRITES, Operation
from accord.lint.inspection import Inspection
from accord.lint.remarks import Remark, on
from accord.lint.sources import Sources
from accord.parsing.nodes import MappingNode

__all__ = ["check"]

_READING = frozenset(
    {"get", "list", "read", "find", "search", "fetch", "query", "count", "show", "view", "describe", "lookup"}
)
_WRITING = frozenset(
    {"create", "add", "post", "insert", "put", "update", "replace", "patch", "set", "change", "modify"}
    | {"delete", "remove", "save", "store", "upload", "register", "upsert"}
)
_DELETING = frozenset({"delete", "remove"})
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_STYLES = {
    "camelCase": re.compile(r"[a-z][A-Za-z0-9]*"),
    "snake_case": re.compile(r"[a-z][a-z0-9_]*"),
    "kebab-case": re.compile(r"[a-z][a-z0-9-]*"),
    "PascalCase": re.compile(r"[A-Z][A-Za-z0-9]*"),
}
_LOOPBACK = re.compile(r"http://(localhost|127\.[0-9.]+|\[::1\]|\{)")


def check(inspection: Inspection) -> Iterator[Remark]:
    """All of it."""
    sources = inspection.sources
    for document in sources.openapi:
        own = [operation for operation in inspection.operations if operation.document is document]
        yield from _styles(sources, document, own)
        yield from _servers(sources, document)
        for operation in own:
            yield from _names(sources, operation)
            yield from _security(operation)
            yield from _sunset(sources, operation)


def _styles(sources: Sources, document: MappingNode, own: list[Operation]) -> Iterator[Remark]:
    """The style that most ids of a document have is its style."""
    ids = {operation: sources.text(operation.node, "operationId") for operation in own}
    fitting = {
        operation: [style for style, pattern in _STYLES.items() if pattern.fullmatch(id_)]
        for operation, id_ in ids.items()
        if id_
    }
    counted = Counter(style for styles in fitting.values() for style in styles)
    most = max(counted.values(), default=0)
    usual = next((style for style in _STYLES if counted[style] == most), "camelCase")
    for operation, styles in fitting.items():
        if usual not in styles:
            sentence = (
                f"the operationId '{ids[operation]}' is not written in {usual}, as most of this document"
            )
            yield operation.remark("operation-id-style", f"{sentence}; write it so", "operationId")


def _names(sources: Sources, operation: Operation) -> Iterator[Remark]:
    id_ = sources.text(operation.node, "operationId")
    if not id_:
        sentence = f"{operation.called} has no operationId, so its method is called after its path"
        yield operation.remark("operation-id-missing", f"{sentence}; name it")
        return
    verb = next(iter(_WORD.findall(id_)), "").lower()
    wrong = {
        "get": _WRITING,
        "head": _WRITING,
        "put": _READING | _DELETING,
        "patch": _READING | _DELETING,
        "post": _DELETING,
        "delete": _READING | (_WRITING - _DELETING),
    }
    if verb in wrong.get(operation.method, ()):
        sentence = f"'{id_}' says '{verb}', and {operation.method.upper()} does something else"
        yield operation.remark("operation-id-verb", f"{sentence}; rename it", "operationId")


def _security(operation: Operation) -> Iterator[Remark]:
    said = "security" in operation.node.members or "security" in operation.document.members
    if operation.method in WRITES and not said:
        sentence = f"{operation.called} changes something, and nothing says who may do that"
        yield operation.remark("security-missing", f"{sentence}; add 'security', '[]' if everybody may")


def _sunset(sources: Sources, operation: Operation) -> Iterator[Remark]:
    if sources.value(operation.node, "deprecated") is True and "x-sunset" not in operation.node.members:
        sentence = f"{operation.called} is deprecated, and nothing says until when it stays"
        yield operation.remark("sunset-missing", f"{sentence}; add 'x-sunset' with a date", "deprecated")


def _servers(sources: Sources, document: MappingNode) -> Iterator[Remark]:
    for server in sources.items(document, "servers"):
        address = sources.get(server, "url")
        url = sources.text(address)
        if address is not None and url.startswith("http://") and not _LOOPBACK.match(url):
            sentence = f"{url} sends everything in the clear; serve it over https"
            yield on(address, "server-in-the-clear", sentence)
