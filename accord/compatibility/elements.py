"""The items of arrays: those that have a place of their own, the rest, and those that must be among them."""

from collections.abc import Iterator
from typing import Any

from accord.compatibility.alternatives import Alternative, Items
from accord.compatibility.descent import COVERED, Answer, Descent, all_of
from accord.compatibility.documents import Schema

__all__ = ["contains", "items"]


def items(descent: Descent, clause: Items, node: Schema, one: Alternative) -> Answer:
    """Compare what both sides say about each item; ``node`` is the reader's schema with that clause."""
    return all_of(_pairs(descent, clause, node, one))


def _pairs(descent: Descent, clause: Items, node: Schema, one: Alternative) -> Iterator[Answer]:
    most = one.most("maxItems")
    last = max(len(clause.first), *(len(other.first) for other in one.items), 0)
    for index in range(last + 1):
        written = one.item(index)
        if False in written or (most is not None and index >= most):
            return
        answer = descent.covers(clause.at(index), written)
        step = str(index) if index < last else "*"
        if answer.refuted:
            length = max(index + 1, one.least("minItems"))
            value = answer.refuted[0]
            arrays = descent.sampler.array(one.only("array"), length, at=index, value=value)
            reason = f"no array was found that holds such an item at {index}"
            answer = descent.shown_by(arrays, node, one) or descent.undecided(node, one, reason)
        yield answer if answer.covered or answer.refuted else answer.below(step)


def contains(descent: Descent, demand: dict[str, Any], one: Alternative) -> Answer:
    """Ask for what must be among the items."""
    least = demand.get("minContains", 1)
    if demand in one.remarks or (least == 0 and "maxContains" not in demand):
        return COVERED
    if "maxContains" not in demand and one.least("minItems") >= least:
        kinds = [one.item(i) for i in range(max((len(c.first) for c in one.items), default=0) + 1)]
        if all(descent.covers(demand["contains"], kind).covered for kind in kinds):
            return COVERED
    alone = one.only("array")
    lengths = {one.least("minItems"), demand.get("maxContains", 0) + 1}
    arrays = (value for length in sorted(lengths) for value in descent.sampler.array(alone, length))
    return descent.shown_by(arrays, demand, one) or descent.undecided(
        demand, one, "the algebra does not decide contains"
    )
