"""Reading the members of an object strictly: wrong kinds and unknown members are errors with a place."""

from collections.abc import Iterator, Mapping
from typing import Any

from accord.parsing.nodes import MappingNode, Node, ScalarNode, SequenceNode
from accord.parsing.references import Specs

__all__ = ["Fields"]


class Fields:
    """The members of one object of a spec; references are followed.

    Ask for each member that means something, name those that mean nothing here, then call `finish`: what is
    left is something that Accord does not know, and is refused rather than skipped. Members ``x-…`` are free.
    """

    def __init__(self, specs: Specs, node: Node, what: str) -> None:
        self._specs = specs
        self.what = what
        resolved = specs.resolve(node)
        if not isinstance(resolved, MappingNode):
            raise resolved.broken("bad-shape", f"{what} is {resolved.kind}; it must be an object")
        self.node = resolved
        self._asked: set[str] = set()

    def optional(self, name: str) -> Node | None:
        """The member as it stands, references included."""
        self._asked.add(name)
        return self.node.members.get(name)

    def required(self, name: str) -> Node:
        """Like `optional`, for a member that must be there."""
        member = self.optional(name)
        if member is None:
            raise self.node.broken("missing-member", f"{self.what} has no '{name}'; add it")
        return member

    def text(self, name: str, default: str | None = None) -> str:
        """A text; required unless there is a default."""
        value = self._scalar(name, str, "a text", default)
        return str(value)

    def integer(self, name: str, default: int) -> int:
        """A whole number."""
        return int(self._scalar(name, int, "a whole number", default))

    def boolean(self, name: str, default: bool) -> bool:
        """A boolean."""
        return bool(self._scalar(name, bool, "a boolean", default))

    def mapping(self, name: str) -> Mapping[str, Node]:
        """The members of an object; empty if it is not there."""
        node = self.optional(name)
        return {} if node is None else Fields(self._specs, node, f"'{name}' of {self.what}").node.members

    def items(self, name: str) -> tuple[Node, ...]:
        """The items of a list; empty if it is not there."""
        node = self.optional(name)
        if node is None:
            return ()
        resolved = self._specs.resolve(node)
        if not isinstance(resolved, SequenceNode):
            raise resolved.broken(
                "bad-shape", f"'{name}' of {self.what} is {resolved.kind}; it must be a list"
            )
        return resolved.items

    def key(self, name: str) -> Node:
        """A node whose location is that of the member's name; for findings about the member as a whole."""
        place = self.node.keys.get(name, self.node.location)
        return ScalarNode(self.node.file, self.node.pointer, place, name)

    def ignore(self, *names: str) -> None:
        """Members that are for people, or that other tools read."""
        self._asked.update(names)

    def unsupported(self, **remedies: str) -> None:
        """Members that the specification knows and Accord leaves out; each is a warning with a remedy."""
        self._asked.update(remedies)
        for name, remedy in remedies.items():
            if name in self.node.members:
                sentence = f"{self.what} has '{name}', which Accord leaves out; {remedy}"
                self.warn(self.key(name), "unsupported", sentence)

    def warn(self, place: Node, rule: str, sentence: str) -> None:
        """Say what is left out, or has another effect than its author may think, and go on."""
        self._specs.warn(place.location, rule, sentence)

    def unknown(self) -> Iterator[str]:
        """Names that nobody has asked for."""
        return (name for name in self.node.members if name not in self._asked and not name.startswith("x-"))

    def finish(self) -> None:
        """Refuse what nobody has asked for."""
        for name in self.unknown():
            sentence = (
                f"{self.what} has '{name}', which Accord does not know; remove it, or name it 'x-{name}'"
            )
            raise self.key(name).broken("unknown-member", sentence)

    def _scalar(self, name: str, kind: type, called: str, default: Any) -> Any:
        node = self.optional(name)
        if node is None:
            if default is None:
                self.required(name)
            return default
        value = node.plain
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise node.broken("bad-shape", f"'{name}' of {self.what} is {node.kind}; it must be {called}")
        return value
