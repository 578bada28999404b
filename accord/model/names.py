"""Names as types: an identifier that Python would refuse cannot be built."""

import keyword
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Container, Iterable, Set
from enum import IntEnum
from typing import ClassVar, Self

__all__ = ["ClassName", "ConstantName", "IllegalName", "MemberName", "Spelling", "words"]

_IN_MODULES = frozenset(
    {"bool", "bytes", "common", "dict", "endpoints", "events", "float", "int", "list", "schemas", "self"}
)
_TAKEN_BY_METHODS = _IN_MODULES | {
    *("abstractmethod", "one_by_one", "specified", "api", "router", "str"),
    *("authorize", "call", "send", "start", "stop", "close", "aclose"),
    "register",
}
"""What generated modules use themselves: interfaces, routers, `accord.http.client.RestClient`, handlers."""
_TAKEN_BY_ARGUMENTS = _IN_MODULES | {"body", "dt", "media_type", "str"}
_AMBIGUOUS = frozenset({"I", "O", "l"})
"""Names that look like digits (pycodestyle, E741 and E742)."""
_EVERYDAY = {"-": "HYPHEN", "_": "UNDERSCORE", ".": "DOT", "/": "SLASH"}
"""What people call symbols that Unicode has longer names for."""
_SPELT = 4
"""How many symbols of a name without letters are spelt out; nobody reads more."""


class IllegalName(ValueError):
    """No Python identifier can be made of this name; the message says why."""


class Spelling(IntEnum):
    """How much of a name is said in words."""

    PLAIN = 0
    """Letters and digits alone."""
    SYMBOLS = 1
    """Symbols too, by the names that Unicode gives them: ``+`` is plus, sign."""
    CASE = 2
    """Each word's case too, where it is not the usual one: ``ID`` is upper, id."""


def words(
    name: str, spelling: Spelling = Spelling.PLAIN, usual: Callable[[str], bool] = str.islower
) -> list[str]:
    """Split at all but letters and digits, and where case changes: ``ISBNNumber-of`` is isbn, number, of.

    A name of symbols alone is spelt out always; ``usual`` tells which case goes without saying.
    """
    text = unicodedata.normalize("NFKC", name)
    found: list[str] = []
    for index, part in enumerate(re.split(r"([\W_]+)", text)):
        if index % 2:
            found += _spell(part) if spelling >= Spelling.SYMBOLS else []
            continue
        for word in _split(part):
            if spelling is Spelling.CASE and word.lower() != word.upper() and not usual(word):
                found.append(_case(word))
            found.append(word.lower())
    return found or _spell(text) or ["space" if text else "empty"]


def _case(word: str) -> str:
    if word.islower():
        return "lower"
    return "upper" if word.isupper() and len(word) > 1 else "capital"


def _spell(symbols: str) -> list[str]:
    named = [
        _EVERYDAY.get(symbol, unicodedata.name(symbol, f"U{ord(symbol):04X}"))
        for symbol in symbols.replace(" ", "")[:_SPELT]
    ]
    return [word.lower() for text in named for word in re.findall(r"[A-Z0-9]+", text)]


def _split(part: str) -> list[str]:
    if part.isascii():
        pattern = r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z0-9]+"
        return [match.group() for match in re.finditer(pattern, part)]
    return [part] if part else []


class _Identifier(str):
    __slots__ = ()

    digit_prefix = ""
    """What stands before a name that would begin with a digit."""
    usual: ClassVar[Callable[[str], bool]]
    """Whether a word is in the case that identifiers of this kind have."""

    @classmethod
    def of(cls, name: str, spelling: Spelling = Spelling.PLAIN) -> Self:
        """Make the identifier of a name in a spec; raises `IllegalName`."""
        parts = words(name, spelling, cls.usual)
        made = cls._make(parts)
        if not made.isidentifier():
            made = cls._make([cls.digit_prefix, *parts])
        if not made.isidentifier():
            raise IllegalName(f"no identifier of Python can be made of '{name}'")
        return cls(made)

    @classmethod
    def distinct(cls, names: Iterable[str], reserved: Container[str] = ()) -> dict[str, Self]:
        """Make an identifier of each name, no two of them equal: where they would be, more is spelt out.

        A name that is its own identifier keeps it, so that no identifier is the name of something else. What
        is ``reserved``, or cannot be told apart in words, gets an underscore. Raises `IllegalName`.
        """
        waiting = list(dict.fromkeys(names))
        found = dict.fromkeys(waiting, cls(""))
        for spelling in Spelling:
            made = {name: cls._free(cls.of(name, spelling), reserved) for name in waiting}
            often = Counter([*made.values(), *found.values()])
            alone = {one for one, count in often.items() if count == 1 and one not in found}
            found |= {name: one for name, one in made.items() if one in alone or one == name}
            waiting = [name for name in waiting if not found[name]]
        for name in waiting:
            one = cls.of(name)
            while one in reserved or one in found or one in found.values():
                one = cls(f"{one}_")
            found[name] = one
        return found

    @classmethod
    def _free(cls, made: Self, reserved: Container[str]) -> Self:
        return cls(f"{made}_") if made in reserved else made

    @staticmethod
    def _make(parts: list[str]) -> str:
        raise NotImplementedError


class MemberName(_Identifier):
    """A method, an argument or a field, as in ``create_author``; a keyword gets an underscore: ``class_``."""

    __slots__ = ()
    digit_prefix = "number"
    usual = str.islower

    @classmethod
    def method(cls, name: str) -> Self:
        """Like `of`, for a method of an interface or a client; what they have already gets an underscore."""
        return cls._free(cls.of(name), _TAKEN_BY_METHODS)

    @classmethod
    def methods(cls, names: Iterable[str], beside: Set[str] = frozenset()) -> dict[str, Self]:
        """Like `distinct`, for all such methods; some stand ``beside`` them."""
        return cls.distinct(names, _TAKEN_BY_METHODS | beside)

    @classmethod
    def argument(cls, name: str) -> Self:
        """Like `of`, for an argument of such a method."""
        return cls._free(cls.of(name), _TAKEN_BY_ARGUMENTS)

    @classmethod
    def arguments(cls, names: Iterable[str], beside: Set[str] = frozenset()) -> dict[str, Self]:
        """Like `distinct`, for all arguments of such a method; some stand ``beside`` them."""
        return cls.distinct(names, _TAKEN_BY_ARGUMENTS | beside)

    @staticmethod
    def _make(parts: list[str]) -> str:
        made = "_".join(parts)
        odd = keyword.iskeyword(made) or keyword.issoftkeyword(made) or made in _AMBIGUOUS
        return f"{made}_" if odd else made


class ClassName(_Identifier):
    """A class, as in ``AuthorCreate``."""

    __slots__ = ()
    digit_prefix = "schema"
    usual = str.istitle

    @staticmethod
    def _make(parts: list[str]) -> str:
        made = "".join(part[0].upper() + part[1:] for part in parts if part)
        return f"{made}Schema" if keyword.iskeyword(made) or made in _AMBIGUOUS else made


class ConstantName(_Identifier):
    """A module's constant, as in ``AUTHOR_CREATE``."""

    __slots__ = ()
    digit_prefix = "value"
    usual = str.isupper

    @staticmethod
    def _make(parts: list[str]) -> str:
        made = "_".join(parts).upper()
        return f"{made}_" if made in _AMBIGUOUS else made
