"""Readers that offer a choice: ``anyOf``, ``oneOf``, ``not``, ``if``, and what depends on a member."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from accord.compatibility.alternatives import Alternative, Members
from accord.compatibility.descent import COVERED, Answer, Descent, all_of
from accord.compatibility.documents import OutOfReach, Schema

__all__ = ["conditional", "dependent", "either", "excluded"]

_MOST_SPLIT: Final = 32


def either(descent: Descent, node: Schema, one: Alternative) -> Answer:
    """Find the branch that takes the writer's alternative, or split that until each part has one."""
    keyword, branches = next(iter(node.items()))
    candidates = []
    for index, branch in enumerate(branches):
        answer = descent.within(branch, one)
        if answer.covered:
            others = [other for at, other in enumerate(branches) if at != index]
            if keyword == "anyOf" or all(descent.disjoint(one, other) for other in others):
                return COVERED
            for other in others:
                candidates += list(descent.sampler.smallest((*one.document, branch, other)))
        candidates += answer.refuted
    if shown := descent.shown_by(candidates, node, one):
        return shown
    for parts in _splits(descent, branches, one):
        answer = all_of(either(descent, node, part) for part in parts)
        if answer.covered or answer.refuted:
            return answer
    return descent.undecided(node, one, f"no single branch of {keyword} takes it")


def _splits(descent: Descent, branches: list[Schema], one: Alternative) -> Iterator[list[Alternative]]:
    """Ways to cut an alternative: by type, or by the few values of a member that the branches ask for."""
    if len(one.types) > 1:
        yield [one.only(kind) for kind in sorted(one.types)]
        return
    for name in _asked_for(descent, branches):
        values = _values(descent, one, name)
        if name in one.required and 1 < len(values) <= _MOST_SPLIT:
            yield [_with(one, name, value) for value in values]


def _asked_for(descent: Descent, branches: list[Schema]) -> dict[str, None]:
    found: dict[str, None] = {}
    for branch in branches:
        try:
            for other in descent.expand((branch,)):
                found.update((n, None) for n in other.names() if _values(descent, other, n))
        except OutOfReach:
            continue
    return found


def _values(descent: Descent, one: Alternative, name: str) -> list[Any]:
    """The values that a member may have, if each of its alternatives lists them."""
    try:
        kinds = descent.expand(one.member(name))
    except OutOfReach:
        return []
    if not all(kind.enums for kind in kinds):
        return []
    return [value for kind in kinds for value in kind.enums[0]]


def _with(one: Alternative, name: str, value: Any) -> Alternative:
    only = {"enum": [value]}
    clause = Members({name: only}, {}, {}, all_evaluated=False)
    part = {"properties": {name: only}}
    return replace(one, document=(*one.document, part), members=(*one.members, clause))


def excluded(descent: Descent, node: Schema, one: Alternative) -> Answer:
    """See that nothing of the writer's fits what the reader excludes."""
    if node in one.remarks or descent.disjoint(one, node["not"]):
        return COVERED
    candidates = descent.sampler.smallest((*one.document, node["not"]))
    return descent.shown_by(candidates, node, one) or descent.undecided(
        node, one, "the algebra does not decide not"
    )


def conditional(descent: Descent, node: Schema, one: Alternative) -> Answer:
    """Hold what meets the condition against ``then``, and the rest against ``else``."""
    condition = node["if"]
    return all_of(
        descent.within(node[keyword], part)
        for keyword, case in (("then", condition), ("else", {"not": condition}))
        if keyword in node and not descent.disjoint(one, case)
        for part in descent.extended(one, case)
    )


def dependent(descent: Descent, trigger: str, demand: Schema, one: Alternative) -> Answer:
    """Hold what has the trigger against what the reader then demands."""
    if False in one.member(trigger):
        return COVERED
    having = {"type": ["object"], "required": [trigger]}
    return all_of(descent.within(demand, part) for part in descent.extended(one, having))
