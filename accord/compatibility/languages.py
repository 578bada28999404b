"""Whether every text that some patterns find is found by another one: a proof by automata, or a text.

A pattern becomes a nondeterministic automaton over whole texts; all of them are walked at once, set of
states by set of states, over one character for each range that the patterns tell apart. Only what every
dialect reads alike is taken: literals, classes, groups, alternatives, repetitions, ``^`` and ``$``. What a
class such as ``\\w`` holds is asked of the validator.
"""

import re
import warnings
from collections import deque
from collections.abc import Callable
from functools import cache
from re import _constants as codes
from re import _parser as parser
from typing import Any, Final

from accord.compatibility.alternatives import matches

__all__ = ["Undecided", "length", "uncovered"]

MAX_STATES: Final = 4_000
MAX_SETS: Final = 4_000

_LAST: Final = 0x10FFFF
_FOREIGN: Final = re.compile(
    r"\((?!\?:)\?|\\[^dDwWsS.\-/\\\[\](){}^$*+?|ntrf]|\[[^\]]*(\[|&&|--|~~)|\{(?!\d+(,\d*)?\})|[*+?}]\+"
)
"""What Python and the validator may read differently."""
_CATEGORIES: Final = {
    codes.CATEGORY_DIGIT: r"^\d$",
    codes.CATEGORY_NOT_DIGIT: r"^\D$",
    codes.CATEGORY_SPACE: r"^\s$",
    codes.CATEGORY_NOT_SPACE: r"^\S$",
    codes.CATEGORY_WORD: r"^\w$",
    codes.CATEGORY_NOT_WORD: r"^\W$",
}
_EDGES: Final = (
    "\x00\t\n\r\x0b\x0c\x0e\x1c !/09:@AZ[_`az{\x7f\x85\x86\xa0\xa1\u0100\u1680\u1681\u2000\u200b"
    "\u2028\u2029\u202a\u202f\u2030\u205f\u2060\u3000\u3001\ufeff\uff00\U00010000"
)
"""Characters at which classes are known to begin or to end."""

Test = Callable[[str], bool]


class Undecided(Exception):
    """A pattern says what dialects read differently, or the automata grow too large."""


class _Automaton:
    """``steps`` consume a character, ``free`` edges none; some of these hold at the beginning or end only."""

    def __init__(self, pattern: str) -> None:
        if _FOREIGN.search(pattern):
            raise Undecided
        try:
            with warnings.catch_warnings(action="ignore"):
                tree = parser.parse(pattern)
        except (re.error, OverflowError, RecursionError):
            raise Undecided from None
        self.steps: dict[int, list[tuple[Test, int]]] = {}
        self.free: dict[int, list[tuple[Any, int]]] = {}
        self.edges: set[int] = set()
        self.tests: dict[str, Test] = {}
        self.count = 1
        self.final = self._sequence(list(tree), 0)

    def _new(self) -> int:
        self.count += 1
        if self.count > MAX_STATES:
            raise Undecided
        return self.count - 1

    def _link(self, start: int, end: int, condition: Any = None) -> None:
        self.free.setdefault(start, []).append((condition, end))

    def _sequence(self, nodes: list[Any], start: int) -> int:
        for code, argument in nodes:
            start = self._node(code, argument, start)
        return start

    def _node(self, code: Any, argument: Any, start: int) -> int:
        end = self._new()
        if code is codes.AT and argument in (codes.AT_BEGINNING, codes.AT_END):
            self._link(start, end, argument)
        elif code is codes.BRANCH:
            for branch in argument[1]:
                self._link(self._sequence(list(branch), self._begin(start)), end)
        elif code is codes.SUBPATTERN and not argument[1] and not argument[2]:
            self._link(self._sequence(list(argument[3]), start), end)
        elif code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            least, most, inner = argument
            self._repeat(least, most, list(inner), start, end)
        else:
            key = f"{code} {argument}"
            if key not in self.tests:
                self.tests[key] = self._test(code, argument)
            self.steps.setdefault(start, []).append((self.tests[key], end))
        return end

    def _begin(self, start: int) -> int:
        begun = self._new()
        self._link(start, begun)
        return begun

    def _repeat(self, least: int, most: Any, nodes: list[Any], start: int, end: int) -> None:
        at = start
        for _ in range(least):
            at = self._sequence(nodes, self._begin(at))
        if most is codes.MAXREPEAT:
            loop = self._begin(at)
            self._link(self._sequence(nodes, self._begin(loop)), loop)
            self._link(loop, end)
            return
        self._link(at, end)
        for _ in range(most - least):
            at = self._sequence(nodes, self._begin(at))
            self._link(at, end)

    def _test(self, code: Any, argument: Any) -> Test:
        if code is codes.LITERAL:
            return self._range(argument, argument)
        if code is codes.NOT_LITERAL:
            one = self._range(argument, argument)
            return lambda char: not one(char)
        if code is codes.ANY:
            return cache(lambda char: matches("^.$", char))
        if code is codes.IN:
            negated = bool(argument) and argument[0][0] is codes.NEGATE
            tests = [self._member(*member) for member in argument[negated:]]
            return cache(lambda char: any(test(char) for test in tests) != negated)
        raise Undecided

    def _member(self, code: Any, argument: Any) -> Test:
        if code is codes.RANGE:
            return self._range(*argument)
        if code is codes.CATEGORY and argument in _CATEGORIES:
            pattern = _CATEGORIES[argument]
            return cache(lambda char: matches(pattern, char))
        if code is codes.LITERAL:
            return self._range(argument, argument)
        raise Undecided

    def _range(self, first: int, last: int) -> Test:
        self.edges |= {first, last + 1}
        return lambda char: first <= ord(char) <= last

    def closure(self, states: set[int], *here: Any) -> frozenset[int]:
        """All states that are reached without a character, where the conditions ``here`` hold."""
        found, waiting = set(states), list(states)
        while waiting:
            for condition, end in self.free.get(waiting.pop(), ()):
                if end not in found and (condition is None or condition in here):
                    found.add(end)
                    waiting.append(end)
        return frozenset(found)

    def accepts(self, states: frozenset[int], *here: Any) -> bool:
        """Whether the text may end here."""
        return self.final in self.closure(set(states), codes.AT_END, *here)

    def after(self, states: frozenset[int], char: str) -> frozenset[int]:
        """The states behind a character: it may begin the match, or come after it."""
        moved = {end for state in states for test, end in self.steps.get(state, ()) if test(char)}
        if self.final in states:
            moved.add(self.final)
        return self.closure(moved | {0})


def length(least: int, most: int | None) -> str:
    """A pattern for texts by the number of their characters."""
    return rf"^[\s\S]{{{least},{'' if most is None else most}}}$"


def uncovered(written: tuple[str, ...], read: str) -> str | None:
    """The shortest text that all written patterns find and the other one does not; None if there is none.

    Raises `Undecided`.
    """
    return _walk([_Automaton(pattern) for pattern in (*written, read)])


def _walk(automata: list[_Automaton]) -> str | None:
    chars = _representatives(automata)
    here = (codes.AT_BEGINNING,)
    start = tuple(automaton.closure({0}, *here) for automaton in automata)
    seen = {start}
    waiting = deque([("", start)])
    while waiting:
        text, sets = waiting.popleft()
        ends = [a.accepts(s, *(() if text else here)) for a, s in zip(automata, sets, strict=True)]
        if all(ends[:-1]) and not ends[-1]:
            return text
        for char in chars:
            then = tuple(a.after(s, char) for a, s in zip(automata, sets, strict=True))
            if then not in seen:
                if len(seen) > MAX_SETS:
                    raise Undecided
                seen.add(then)
                waiting.append((text + char, then))
    return None


def _representatives(automata: list[_Automaton]) -> list[str]:
    """One character for all that every test takes alike; readable ones first."""
    points = {0, *map(ord, _EDGES), *(edge for automaton in automata for edge in automaton.edges)}
    tests = [test for automaton in automata for test in automaton.tests.values()]
    found: dict[tuple[bool, ...], str] = {}
    for point in sorted(points, key=lambda p: (not 0x30 <= p < 0x7F, not 0x20 <= p < 0x7F, p)):
        if not 0xD800 <= point <= 0xDFFF and point <= _LAST:
            found.setdefault(tuple(test(chr(point)) for test in tests), chr(point))
    return list(found.values())
