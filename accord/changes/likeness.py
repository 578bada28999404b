"""Which parts of two versions of a schema belong together."""

from collections.abc import Iterator, Mapping
from typing import Any

from accord.model.schemas import ANNOTATIONS

__all__ = ["apart", "listed", "paired", "said", "same"]


def said(schema: Mapping[str, Any]) -> set[str]:
    """The keywords that speak to people, extensions among them."""
    return {key for key in schema if key in ANNOTATIONS or key.startswith("x-")}


def apart(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether both name types and share none, so that nothing else they say can be compared."""
    before, after = listed(old.get("type")), listed(new.get("type"))
    both = set(before) & set(after) or {"integer", "number"} <= {*before, *after}
    return bool(before and after) and not both


def listed(kinds: Any) -> list[str]:
    """The types that a schema names, one or many."""
    return [kinds] if isinstance(kinds, str) else list(kinds or ())


def same(one: Any, other: Any) -> bool:
    """Whether both say the same, apart from what they say to people at the top."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return bool(one == other)
    mine, theirs = (
        {key: value for key, value in schema.items() if key not in said(schema)} for schema in (one, other)
    )
    return mine == theirs


def paired(before: list[Any], after: list[Any], keyword: str) -> Iterator[tuple[int, int]]:
    """Equal branches first, then those that name the same schema, then what is left, in its order."""
    left, right = list(range(len(before))), list(range(len(after)))
    if keyword != "prefixItems":
        for alike in (lambda one, other: one == other, _alike):
            for index in list(left):
                found = next((other for other in right if alike(before[index], after[other])), None)
                if found is not None:
                    left.remove(index)
                    right.remove(found)
                    yield index, found
    if len(left) == len(right) or keyword in {"prefixItems", "allOf"}:
        for index, other in zip(left, right, strict=False):
            both = (before[index], after[other])
            if not any("$ref" in branch for branch in both if isinstance(branch, Mapping)):
                yield index, other


def _alike(one: Any, other: Any) -> bool:
    """Objects that share a member with the same constant, or most of their members."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return False
    mine, theirs = one.get("properties", {}), other.get("properties", {})
    fixed, others = _constants(mine), _constants(theirs)
    if shared := fixed.keys() & others.keys():
        return all(fixed[name] == others[name] for name in shared)
    both = mine.keys() & theirs.keys()
    return bool(both) and 2 * len(both) >= len(mine.keys() | theirs.keys())


def _constants(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: s["const"] for name, s in members.items() if isinstance(s, Mapping) and "const" in s}
