"""Traits of AsyncAPI: what several messages or operations share, merged into each of them."""

from collections.abc import Mapping

from accord.findings import Location
from accord.parsing.fields import Fields
from accord.parsing.nodes import MappingNode, Node, ScalarNode
from accord.parsing.references import Specs

__all__ = ["with_traits"]


def with_traits(specs: Specs, node: Node, what: str, *, traits_win: bool) -> MappingNode:
    """Merge the traits of an object into it, in their order, as a JSON Merge Patch does (RFC 7386).

    A member of a trait replaces that of the object in AsyncAPI 2 (``traits_win``), and never does in AsyncAPI
    3 (Traits Merge Mechanism). A null takes away what it meets; where it meets nothing it stays, since a
    schema may say ``const: null``.
    """
    fields = Fields(specs, node, what)
    traits = fields.items("traits")
    own = _without(fields.node, "traits")
    if not traits:
        return own
    read = [Fields(specs, trait, f"a trait of {what}").node for trait in traits]
    if traits_win:
        for trait in read:
            own = _merged(specs, own, trait, second_wins=True)
        return own
    every = read[0]
    for trait in read[1:]:
        every = _merged(specs, every, trait, second_wins=True)
    return _merged(specs, own, every, second_wins=False)


def _merged(specs: Specs, first: MappingNode, second: MappingNode, *, second_wins: bool) -> MappingNode:
    """The members of both, in the order of the first, whose place the result has."""
    members: dict[str, Node] = dict(first.members)
    keys: dict[str, Location] = dict(first.keys)
    for name, value in second.members.items():
        met = members.get(name)
        if met is None:
            members[name], keys[name] = value, second.keys.get(name, value.location)
            continue
        winner = value if second_wins else met
        if isinstance(winner, ScalarNode) and winner.value is None:
            del members[name]
            continue
        one, other = specs.resolve(met), specs.resolve(value)
        if one is not other and isinstance(one, MappingNode) and isinstance(other, MappingNode):
            members[name] = _merged(specs, one, other, second_wins=second_wins)
        else:
            members[name] = winner
    return MappingNode(first.file, first.pointer, first.location, members, keys)


def _without(node: MappingNode, name: str) -> MappingNode:
    if name not in node.members:
        return node
    members: Mapping[str, Node] = {key: value for key, value in node.members.items() if key != name}
    return MappingNode(node.file, node.pointer, node.location, members, node.keys)
