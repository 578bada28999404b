"""Which part of a spec stands at a place in a file, so that findings meet what they speak of."""

from accord.findings import Location
from accord.parsing.nodes import MappingNode, Node, ScalarNode, SequenceNode
from accord.parsing.references import Specs

__all__ = ["Key", "Places", "key_of"]

Key = tuple[str, str]
"""A file, seen from the folder of specs, and a JSON Pointer into it."""


class Places:
    """All places of the specs that were read; a name and its value are one part."""

    def __init__(self, specs: Specs) -> None:
        self._nodes: dict[Location, Node] = {}
        waiting: list[Node] = list(specs.read)
        while waiting:
            node = waiting.pop()
            self._nodes.setdefault(node.location, node)
            if isinstance(node, MappingNode):
                for name, child in node.members.items():
                    # The name wins: an object begins where the name of its first member does.
                    self._nodes[node.keys.get(name, child.location)] = child
                    waiting.append(child)
            elif isinstance(node, SequenceNode):
                waiting.extend(node.items)

    def node(self, location: Location) -> Node | None:
        """What stands there; None if nothing begins at the place."""
        return self._nodes.get(location)

    def key(self, location: Location) -> Key | None:
        """The part that begins there."""
        node = self._nodes.get(location)
        return None if node is None else key_of(node)

    def owner(self, location: Location) -> Key | None:
        """The object that the text at a place belongs to: an operation is found by its operationId."""
        node = self._nodes.get(location)
        if isinstance(node, ScalarNode):
            return node.file, node.pointer.rpartition("/")[0]
        return self.key(location)


def key_of(node: Node) -> Key:
    """Where a node stands in its file."""
    return node.file, node.pointer
