"""One version of all specs: what they mean, and where in the files it stands."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accord.findings import BrokenSpec, Location
from accord.model.contract import Contract
from accord.model.schemas import SchemaId
from accord.parsing.contract import read_contract
from accord.parsing.nodes import MappingNode, Node, SequenceNode
from accord.parsing.project import Project
from accord.parsing.references import shown
from accord.parsing.yaml import read_yaml

__all__ = ["Version", "labelled", "read_version"]


@dataclass(frozen=True)
class Version:
    """``label`` stands before the path of each place, as in ``v1.2:specs/shop.yaml``, if it is not empty."""

    contract: Contract
    project: Project
    label: str = ""
    _files: dict[str, Node | None] = field(default_factory=dict, repr=False)

    def place(self, location: Location) -> Location:
        """A place of the contract as people are to see it."""
        return labelled(location, self.project.root, self.label) if self.label else location

    def at(self, schema: SchemaId, path: tuple[str | int, ...]) -> Location:
        """Where something within a schema stands; the nearest place above it, if it stands nowhere itself."""
        steps = [step.replace("~1", "/").replace("~0", "~") for step in schema.pointer.split("/")[1:]]
        return self.place(self._walk(schema.file, [*steps, *path])[0])

    def found(self, file: str, path: tuple[str, ...], otherwise: Location) -> Location:
        """Where a path of a file leads, or another place of the contract if it leads nowhere."""
        location, node = self._walk(file, list(path))
        return self.place(otherwise if node is None else location)

    def told_at(self, location: Location) -> Any:
        """What a place of the contract says, as plain JSON types; None if nothing begins there."""
        folder = shown(self.project.specs)
        waiting = [self._file(location.path.removeprefix(folder).removeprefix("/"))]
        while waiting:
            node = waiting.pop()
            if isinstance(node, MappingNode):
                for name, below in node.members.items():
                    if node.keys.get(name) == location:
                        return below.plain
                waiting += node.members.values()
            elif isinstance(node, SequenceNode):
                waiting += node.items
            if node is not None and node.location == location:
                return node.plain
        return None

    def value(self, file: str, *path: str) -> Any:
        """What stands at a path of a file as plain JSON types; None if there is nothing."""
        _, node = self._walk(file, list(path))
        return None if node is None else node.plain

    def _walk(self, file: str, path: list[str | int]) -> tuple[Location, Node | None]:
        node = self._file(file)
        if node is None:
            return Location(shown(self.project.specs / file)), None
        location = node.location
        for step in path:
            below: Node | None = None
            if isinstance(node, MappingNode):
                below = node.members.get(str(step))
                location = node.keys.get(str(step), location)
            elif isinstance(node, SequenceNode) and str(step).isdigit() and int(step) < len(node.items):
                below = node.items[int(step)]
                location = below.location
            if below is None:
                return location, None
            node = below
        return location, node

    def _file(self, file: str) -> Node | None:
        if file not in self._files:
            path = self.project.specs / file
            try:
                self._files[file] = read_yaml(path, file, shown(path))
            except BrokenSpec:
                self._files[file] = None
        return self._files[file]


def labelled(location: Location, root: Path, label: str) -> Location:
    """A place below a folder that people do not know, by the name of the version that lies there."""
    path = location.path.removeprefix(shown(root)).removeprefix("/")
    return Location(f"{label}:{path}", location.line, location.column)


def read_version(project: Project, label: str = "") -> Version:
    """Read all specs of a project; raises `BrokenSpec`."""
    return Version(read_contract(project), project, label)
