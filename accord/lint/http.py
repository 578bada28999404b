"""OpenAPI documents as the checks walk through them: operations, parameters, contents."""

from collections.abc import Iterator
from dataclasses import dataclass

from accord.lint.remarks import Remark, on_key
from accord.lint.sources import Sources
from accord.parsing.links import METHODS
from accord.parsing.nodes import MappingNode, Node

__all__ = ["WRITES", "Content", "Operation", "contents", "operations"]

WRITES = ("post", "put", "patch", "delete")
"""Methods that change something (RFC 9110, section 9.2.1: those that are not safe)."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; ``item`` is the Path Item Object that holds it, ``parameters`` are those of both."""

    document: MappingNode
    path: str
    method: str
    item: MappingNode
    node: MappingNode
    parameters: tuple[MappingNode, ...]

    @property
    def called(self) -> str:
        """As sentences name it."""
        return f"{self.method.upper()} {self.path}"

    @property
    def collection(self) -> bool:
        """Whether the path does not end with one thing of many."""
        return not self.path.rstrip("/").endswith("}")

    def remark(self, rule: str, sentence: str, key: str = "") -> Remark:
        """About the operation, at its method, or at a member of it that is there."""
        if key in self.node.members:
            return on_key(self.node, key, rule, sentence)
        return on_key(self.item, self.method, rule, sentence)


@dataclass(frozen=True, slots=True)
class Content:
    """A Media Type Object; ``status`` is that of the answer, empty for a request."""

    media_type: str
    node: MappingNode
    status: str = ""

    @property
    def schema(self) -> Node | None:
        """The schema as it stands."""
        return self.node.members.get("schema")


def operations(sources: Sources) -> Iterator[Operation]:
    """Every operation of every document."""
    for document in sources.openapi:
        for _, path, item in sources.entries(document, "paths"):
            shared = sources.items(item, "parameters")
            for method in METHODS:
                node = sources.object(item, method)
                if node is not None:
                    nodes = (sources.object(each) for each in (*shared, *sources.items(node, "parameters")))
                    parameters = tuple(each for each in nodes if each is not None)
                    yield Operation(document, path, method, item, node, parameters)


def contents(sources: Sources, operation: Operation) -> Iterator[Content]:
    """Everything that requests and answers of an operation consist of."""
    for _, media_type, node in sources.entries(operation.node, "requestBody", "content"):
        yield Content(media_type, node)
    for _, status, response in sources.entries(operation.node, "responses"):
        for _, media_type, node in sources.entries(response, "content"):
            yield Content(media_type, node, status)
