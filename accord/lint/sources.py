"""What all checks look at: the files of a project, as text and as meaning."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from accord.parsing.contract import Reading
from accord.parsing.nodes import MappingNode, Node, ScalarNode, SequenceNode
from accord.parsing.project import Project

__all__ = ["Sources"]


class Sources:
    """A project that was read, so that every reference leads somewhere and every schema is one."""

    def __init__(self, project: Project, reading: Reading) -> None:
        self.project = project
        self.reading = reading
        self.specs = reading.specs

    @cached_property
    def files(self) -> tuple[MappingNode, ...]:
        """The root of every file that the specs consist of."""
        return self.specs.read

    @cached_property
    def openapi(self) -> tuple[MappingNode, ...]:
        """The roots of the OpenAPI documents."""
        return self._roots([service.openapi for service in self.project.services])

    @cached_property
    def asyncapi(self) -> tuple[MappingNode, ...]:
        """The roots of the AsyncAPI documents."""
        return self._roots([service.asyncapi for service in self.project.services])

    def _roots(self, names: list[str | None]) -> tuple[MappingNode, ...]:
        return tuple(self.specs.root(name) for name in dict.fromkeys(names) if name is not None)

    def get(self, node: Node | None, *path: str) -> Node | None:
        """What stands at a path, references followed at each step; None if there is nothing."""
        for step in ("", *path):
            if step and isinstance(node, MappingNode):
                node = node.members.get(step)
            elif step:
                return None
            if node is not None:
                node = self.specs.resolve(node)
        return node

    def object(self, node: Node | None, *path: str) -> MappingNode | None:
        """Like `get`, for an object."""
        found = self.get(node, *path)
        return found if isinstance(found, MappingNode) else None

    def entries(self, node: Node | None, *path: str) -> Iterator[tuple[MappingNode, str, MappingNode]]:
        """Each object within an object, with its owner and name; extensions are passed over."""
        owner = self.object(node, *path)
        for name, member in owner.members.items() if owner is not None else ():
            value = self.object(member) if not name.startswith("x-") else None
            if owner is not None and value is not None:
                yield owner, name, value

    def items(self, node: Node | None, *path: str) -> tuple[Node, ...]:
        """The items of a list as they stand; empty if there is none."""
        found = self.get(node, *path)
        return found.items if isinstance(found, SequenceNode) else ()

    def value(self, node: Node | None, *path: str) -> Any:
        """A text, number or boolean; None for all else."""
        found = self.get(node, *path)
        return found.value if isinstance(found, ScalarNode) else None

    def text(self, node: Node | None, *path: str) -> str:
        """A text; empty if there is none."""
        found = self.value(node, *path)
        return found if isinstance(found, str) else ""
