"""Short texts that a regular expression finds, built from the expression itself."""

import re
import warnings
from collections.abc import Iterator
from itertools import islice, product
from re import _constants as codes
from re import _parser as parser
from typing import Any, Final

__all__ = ["found_by"]

_LIMIT: Final = 60
_MORE: Final = (1, 2, 3, 4, 8, 16, 32, 64, 128)
_PREFERRED: Final = "a0A-_ .é"
_CATEGORIES: Final = {
    codes.CATEGORY_DIGIT: "0",
    codes.CATEGORY_NOT_DIGIT: "a",
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_NOT_SPACE: "a",
    codes.CATEGORY_WORD: "a",
    codes.CATEGORY_NOT_WORD: "-",
}


def found_by(pattern: str) -> list[str]:
    """Candidates, shortest first; look-arounds are passed over, so each has to be tried."""
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = parser.parse(pattern)
        return sorted(dict.fromkeys(islice(_texts(list(tree)), _LIMIT)), key=len)
    except (re.error, OverflowError, RecursionError):
        return []


def _texts(nodes: list[Any]) -> Iterator[str]:
    """The simplest text first, then those that differ from it in one node."""
    choices = [list(islice(_node(*node), 16)) or [""] for node in nodes]
    if len(choices) <= 3:
        yield from ("".join(parts) for parts in product(*choices))
        return
    simplest = [choice[0] for choice in choices]
    yield "".join(simplest)
    for index, choice in enumerate(choices):
        for other in choice[1:]:
            yield "".join([*simplest[:index], other, *simplest[index + 1 :]])


def _node(code: Any, argument: Any) -> Iterator[str]:
    if code is codes.LITERAL:
        yield chr(argument)
    elif code is codes.NOT_LITERAL:
        yield from (char for char in _PREFERRED if ord(char) != argument)
    elif code is codes.ANY:
        yield from _PREFERRED
    elif code is codes.IN:
        yield from _of_class(argument)
    elif code is codes.BRANCH:
        for branch in argument[1]:
            yield from islice(_texts(list(branch)), 2)
    elif code is codes.SUBPATTERN:
        yield from _texts(list(argument[3]))
    elif code in {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}:
        least, most, inner = argument
        texts = list(islice(_texts(list(inner)), 4)) or [""]
        yield from (text * least for text in texts[: 4 if least else 1])
        for more in _MORE:
            if least + more <= most:
                yield from (text * (least + more) for text in texts[:2])
    else:
        yield ""


def _of_class(members: list[Any]) -> Iterator[str]:
    if members and members[0][0] is codes.NEGATE:
        yield from (char for char in _PREFERRED + "bxyz12" if not any(_has(m, char) for m in members[1:]))
        return
    for code, argument in members:
        if code is codes.LITERAL:
            yield chr(argument)
        elif code is codes.RANGE:
            yield chr(argument[0])
            yield chr(argument[1])
        elif code is codes.CATEGORY:
            yield _CATEGORIES.get(argument, "a")


def _has(member: tuple[Any, Any], char: str) -> bool:
    code, argument = member
    if code is codes.LITERAL:
        return bool(ord(char) == argument)
    if code is codes.RANGE:
        return bool(argument[0] <= ord(char) <= argument[1])
    sample = {codes.CATEGORY_DIGIT: r"\d", codes.CATEGORY_SPACE: r"\s", codes.CATEGORY_WORD: r"\w"}
    return bool(re.match(sample.get(argument, r"\W"), char))
