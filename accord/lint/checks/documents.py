"""Documents as a whole: versions, descriptions, and components that nothing refers to."""

import re
from collections.abc import Iterator

from accord.lint.inspection import Inspection
from accord.lint.meaning import parts
from accord.lint.remarks import Remark, on_key
from accord.lint.sources import Sources
from accord.parsing.nodes import MappingNode, Node, SequenceNode
from accord.parsing.references import target_of

__all__ = ["check"]

_SEMANTIC = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z.-]+)?"
)
"""Semantic Versioning 2.0.0, without its ban on leading zeros in what follows the '-'."""
_BY_NAME = ("securitySchemes", "servers", "serverVariables")
"""Components that are named, not referred to."""
_TOLD = ("description", "summary", "title")
_DATA = frozenset({"example", "examples", "default", "const", "enum"})
"""Members that hold values, unless they stand where members are named freely."""
_NAMED = ("properties", "patternProperties", "responses")


def check(inspection: Inspection) -> Iterator[Remark]:
    """All of it."""
    sources = inspection.sources
    for root in (*sources.openapi, *sources.asyncapi):
        yield from _version(sources, root)
    yield from _undescribed(inspection)
    yield from _unused(sources)


def _version(sources: Sources, root: MappingNode) -> Iterator[Remark]:
    info = sources.object(root, "info")
    version = sources.value(info, "version")
    if info is not None and not _SEMANTIC.fullmatch(str(version)):
        said = "has no version" if version is None else f"has the version '{version}'"
        sentence = f"the document {said}, so nobody can tell what changed; write one such as 1.4.0"
        yield on_key(info, "version", "version-not-semantic", sentence)


def _undescribed(inspection: Inspection) -> Iterator[Remark]:
    sources = inspection.sources

    def told(node: MappingNode) -> bool:
        return any(sources.text(node.members.get(name)).strip() for name in _TOLD)

    for root in (*sources.openapi, *sources.asyncapi):
        info = sources.object(root, "info")
        if info is not None and not any(sources.text(info, name) for name in ("description", "summary")):
            sentence = "nothing says what the whole is for; add a 'description' to 'info'"
            yield on_key(root, "info", "description-missing", sentence)
    for operation in inspection.operations:
        if not told(operation.node):
            sentence = f"nothing says what {operation.called} does; add a 'summary'"
            yield operation.remark("description-missing", sentence)
        for parameter in operation.parameters:
            if not told(parameter):
                sentence = f"nothing says what the parameter {sources.text(parameter, 'name')} is for"
                yield on_key(parameter, "name", "description-missing", f"{sentence}; add a 'description'")
    for channel in inspection.channels:
        if not told(channel.node):
            sentence = f"nothing says what the channel '{channel.name}' carries; add a 'description'"
            yield on_key(channel.owner, channel.name, "description-missing", sentence)
    for message in inspection.messages:
        if not told(message.node):
            sentence = f"nothing says what '{message.name}' tells; add a 'summary'"
            yield message.remark("description-missing", sentence)
    for root in sources.files:
        for owner, name, node in sources.entries(root, "components", "schemas"):
            if target_of(owner.members[name]) is None and not told(node):
                sentence = f"nothing says what '{name}' is; add a 'description'"
                yield on_key(owner, name, "description-missing", sentence)


def _unused(sources: Sources) -> Iterator[Remark]:
    used = {component for root in sources.files for component in _referred(sources, root)}
    for root in sources.files:
        for _, kind, components in sources.entries(root, "components"):
            for name in components.members if kind not in _BY_NAME else ():
                named = (root.file, kind, name) in used or _is_variant(sources, components.members[name])
                if not named and not name.startswith("x-"):
                    sentence = f"nothing refers to '{name}' of {kind}; remove it, or use it"
                    yield on_key(components, name, "unused-component", sentence)


def _is_variant(sources: Sources, node: Node) -> bool:
    """Whether it is chosen by name: it extends a schema with a ``discriminator``."""
    return any(part.says("discriminator") for part in parts(sources, node) if not part.own)


_Component = tuple[str, str, str]
"""File, kind and name."""


def _referred(sources: Sources, root: MappingNode) -> Iterator[_Component]:
    """The components that a file refers to, from elsewhere than from within themselves."""
    waiting: list[tuple[Node, bool]] = [(root, False)]
    while waiting:
        node, named = waiting.pop()
        if isinstance(node, SequenceNode):
            waiting += [(item, False) for item in node.items]
        if not isinstance(node, MappingNode):
            continue
        reference = None if named else target_of(node)
        if reference is not None:
            found = _component(sources.specs.follow(reference))
            if found is not None and found != _component(node):
                yield found
        mapping = (
            sources.object(node, "discriminator", "mapping") if not named and reference is None else None
        )
        for name in mapping.members if mapping is not None else ():
            told = sources.text(mapping, name)
            yield (root.file, "schemas", told.rpartition("/")[2])
        for name, child in node.members.items():
            if (named or name not in _DATA) and not name.startswith("x-"):
                waiting.append((child, not named and name in _NAMED))
            elif name == "examples" and isinstance(child, MappingNode):
                waiting += [(item, False) for item in child.members.values() if target_of(item) is not None]


def _component(node: Node) -> _Component | None:
    tokens = node.pointer.split("/")
    if len(tokens) < 4 or tokens[1] != "components":
        return None
    return node.file, tokens[2], tokens[3].replace("~1", "/").replace("~0", "~")
