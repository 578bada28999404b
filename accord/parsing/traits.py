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
    order = [own, *read] if traits_win else [*read, own]
    merged = order[0]
    for patch in order[1:]:
        merged = _patched(specs, merged, patch, own)
    return merged


def _patched(specs: Specs, target: MappingNode, patch: MappingNode, owner: MappingNode) -> MappingNode:
    members: dict[str, Node] = dict(target.members)
    keys: dict[str, Location] = dict(target.keys)
    for name, value in patch.members.items():
        met = members.get(name)
        if met is not None and isinstance(value, ScalarNode) and value.value is None:
            del members[name]
            continue
        members[name] = value if met is None else _both(specs, met, value)
        keys[name] = patch.keys.get(name, value.location)
    return MappingNode(owner.file, owner.pointer, owner.location, members, keys)


def _both(specs: Specs, met: Node, value: Node) -> Node:
    """Objects are merged, whether they are written in place or referred to; of all else the patch stays."""
    before, after = specs.resolve(met), specs.resolve(value)
    if before is after or not (isinstance(before, MappingNode) and isinstance(after, MappingNode)):
        return value
    return _patched(specs, before, after, after if isinstance(value, MappingNode) else before)


def _without(node: MappingNode, name: str) -> MappingNode:
    if name not in node.members:
        return node
    members: Mapping[str, Node] = {key: value for key, value in node.members.items() if key != name}
    return MappingNode(node.file, node.pointer, node.location, members, node.keys)
