"""What judges a value without a look into it: types, bounds, lengths, patterns, formats, sizes."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Any, Final

from accord.compatibility.alternatives import Alternative
from accord.compatibility.descent import COVERED, Answer, Descent
from accord.compatibility.documents import LEAVES, Schema
from accord.compatibility.formats import OUTLINES
from accord.compatibility.languages import Undecided, length, uncovered
from accord.compatibility.samples import size

__all__ = ["leaves"]

_CANDIDATES: Final = 400
_TEXTUAL: Final = frozenset({"pattern", "minLength", "maxLength"})
_BY_TYPE: Final = {
    frozenset({"string"}): ("minLength", "maxLength", "pattern", "format"),
    frozenset({"number", "integer"}): (
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        "multipleOf",
    ),
    frozenset({"array"}): ("minItems", "maxItems", "uniqueItems"),
    frozenset({"object"}): ("minProperties", "maxProperties"),
}
_JUDGED: Final = {keyword: types for types, keywords in _BY_TYPE.items() for keyword in keywords}


def leaves(descent: Descent, node: Schema, one: Alternative) -> Answer:
    """Compare the leaves; what both sides say in the same words is covered, the rest is the algebra's."""
    demand = {key: node[key] for key in LEAVES & node.keys() if not _met(key, node[key], one)}
    if not demand:
        return COVERED
    written = [{key: value} for key, value in (*one.leaves, *_derived(one))]
    known = (
        {"type": sorted(one.possible()), "allOf": written} if written else {"type": sorted(one.possible())}
    )
    if descent.arbiter.covers(demand, (known,)):
        return COVERED
    settled, texts = _texts(demand, one)
    rest = {key: value for key, value in demand.items() if key not in settled}
    if settled and (not rest or descent.arbiter.covers(rest, (known,))):
        return COVERED
    found = [
        value
        for value in islice(chain(texts, _candidates(descent, demand, one)), _CANDIDATES)
        if not descent.arbiter.admits((demand,), value) and descent.arbiter.admits(one.document, value)
    ]
    if found:
        return Answer(refuted=(min(found, key=size),))
    words = ", ".join(sorted(demand))
    return descent.undecided(demand, one, f"the algebra does not decide {words}")


def _texts(demand: dict[str, Any], one: Alternative) -> tuple[set[str], list[str]]:
    """What the writer's patterns alone settle about texts, and texts that show what they do not."""
    settled: set[str] = set()
    texts: list[str] = []
    written = [value for key, value in one.leaves if key == "pattern"]
    written += [OUTLINES[value] for key, value in one.leaves if key == "format" and value in OUTLINES]
    if "string" not in one.possible() or not (written or "pattern" in demand):
        return settled, texts
    for keyword in sorted(_TEXTUAL & demand.keys()):
        bounds = {"minLength": (demand[keyword], None), "maxLength": (0, demand[keyword])}
        read = length(*bounds[keyword]) if keyword in bounds else demand[keyword]
        within = length(one.least("minLength"), one.most("maxLength"))
        for patterns in ((*written,), (*written, within)):
            try:
                text = uncovered(patterns, read)
            except Undecided:
                break
            if text is None:
                settled.add(keyword)
                break
            texts.append(text)
    return settled, texts


def _met(keyword: str, demand: Any, one: Alternative) -> bool:
    if keyword == "type":
        types = one.possible()
        return types <= set(demand) | ({"integer"} if "number" in demand else set())
    if keyword == "enum":
        return False
    return (keyword, demand) in one.leaves or not _JUDGED[keyword] & one.types


def _derived(one: Alternative) -> Iterator[tuple[str, Any]]:
    """Sizes that follow from members: those that must be there, and those that may."""
    yield "minProperties", len(one.required)
    if False in one.others() and not any(clause.patterns for clause in one.members):
        yield "maxProperties", sum(1 for name in one.names() if False not in one.member(name))


def _candidates(descent: Descent, demand: dict[str, Any], one: Alternative) -> Iterator[Any]:
    around = replace(one, leaves=(*one.leaves, *((k, v) for k, v in demand.items() if k in _JUDGED)))
    if "array" in one.possible():
        least = one.least("minItems")
        lengths = {least, least + 1, demand.get("minItems", 1) - 1, demand.get("maxItems", 0) + 1}
        for length in sorted(lengths):
            if length >= 0:
                yield from descent.sampler.array(one, length)
        for first in islice(descent.sampler.array(one, 1), 1) if "uniqueItems" in demand else ():
            yield first * max(2, least)
    if "object" in one.possible():
        wanted = {0, 1, demand.get("maxProperties", 0) + 1 - len(one.required)}
        for more in sorted(number for number in wanted if number >= 0):
            yield from descent.sampler.object(one, more=more)
    simple = replace(around, types=one.types - {"array", "object"})
    yield from descent.sampler.of(simple)
