"""What a schema is called: by its own name, by its title, or by where it stands."""

from urllib.parse import urldefrag

from accord.findings import BrokenSpec, Location
from accord.model.names import ClassName, IllegalName
from accord.parsing.nodes import MappingNode, Node
from accord.parsing.references import Specs
from accord.parsing.scopes import Scope

__all__ = ["class_name", "place_of"]

_CONTAINERS = frozenset(
    {"schemas", "$defs", "definitions", "messages", "messageTraits", "parameters", "headers"}
)
_SILENT = frozenset(
    {"components", "properties", "patternProperties", "schema", "dependentSchemas", "content"}
)
_SPOKEN = {"items": "item", "additionalProperties": "value", "prefixItems": "item", "not": "excluded"}


def class_name(specs: Specs, node: Node, scope: Scope, name: str, location: Location) -> ClassName:
    """The class of a schema; ``name`` is for one that has none of its own.

    Raises `BrokenSpec` where no identifier can be made of its name.
    """
    tokens = _tokens(node)
    named = name or (_own(node, tokens) if tokens else _stem(node.file))
    try:
        made = ClassName.of(named or "empty")
        for _, uri in scope.bindings:
            made = ClassName(f"{made}{_bound(specs, uri, node)}")
        return ClassName(f"{made}{scope.direction.title()}")
    except IllegalName as error:
        raise BrokenSpec.at(location, "illegal-name", f"{error}; rename the schema") from None


def place_of(root: Node, node: Node) -> Location:
    """Where the schema's name stands, if it has one; an editor should jump there."""
    tokens = _tokens(node)
    parent = root
    for token in tokens[:-1]:
        further = parent.members.get(token) if isinstance(parent, MappingNode) else None
        if further is None:
            return node.location
        parent = further
    named = isinstance(parent, MappingNode) and tokens and (tokens[-2:-1] or [""])[0] in _CONTAINERS
    return (
        parent.keys.get(tokens[-1], node.location)
        if named and isinstance(parent, MappingNode)
        else node.location
    )


def _own(node: Node, tokens: list[str]) -> str:
    start = max((i + 1 for i, token in enumerate(tokens[:-1]) if token in _CONTAINERS), default=0)
    rest = tokens[start:]
    if start and len(rest) == 1:
        return rest[0]
    said = [_SPOKEN.get(token, token) for token in rest if token not in _SILENT and not token.isdecimal()]
    owner = [] if start else [_stem(node.file)]
    return " ".join([*owner, *said])


def _bound(specs: Specs, uri: str, node: Node) -> str:
    resource = specs.identifiers.resources[uri]
    if specs.identifiers.base(node) == uri:
        return ""
    tokens = _tokens(resource)
    return ClassName.of(f"of {_own(resource, tokens) if tokens else _stem(urldefrag(uri).url)}")


def _stem(file: str) -> str:
    return file.rstrip("/").rpartition("/")[2].partition(".")[0] or file


def _tokens(node: Node) -> list[str]:
    return [token.replace("~1", "/").replace("~0", "~") for token in node.pointer.split("/")[1:]]
