"""The descent through two schemas at once: a proof that one covers the other, or a value that shows not.

Each level compares what judges one value: the writer's alternatives against each demand of the reader.
Members and items are pairs of their own. A pair that is met again below itself is taken for covered (JSON
values end, so this is an induction over their depth); what was concluded from that is forgotten if the pair
turns out not to be. A value that tells two members apart is carried outwards, object by object, and held
against both schemas at each step.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from accord.compatibility.alternatives import Alternative, Items, Members, Parts, remark
from accord.compatibility.arbiter import Arbiter
from accord.compatibility.choices import conditional, dependent, either, excluded
from accord.compatibility.descent import COVERED, Answer, all_of
from accord.compatibility.documents import Definitions, OutOfReach, Schema
from accord.compatibility.elements import contains, items
from accord.compatibility.leaves import leaves
from accord.compatibility.members import members, names, required
from accord.compatibility.merging import Merging
from accord.compatibility.samples import Sampler
from accord.compatibility.searching import search

__all__ = ["Simulation"]

MAX_PAIRS: Final = 20_000
MAX_SEARCHES: Final = 2
_CANDIDATES: Final = 200
_DEPTH: Final = 3
"""How many levels of required members are looked through for one that cannot be."""


class Simulation:
    """One comparison of two schemas over common definitions; the `Descent` of its parts."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self.merging = Merging(definitions, self.apart)
        self.arbiter = Arbiter(definitions)
        self.sampler = Sampler(self.expand, self.arbiter.admits)
        self._expanded: dict[str, list[Alternative] | OutOfReach] = {}
        self._covered: dict[tuple[str, str], None] = {}
        self._failed: dict[tuple[str, str], Answer] = {}
        self._searches = 0

    def decide(self, reader: Schema, writer: Schema) -> Answer:
        """Compare the two without search, which is dear, and then with it where that did not decide."""
        answer = self.covers(reader, (writer,))
        if not answer.covered and not answer.refuted:
            self._failed.clear()
            self._searches = MAX_SEARCHES
            answer = self.covers(reader, (writer,))
        return answer

    def covers(self, reader: Schema, writer: Parts) -> Answer:
        """Whether the reader's schema admits all that the writer's parts admit together."""
        if reader == {} or False in writer or reader in writer:
            return COVERED
        key = (json.dumps(writer), json.dumps(reader))
        if key in self._covered:
            return COVERED
        if key in self._failed:
            return self._failed[key]
        if len(self._covered) + len(self._failed) > MAX_PAIRS:
            raise OutOfReach(f"there are more than {MAX_PAIRS} pairs of schemas to compare")
        before = len(self._covered)
        self._covered[key] = None
        answer = self._level(reader, writer)
        if not answer.covered:
            while len(self._covered) > before:
                self._covered.popitem()
            self._failed[key] = answer
        return answer

    def expand(self, parts: Parts) -> list[Alternative]:
        """The alternatives of parts, remembered; raises `OutOfReach`."""
        key = json.dumps(parts)
        if key not in self._expanded:
            try:
                self._expanded[key] = self.merging.alternatives(parts)
            except OutOfReach as error:
                self._expanded[key] = error
        known = self._expanded[key]
        if isinstance(known, OutOfReach):
            raise OutOfReach(str(known))
        return known

    def extended(self, one: Alternative, node: Schema) -> list[Alternative]:
        """The alternative with one more demand; raises `OutOfReach`."""
        return self.merging.extended(one, node)

    def disjoint(self, one: Alternative, node: Schema) -> bool:
        """Whether it is certain that no value fits both."""
        return all(self._hopeless(more, _DEPTH) for more in self.extended(one, node)) or self.arbiter.empty(
            *one.document, node
        )

    def apart(self, *parts: Schema) -> bool:
        """Whether it is certain that no value fits all parts."""
        return self._empty(parts, _DEPTH) or self.arbiter.empty(*parts)

    def _empty(self, parts: Parts, depth: int) -> bool:
        try:
            return all(self._hopeless(one, depth) for one in self.expand(parts))
        except OutOfReach:
            return False

    def _hopeless(self, one: Alternative, depth: int) -> bool:
        if one.enums:
            return not any(self.arbiter.admits(one.document, value) for value in one.enums[0])
        types = one.possible()
        if types == {"object"} and depth:
            return any(self._empty(one.member(name), depth - 1) for name in sorted(one.required))
        return not types

    def shown_by(self, candidates: Iterable[Any], reader: Schema, one: Alternative) -> Answer | None:
        """The first candidate that the writer admits and the reader refuses."""
        for value, _ in zip(candidates, range(_CANDIDATES), strict=False):
            if self._tells(value, reader, one.document):
                return Answer(refuted=(value,))
        return None

    def undecided(self, reader: Schema, one: Alternative, reason: str) -> Answer:
        """What is left where structure does not decide: the algebra, then search."""
        if self.arbiter.covers(reader, one.document) or self._hopeless(one, _DEPTH):
            return COVERED
        if self._searches == 0:
            return Answer(reason=reason)
        self._searches -= 1
        document = self.arbiter.difference(reader, one.document) or self.definitions.whole(*one.document)
        try:
            value = search(document, lambda value: self._tells(value, reader, one.document))
        except OutOfReach as error:
            return Answer(reason=f"{reason}, and {error}")
        return Answer(refuted=(value,))

    def _tells(self, value: Any, reader: Schema, writer: Parts) -> bool:
        return self.arbiter.admits(writer, value) and not self.arbiter.admits((reader,), value)

    def within(self, reader: Schema, one: Alternative) -> Answer:
        """Whether the reader's schema admits all of the alternative, for the same value."""
        return all_of(self._demand(demand, one) for demand in self._demands(reader))

    def _level(self, reader: Schema, writer: Parts) -> Answer:
        try:
            answer = all_of(self.within(reader, one) for one in self.expand(writer) if one.possible())
        except OutOfReach as error:
            answer = Answer(reason=str(error))
        if answer.covered or answer.refuted or not self.arbiter.covers(reader, writer):
            return answer
        return COVERED

    def _demands(self, reader: Schema) -> Iterator[tuple[Schema, Any]]:
        """Each schema that a value has to fit, followed through references, with clauses of its own."""
        if reader is False:
            yield False, None
            return
        if "$ref" in reader:
            yield from self._demands(self.definitions.target(reader["$ref"]))
        for part in reader.get("allOf", ()):
            yield from self._demands(part)
        yield reader, None
        for keyword in ("unevaluatedProperties", "unevaluatedItems"):
            if reader.get(keyword, {}) != {}:
                yield reader, self._unevaluated(reader, keyword)

    def _unevaluated(self, node: Schema, keyword: str) -> Members | Items | str | None:
        """What the keyword says about each member or item, where that does not depend on the value."""
        try:
            (with_it,) = self.expand((node,))
            (without,) = self.expand(({key: value for key, value in node.items() if key != keyword},))
        except (OutOfReach, ValueError):
            return keyword
        if with_it.inexact or with_it.dependent:
            return keyword
        if keyword == "unevaluatedProperties":
            return with_it.members[-1] if len(with_it.members) > len(without.members) else None
        return with_it.items[-1] if len(with_it.items) > len(without.items) else None

    def _demand(self, demand: tuple[Schema, Any], one: Alternative) -> Answer:
        node, clause = demand
        if node is False:
            return self.shown_by(self.sampler.of(one), False, one) or self.undecided(
                False, one, "whether there is such a value"
            )
        if node in one.document:
            return COVERED
        if one.enums:
            known = [value for value in one.enums[0] if self.arbiter.admits(one.document, value)]
            return self.shown_by(known, node, one) or COVERED
        if isinstance(clause, Members):
            return members(self, clause, node, one) if "object" in one.types else COVERED
        if isinstance(clause, Items):
            return items(self, clause, node, one) if "array" in one.types else COVERED
        if isinstance(clause, str):
            return self.undecided(node, one, f"{clause} depends on the value")
        return all_of(self._keywords(node, one))

    def _keywords(self, node: dict[str, Any], one: Alternative) -> Iterator[Answer]:
        yield leaves(self, node, one)
        if "object" in one.possible():
            yield from self._of_objects(node, one)
        if "array" in one.possible():
            if node.keys() & {"items", "prefixItems"}:
                first, rest = tuple(node.get("prefixItems", ())), node.get("items", {})
                yield items(self, Items(first, rest, all_evaluated=False), node, one)
            if "contains" in node:
                yield contains(self, remark(node, "contains"), one)
        for keyword in ("anyOf", "oneOf"):
            if keyword in node and {keyword: node[keyword]} not in one.remarks:
                yield either(self, {keyword: node[keyword]}, one)
        if "not" in node:
            yield excluded(self, {"not": node["not"]}, one)
        if "if" in node:
            yield conditional(self, remark(node, "if"), one)

    def _of_objects(self, node: dict[str, Any], one: Alternative) -> Iterator[Answer]:
        if "required" in node:
            yield required(self, node, one)
        if node.keys() & {"properties", "patternProperties", "additionalProperties"}:
            said = (node.get("properties", {}), node.get("patternProperties", {}))
            clause = Members(*said, node.get("additionalProperties", {}), all_evaluated=False)
            yield members(self, clause, node, one)
        if "propertyNames" in node:
            yield names(self, node["propertyNames"], one)
        for trigger, wanted in node.get("dependentRequired", {}).items():
            yield dependent(self, trigger, {"required": wanted}, one)
        for trigger, wanted in node.get("dependentSchemas", {}).items():
            yield dependent(self, trigger, wanted, one)
