"""Small values built from a schema's own words: bounds, formats, patterns, the members that must be there."""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, count, islice
from math import inf, isfinite, nextafter
from typing import Any, Final

from accord.compatibility.alternatives import Alternative, Parts
from accord.compatibility.documents import OutOfReach
from accord.compatibility.formats import texts
from accord.compatibility.patterns import found_by

__all__ = ["Sampler", "size"]

_NOTHING: Final = object()
_PLAIN: Final = ("", "0", "a", "00", "A", " ", "é")
_DEPTH: Final = 12
_EXACT: Final = 2**53
"""From here on, floating point no longer tells whole numbers apart, and readers differ."""
_LONGEST: Final = 100_000
_SPARE: Final = 1000


def size(value: Any) -> tuple[int, str]:
    """Orders values from small to large."""
    text = json.dumps(value, sort_keys=True)
    return len(text), text


class Sampler:
    """Builds values that fit most of a schema; whether they fit all of it has to be asked."""

    def __init__(
        self, expand: Callable[[Parts], list[Alternative]], admits: Callable[[Parts, Any], bool]
    ) -> None:
        self._expand = expand
        self._admits = admits

    def smallest(self, parts: Parts, depth: int = _DEPTH) -> Iterator[Any]:
        """Values that fit the parts, small ones first; none where none was found."""
        if depth == 0:
            return
        try:
            found = self._expand(parts)
        except OutOfReach:
            return
        # Objects with the fewest members first, so that recursion ends where it can.
        for one in sorted(found, key=lambda one: (len(one.required), len(one.members))):
            for value in self.of(one, depth):
                if self._admits(parts, value):
                    yield value
                    break

    def of(self, one: Alternative, depth: int = _DEPTH) -> Iterator[Any]:
        """Values of an alternative, few per type."""
        if one.enums:
            yield from one.enums[0]
            return
        for kind in ("null", "boolean", "integer", "number", "string", "array", "object"):
            if kind not in one.possible() and not (kind == "integer" and "number" in one.possible()):
                continue
            match kind:
                case "null":
                    yield None
                case "boolean":
                    yield from (False, True)
                case "integer" | "number":
                    yield from numbers(one.leaves, whole=kind == "integer")
                case "string":
                    yield from strings(one.leaves)
                case "array":
                    yield from self.array(one, one.least("minItems"), depth)
                case _:
                    yield from self.object(one, depth=depth)

    def array(self, one: Alternative, length: int, depth: int = _DEPTH, **fixed: Any) -> Iterator[list[Any]]:
        """An array of that length; ``at`` and ``value`` put a value in its place."""
        if length > _LONGEST:
            return
        items: list[Any] = []
        different = any(key == "uniqueItems" for key, _ in one.leaves)
        wanted = [node["contains"] for node in one.remarks if "contains" in node]
        for index in range(length):
            if fixed and index == fixed["at"]:
                items.append(fixed["value"])
                continue
            parts = one.item(index)
            if wanted and len(items) < 3:
                parts = (*parts, wanted[0])
            if (
                items
                and not different
                and not wanted
                and index > len(one.items)
                and parts == one.item(index - 1)
            ):
                items.append(items[-1])
                continue
            taken = [*items, fixed["value"]] if fixed else items
            found = self.different(parts, taken, depth) if different else self.first(parts, depth)
            if found is _NOTHING:
                return
            items.append(found)
        yield items

    def object(
        self,
        one: Alternative,
        fixed: dict[str, Any] | None = None,
        without: str | None = None,
        more: int = 0,
        depth: int = _DEPTH,
    ) -> Iterator[dict[str, Any]]:
        """An object with its required members, the ``fixed`` ones, and ``more`` than that."""
        fixed = fixed or {}
        names = one.names()
        wanted = [name for name in names if name in one.required or name in fixed]
        wanted += sorted((one.required | fixed.keys()) - names.keys())
        for trigger, demand in one.dependent:
            if trigger in wanted and isinstance(demand, frozenset):
                wanted += sorted(demand - set(wanted))
        least = max(one.least("minProperties"), len(wanted) + more)
        closed = False in one.others() and not any(clause.patterns for clause in one.members)
        known = names if closed else chain(names, fresh(one))
        spare = (name for name in known if name not in wanted and name != without)
        made: dict[str, Any] = {}
        for name in wanted:
            value = fixed[name] if name in fixed else self.first(one.member(name), depth)
            if name != without and value is _NOTHING:
                return
            if name != without:
                made[name] = value
        for name in islice(spare, _SPARE):
            if len(made) >= least:
                break
            if (value := self.first(one.member(name), depth)) is not _NOTHING:
                made[name] = value
        yield made

    def first(self, parts: Parts, depth: int = _DEPTH) -> Any:
        """The smallest value known to fit, or ``_NOTHING``."""
        return next(self.smallest(parts, depth - 1), _NOTHING) if parts else 0

    def different(self, parts: Parts, taken: list[Any], depth: int) -> Any:
        """Like `first`, but none of those."""
        known = [json.dumps(value, sort_keys=True) for value in taken]
        kinds = self._expand(parts) if parts and depth > 1 else [Alternative(())]
        for one in kinds:
            counted = one.enums[0] if one.enums else counted_values(one)
            for value in islice(counted, len(taken) + 200):
                if json.dumps(value, sort_keys=True) not in known and self._admits(parts, value):
                    return value
        return self.first(parts, depth)


def counted_values(one: Alternative) -> Iterator[Any]:
    """Endlessly many different values, of the simplest type that the alternative has."""
    if one.types & {"integer", "number"}:
        step = next((value for key, value in one.leaves if key == "multipleOf"), 1)
        start = next(iter(numbers(one.leaves, whole="number" not in one.types)), 0)
        yield from (start + index * step for index in count())
    elif "string" in one.types:
        yield from strings(one.leaves)
        yield from (str(index).rjust(one.least("minLength"), "0") for index in count())
        return
    else:
        yield from (None, False, True)


def fresh(one: Alternative, *patterns: str) -> Iterator[str]:
    """Names for members that the alternative does not name, those that fit its patterns included."""
    names = one.names()
    for pattern in (*patterns, *(pattern for clause in one.members for pattern in clause.patterns)):
        yield from (text for text in found_by(pattern) if text not in names)
    for node in one.remarks:
        demands = node.get("propertyNames") or {}
        yield from (text for text in demands.get("enum", ()) if text not in names)
        yield from found_by(demands.get("pattern", ""))
    yield from (text for text in ("other", "x", "X", "0", "_", "") if text not in names)
    yield from (f"other{index}" for index in range(_SPARE))


def numbers(leaves: Iterable[tuple[str, Any]], whole: bool) -> Iterator[int | float]:
    """Zero and what lies at, just above and just below each bound and multiple."""
    points: dict[int | float, None] = {0: None, 1: None, -1: None}
    for keyword, bound in leaves:
        if keyword in {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}:
            points.update(dict.fromkeys(_around(bound)))
        elif keyword == "multipleOf":
            points.update(dict.fromkeys([bound, 2 * bound, 3 * bound]))
            points.update(dict.fromkeys(_steps(bound, leaves)))
    if not whole:
        points.update(dict.fromkeys([0.5, *(point + 0.5 for point in points if abs(point) < _EXACT)]))
    for point in sorted(filter(isfinite, points), key=lambda p: (len(repr(p)), abs(p), p)):
        if not whole or isinstance(point, int):
            yield point
        elif point.is_integer():
            yield int(point) if abs(point) < _EXACT else point


def _around(bound: int | float) -> list[int | float]:
    if isinstance(bound, float) and abs(bound) >= _EXACT:
        return [bound, nextafter(bound, inf), nextafter(bound, -inf)]
    return [
        bound,
        int(bound) - 1,
        int(bound),
        int(bound) + 1,
        *([bound + 1, bound - 1] if abs(bound) < _EXACT else []),
    ]


def _steps(step: int | float, leaves: Iterable[tuple[str, Any]]) -> Iterator[int | float]:
    for keyword, bound in leaves:
        if "inimum" in keyword or "aximum" in keyword:
            times = int(bound // step) if abs(bound / step) < _EXACT else 0
            yield from ((times + shift) * step for shift in (-1, 0, 1, 2))


def strings(leaves: Iterable[tuple[str, Any]]) -> Iterator[str]:
    """Texts with each format, pattern and length that is spoken of, and plain ones."""
    leaves = list(leaves)
    lengths = {value + shift for key, value in leaves if key.endswith("Length") for shift in (-1, 0, 1)}
    lengths = {length for length in lengths if 0 <= length <= _LONGEST}
    for keyword, value in leaves:
        if keyword == "format":
            yield from texts(value, frozenset(lengths))
        elif keyword == "pattern":
            yield from found_by(value)
    yield from _PLAIN
    yield from ("0" * length for length in sorted(lengths))
