"""Remarks: what a rule says of one place of a spec, before settings decide how much it counts."""

from dataclasses import dataclass

from accord.findings import Location
from accord.parsing.nodes import MappingNode, Node, escape

__all__ = ["Remark", "on", "on_key"]


@dataclass(frozen=True, slots=True, order=True)
class Remark:
    """``at`` is ``file#pointer``, the file as seen from the folder of specs; ignores name it."""

    location: Location
    rule: str
    sentence: str
    at: str


def on(node: Node, rule: str, sentence: str) -> Remark:
    """A remark about a value."""
    return Remark(node.location, rule, sentence, f"{node.file}#{node.pointer}")


def on_key(owner: MappingNode, key: str, rule: str, sentence: str) -> Remark:
    """A remark about a member, placed at its name; about the object where it has no such member."""
    if key not in owner.members:
        return on(owner, rule, sentence)
    location = owner.keys.get(key, owner.members[key].location)
    return Remark(location, rule, sentence, f"{owner.file}#{owner.pointer}/{escape(key)}")
