"""The members of objects: each name that either side knows, each pattern, and any other name."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from accord.compatibility.alternatives import Alternative, Members, Parts, matches
from accord.compatibility.descent import COVERED, Answer, Descent, all_of
from accord.compatibility.documents import Schema
from accord.compatibility.samples import fresh

__all__ = ["members", "names", "required"]

_TRIED: Final = 40


def required(descent: Descent, node: Schema, one: Alternative) -> Answer:
    """Members that the reader misses where the writer may leave them out."""
    if missing := sorted(set(node["required"]) - one.required):
        demand = {"required": missing}
        objects = (
            value for name in missing for value in descent.sampler.object(one.only("object"), without=name)
        )
        reason = f"whether '{missing[0]}' is always there"
        return descent.shown_by(objects, demand, one) or descent.undecided(demand, one, reason)
    return COVERED


def members(descent: Descent, clause: Members, node: Schema, one: Alternative) -> Answer:
    """Compare what both sides say about each member; ``node`` is the reader's schema with that clause."""
    return all_of(_pairs(descent, clause, node, one))


def _pairs(descent: Descent, clause: Members, node: Schema, one: Alternative) -> Iterator[Answer]:
    known = {**one.names(), **clause.named}
    for name in known:
        for demand in clause.at(name):
            yield _pair(descent, demand, one.member(name), node, one, [name])
    unknown = one.others()
    theirs = {pattern for other in one.members for pattern in other.patterns}
    for pattern, demand in clause.patterns.items():
        if pattern not in theirs:
            spare = (name for name in fresh(one, pattern) if name not in known and matches(pattern, name))
            yield _pair(descent, demand, unknown, node, one, spare)
    yield _pair(descent, clause.additional, unknown, node, one, _uncaught(clause, one, known))
    for pattern in sorted(theirs):
        written = _caught(one, pattern)
        spare = (name for name in fresh(one, pattern) if name not in known and matches(pattern, name))
        if pattern in clause.patterns:
            yield _pair(descent, clause.patterns[pattern], written, node, one, spare)
        else:
            yield _pair(descent, clause.additional, written, node, one, spare)
        for other, demand in clause.patterns.items():
            if other != pattern:
                both = (n for n in fresh(one, pattern, other) if matches(pattern, n) and matches(other, n))
                yield _pair(descent, demand, written, node, one, both)


def _caught(one: Alternative, pattern: str) -> Parts:
    """What judges a member that the pattern catches, whatever else may catch it."""
    found = [clause.patterns[pattern] for clause in one.members if pattern in clause.patterns]
    found += [clause.additional for clause in one.members if not clause.patterns]
    return tuple(schema for schema in found if schema != {})


def _uncaught(clause: Members, one: Alternative, known: dict[str, None]) -> Iterator[str]:
    patterns = [p for c in (clause, *one.members) for p in c.patterns]
    return (n for n in fresh(one) if n not in known and not any(matches(p, n) for p in patterns))


def _pair(
    descent: Descent, demand: Schema, written: Parts, node: Schema, one: Alternative, spare: Any
) -> Answer:
    """Compare one kind of member; what tells them apart is carried into an object under a ``spare`` name."""
    answer = descent.covers(demand, written)
    if answer.covered:
        return answer
    names = list(islice(spare, _TRIED))
    step = names[0] if len(names) == 1 else "*"
    if not answer.refuted:
        return answer.below(step)
    objects = (
        value
        for name in names
        for value in descent.sampler.object(one.only("object"), fixed={name: answer.refuted[0]})
    )
    if shown := descent.shown_by(objects, node, one):
        return shown
    for name in names[:1]:
        only = {"enum": [answer.refuted[0]]}
        holding = {"type": ["object"], "required": [name], "properties": {name: only}}
        reason = f"no object was found that holds '{name}'"
        return all_of(descent.undecided(node, part, reason) for part in descent.extended(one, holding))
    return Answer(reason="no name was found for a member that tells them apart", path=(step,))


def names(descent: Descent, demand: Schema, one: Alternative) -> Answer:
    """Hold the names that the writer may use against the reader's ``propertyNames``."""
    return all_of(_names(descent, demand, one))


def _names(descent: Descent, demand: Schema, one: Alternative) -> Iterator[Answer]:
    node = {"propertyNames": demand}
    for name in one.names():
        if False not in one.member(name) and not descent.arbiter.admits((demand,), name):
            value = descent.sampler.object(one.only("object"), fixed={name: _any(descent, one, name)})
            yield descent.shown_by(value, node, one) or descent.undecided(
                node, one, f"whether '{name}' may be there"
            )
    wanted = tuple(remark["propertyNames"] for remark in one.remarks if "propertyNames" in remark)
    kinds: list[Parts] = [] if False in one.others() else [(*wanted, {"type": ["string"]})]
    for clause in one.members:
        kinds += [(*wanted, {"type": ["string"], "pattern": pattern}) for pattern in clause.patterns]
    for kind in kinds:
        answer = descent.covers(demand, kind)
        if answer.refuted:
            name = answer.refuted[0]
            value = descent.sampler.object(one.only("object"), fixed={name: _any(descent, one, name)})
            answer = descent.shown_by(value, node, one) or descent.undecided(
                node, one, "whether such a name may be there"
            )
        yield answer


def _any(descent: Descent, one: Alternative, name: str) -> Any:
    return next(descent.sampler.smallest(one.member(name)), 0)
