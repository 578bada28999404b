"""Nodes: parsed YAML in which every value knows its file, line, column and JSON pointer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from accord.findings import BrokenSpec, Location

__all__ = ["MappingNode", "Node", "Scalar", "ScalarNode", "SequenceNode", "escape"]

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """``file`` is the name within the folder of specs; ``pointer`` an RFC 6901 pointer below its root."""

    file: str
    pointer: str
    location: Location

    @property
    def plain(self) -> Any:
        """The value as plain JSON types."""
        raise NotImplementedError

    @property
    def kind(self) -> str:
        """What an author would call it."""
        raise NotImplementedError

    def broken(self, rule: str, sentence: str) -> BrokenSpec:
        """An error about this very place, to be raised."""
        return BrokenSpec.at(self.location, rule, sentence)


@dataclass(frozen=True, slots=True, eq=False)
class ScalarNode(Node):
    """Text, number, boolean or null by the core schema of YAML 1.2: ``no`` and ``2026-01-05`` are text."""

    value: Scalar

    @property
    def plain(self) -> Scalar:
        return self.value

    @property
    def kind(self) -> str:
        names = {str: "text", bool: "a boolean", int: "a whole number", float: "a number"}
        return names.get(type(self.value), "null")


@dataclass(frozen=True, slots=True, eq=False)
class SequenceNode(Node):
    """A list."""

    items: tuple[Node, ...]

    @property
    def plain(self) -> list[Any]:
        return [item.plain for item in self.items]

    @property
    def kind(self) -> str:
        return "a list"


@dataclass(frozen=True, slots=True, eq=False)
class MappingNode(Node):
    """An object; ``keys`` tells where each key stands, since that is where an editor should jump."""

    members: Mapping[str, Node]
    keys: Mapping[str, Location] = field(default_factory=dict)

    @property
    def plain(self) -> dict[str, Any]:
        return {name: member.plain for name, member in self.members.items()}

    @property
    def kind(self) -> str:
        return "an object"


def escape(token: str) -> str:
    """One reference token of a JSON pointer (RFC 6901, section 3)."""
    return token.replace("~", "~0").replace("/", "~1")
