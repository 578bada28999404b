"""A schema taken apart into flat alternatives: each value that it admits fits one of them at least.

``allOf`` and ``$ref`` are merged, ``anyOf``, ``oneOf`` and ``if`` become alternatives.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from accord.compatibility.alternatives import Alternative, Items, Members, Parts, kind_of, remark
from accord.compatibility.documents import LEAVES, Definitions, OutOfReach, Schema, beside

__all__ = ["Merging"]

MAX_ALTERNATIVES: Final = 64

_REMARKS: Final = ("not", "if", "contains", "propertyNames", "oneOf")


def _own(one: Alternative, node: dict[str, Any]) -> Alternative:
    """Add the keywords that need no merging."""
    changes: dict[str, Any] = {}
    if leaves := tuple((key, value) for key, value in node.items() if key in LEAVES - {"type", "enum"}):
        changes["leaves"] = one.leaves + leaves
    if "type" in node:
        changes["types"] = _common(one.types, frozenset(node["type"]))
    if "enum" in node:
        changes["enums"] = (*one.enums, node["enum"])
        kinds = frozenset(kind_of(value) for value in node["enum"])
        changes["types"] = _common(changes.get("types", one.types), kinds)
    if node.keys() & {"properties", "patternProperties", "additionalProperties"}:
        clause = Members(
            node.get("properties", {}),
            node.get("patternProperties", {}),
            node.get("additionalProperties", {}),
            "additionalProperties" in node,
        )
        changes["members"] = (*one.members, clause)
    if node.keys() & {"items", "prefixItems"}:
        changes["items"] = (
            *one.items,
            Items(tuple(node.get("prefixItems", ())), node.get("items", {}), "items" in node),
        )
    if "required" in node:
        changes["required"] = one.required | frozenset(node["required"])
    if "dependentRequired" in node:
        demands = tuple((name, frozenset(names)) for name, names in node["dependentRequired"].items())
        changes["dependent"] = one.dependent + demands
    if remarks := tuple(remark(node, keyword) for keyword in _REMARKS if keyword in node):
        changes["remarks"] = one.remarks + remarks
    return replace(one, **changes) if changes else one


def _common(some: frozenset[str], others: frozenset[str]) -> frozenset[str]:
    both = some & others
    if "number" not in both and "integer" in some | others and some | others >= {"integer", "number"}:
        both |= {"integer"}
    return both


def _unevaluated_items(one: Alternative, scope: Alternative, rest: Schema) -> Alternative:
    """Turn ``unevaluatedItems`` into a clause over the items that its neighbours leave alone."""
    clauses = one.items[len(scope.items) :]
    remarks = one.remarks[len(scope.remarks) :]
    if any("contains" in node for node in remarks) or one.maybe[len(scope.maybe) :]:
        return replace(one, inexact=True)
    if any(clause.all_evaluated for clause in clauses):
        return one
    first = max((len(clause.first) for clause in clauses), default=0)
    return replace(one, items=(*one.items, Items(({},) * first, rest, all_evaluated=True)))


class Merging:
    """Takes schemas over common definitions apart.

    ``disjoint`` says whether it is certain that no value fits some schemas together.
    """

    def __init__(self, definitions: Definitions, disjoint: Callable[..., bool]) -> None:
        self.definitions = definitions
        self.disjoint = disjoint

    def alternatives(self, parts: Parts) -> list[Alternative]:
        """Take schemas apart that judge the same value; raises `OutOfReach`."""
        found = [Alternative(parts)]
        for part in parts:
            found = self._limited(more for one in found for more in self.add(one, part))
        return [more for one in found for more in self.triggered(one) if more.types]

    def extended(self, one: Alternative, node: Schema) -> list[Alternative]:
        """Add one more schema for the same value; raises `OutOfReach`."""
        found = self.add(replace(one, document=(*one.document, node)), node)
        return [more for other in found for more in self.triggered(other) if more.types]

    def _limited(self, found: Iterable[Alternative]) -> list[Alternative]:
        kept = [one for one in found if one.types]
        if len(kept) > MAX_ALTERNATIVES:
            raise OutOfReach(f"it has more than {MAX_ALTERNATIVES} alternatives")
        return kept

    def add(self, one: Alternative, node: Schema) -> list[Alternative]:
        """Add a schema's demands."""
        if node is False:
            return []
        scope = one
        found = [_own(one, node)]
        if "$ref" in node:
            found = self.each(found, [self.definitions.target(node["$ref"])])
        found = self.each(found, node.get("allOf", ()))
        for keyword in ("anyOf", "oneOf"):
            if keyword in node:
                found = self.either(found, node[keyword], together=keyword == "anyOf")
        if "if" in node:
            yes = [{"allOf": [node["if"], node.get("then", {})]}]
            no = [{"allOf": [node.get("else", {}), {"not": node["if"]}]}]
            found = [*self.each(found, yes, chosen=True), *self.each(found, no, chosen=True)]
        for trigger, schema in node.get("dependentSchemas", {}).items():
            found = [replace(o, dependent=(*o.dependent, (trigger, schema))) for o in found]
        if "unevaluatedProperties" in node:
            found = [self.unevaluated(o, scope, node["unevaluatedProperties"]) for o in found]
        if "unevaluatedItems" in node:
            found = [_unevaluated_items(o, scope, node["unevaluatedItems"]) for o in found]
        return self._limited(found)

    def each(self, found: list[Alternative], nodes: Any, chosen: bool = False) -> list[Alternative]:
        for node in nodes:
            if chosen:
                found = [replace(one, document=(*one.document, node)) for one in found]
            found = self._limited(more for one in found for more in self.add(one, node))
        return found

    def either(self, found: list[Alternative], branches: list[Schema], together: bool) -> list[Alternative]:
        chosen = []
        for index, branch in enumerate(branches):
            for one in self.each(found, [branch], chosen=True):
                others = tuple(
                    (branch, other) for at, other in enumerate(branches) if at != index and together
                )
                chosen.append(replace(one, maybe=one.maybe + others))
        return chosen

    def triggered(self, one: Alternative, seen: frozenset[int] = frozenset()) -> Iterator[Alternative]:
        """Apply what depends on members that are always there, in objects."""
        for index, (trigger, demand) in enumerate(one.dependent):
            if index in seen or trigger not in one.required or "object" not in one.types:
                continue
            if others := one.types - {"object"}:
                yield replace(one, document=(*one.document, {"type": sorted(others)}), types=others)
            objects = one.only("object")
            if isinstance(demand, frozenset):
                again = [replace(objects, required=one.required | demand)]
            else:
                again = self.add(objects, demand)
            for more in again:
                yield from self.triggered(more, seen | {index})
            return
        yield one

    def unevaluated(self, one: Alternative, scope: Alternative, rest: Schema) -> Alternative:
        """Turn ``unevaluatedProperties`` into a clause over all names that its neighbours evaluate."""
        clauses = one.members[len(scope.members) :]
        if any(clause.all_evaluated for clause in clauses):
            return one
        named: dict[str, Schema] = {name: {} for clause in clauses for name in clause.named}
        patterns: dict[str, Schema] = {pattern: {} for clause in clauses for pattern in clause.patterns}
        perhaps = [
            other for branch, other in one.maybe[len(scope.maybe) :] if not self.disjoint(branch, other)
        ]
        perhaps += [d for _, d in one.dependent[len(scope.dependent) :] if not isinstance(d, frozenset)]
        found: dict[str, list[Schema]] = {}
        known = [self.declared(other, found, patterns) for other in perhaps]
        if not all(known):
            return replace(one, inexact=True)
        for name, schemas in found.items():
            named.setdefault(name, schemas[0] if len(schemas) == 1 else {"anyOf": schemas})
        clause = Members(named, patterns, rest, all_evaluated=True)
        return replace(one, members=(*one.members, clause), inexact=one.inexact or bool(perhaps))

    def declared(self, node: Schema, named: dict[str, list[Schema]], patterns: dict[str, Schema]) -> bool:
        """Gather all that a schema may evaluate; False if that may be any member."""
        if node is False:
            return True
        if "additionalProperties" in node or "unevaluatedProperties" in node:
            return False
        for name, schema in node.get("properties", {}).items():
            named.setdefault(name, []).append(schema)
        patterns.update({pattern: {} for pattern in node.get("patternProperties", ())})
        parts = list(beside(node, evaluating=True))
        if "$ref" in node:
            parts.append(self.definitions.target(node["$ref"]))
        known = [self.declared(part, named, patterns) for part in parts]
        return all(known)
