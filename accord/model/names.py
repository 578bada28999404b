"""Names as types: an identifier that Python would refuse cannot be built."""

import keyword
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Self

__all__ = ["ClassName", "ConstantName", "IllegalName", "MemberName", "words"]

_IN_MODULES = frozenset(
    {"bool", "bytes", "common", "dict", "endpoints", "events", "float", "int", "list", "schemas", "self"}
)
_TAKEN_BY_METHODS = _IN_MODULES | {
    *("abstractmethod", "specified", "api", "router", "str"),
    *("authorize", "call", "send", "start", "stop", "close", "aclose"),
    "register",
}
"""What generated modules use themselves: interfaces, routers, `accord.http.client.RestClient`, handlers."""
_TAKEN_BY_ARGUMENTS = _IN_MODULES | {"body", "dt", "media_type", "str"}
_AMBIGUOUS = frozenset({"I", "O", "l"})
"""Names that look like digits (pycodestyle, E741)."""
_SPELT = 4
"""How many symbols of a name without letters are spelt out; nobody reads more."""


class IllegalName(ValueError):
    """No Python identifier can be made of this name; the message says why."""


def words(name: str, *, spelt: bool = False) -> list[str]:
    """Split at all but letters and digits, and where case changes: ``ISBNNumber-of`` is isbn, number, of.

    A name of symbols alone is spelt out by the names that Unicode gives them: ``+`` is plus, sign. With
    ``spelt`` symbols are spelt out beside letters too. Raises `IllegalName` where nothing is left.
    """
    text = unicodedata.normalize("NFKC", name)
    parts = re.split(r"([\W_]+)", text)
    found = []
    for index, part in enumerate(parts):
        if index % 2 == 0:
            found += _split(part)
        elif spelt:
            found += _spell(part)
    found = found or _spell(text)
    if not found:
        raise IllegalName(f"'{name}' holds no letter")
    return found


def _spell(symbols: str) -> list[str]:
    named = [unicodedata.name(symbol, f"U{ord(symbol):04X}") for symbol in symbols.replace(" ", "")[:_SPELT]]
    return [word.lower() for text in named for word in re.findall(r"[A-Z0-9]+", text)]


def _split(part: str) -> list[str]:
    if part.isascii():
        pattern = r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z0-9]+"
        return [match.group().lower() for match in re.finditer(pattern, part)]
    return [part.lower()] if part else []


class _Identifier(str):
    __slots__ = ()

    digit_prefix = ""
    """What stands before a name that would begin with a digit."""

    @classmethod
    def of(cls, name: str) -> Self:
        """Make the identifier of a name in a spec; raises `IllegalName`."""
        return cls._of(name, words(name))

    @classmethod
    def distinct(cls, names: Iterable[str]) -> dict[str, Self]:
        """Make an identifier of each name, no two of them equal: where they would be, symbols are spelt out.

        Raises `IllegalName` with the name that cannot be told from another.
        """
        named = list(names)
        found = {name: cls.of(name) for name in named}
        made = Counter(found.values())
        clashing = [name for name, identifier in found.items() if made[identifier] > 1]
        found |= {name: cls._of(name, words(name, spelt=True)) for name in clashing}
        owners: dict[str, str] = {}
        for name, identifier in found.items():
            other = owners.setdefault(identifier, name)
            if other != name:
                raise IllegalName(f"'{name}' and '{other}' would both be {identifier}")
        return found

    @classmethod
    def _of(cls, name: str, parts: list[str]) -> Self:
        made = cls._make(parts)
        if not made.isidentifier():
            made = cls._make([cls.digit_prefix, *parts])
        if not made.isidentifier():
            raise IllegalName(f"no identifier of Python can be made of '{name}'")
        return cls(made)

    @staticmethod
    def _make(parts: list[str]) -> str:
        raise NotImplementedError


class MemberName(_Identifier):
    """A method, an argument or a field, as in ``create_author``; a keyword gets an underscore: ``class_``."""

    __slots__ = ()
    digit_prefix = "number"

    @classmethod
    def method(cls, name: str) -> Self:
        """Like `of`, for a method of an interface or a client; what they have already gets an underscore."""
        return cls._free(cls.of(name), _TAKEN_BY_METHODS)

    @classmethod
    def argument(cls, name: str) -> Self:
        """Like `of`, for an argument of such a method."""
        return cls._free(cls.of(name), _TAKEN_BY_ARGUMENTS)

    @classmethod
    def _free(cls, made: Self, taken: frozenset[str]) -> Self:
        return cls(f"{made}_") if made in taken else made

    @staticmethod
    def _make(parts: list[str]) -> str:
        made = "_".join(parts)
        odd = keyword.iskeyword(made) or keyword.issoftkeyword(made) or made in _AMBIGUOUS
        return f"{made}_" if odd else made


class ClassName(_Identifier):
    """A class, as in ``AuthorCreate``."""

    __slots__ = ()
    digit_prefix = "schema"

    @staticmethod
    def _make(parts: list[str]) -> str:
        made = "".join(part[0].upper() + part[1:] for part in parts if part)
        return f"{made}Schema" if keyword.iskeyword(made) else made


class ConstantName(_Identifier):
    """A module's constant, as in ``AUTHOR_CREATE``."""

    __slots__ = ()
    digit_prefix = "value"

    @staticmethod
    def _make(parts: list[str]) -> str:
        made = "_".join(parts).upper()
        return f"{made}_" if made in _AMBIGUOUS else made
