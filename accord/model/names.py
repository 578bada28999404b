"""Names as types: an identifier that Python would refuse cannot be built."""

import keyword
import re
from typing import Self

__all__ = ["ClassName", "ConstantName", "IllegalName", "MemberName", "words"]

_IN_MODULES = frozenset({"bool", "common", "events", "float", "int", "schemas", "self", "str"})
_TAKEN_BY_METHODS = _IN_MODULES | {
    *("abstractmethod", "specified", "api", "router"),
    *("send", "segment", "start", "stop", "close", "aclose"),
    "register",
}
"""What generated modules use themselves: interfaces, routers, `accord.http.client.RestClient`, handlers."""
_TAKEN_BY_ARGUMENTS = _IN_MODULES | {"body"}


class IllegalName(ValueError):
    """No Python identifier can be made of this name; the message says why."""


def words(name: str) -> list[str]:
    """Split at all but letters and digits, and where case changes: ``ISBNNumber-of`` is isbn, number, of."""
    found = [word for part in re.split(r"[^A-Za-z0-9]+", name) for word in _split(part)]
    if not found:
        raise IllegalName(f"'{name}' holds no letter")
    return found


def _split(part: str) -> list[str]:
    return [
        match.group().lower()
        for match in re.finditer(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z0-9]+", part)
    ]


class _Identifier(str):
    __slots__ = ()

    @classmethod
    def of(cls, name: str) -> Self:
        """Make the identifier of a name in a spec; raises `IllegalName`."""
        made = cls._make(words(name))
        if not made.isascii() or not made.isidentifier():
            raise IllegalName(f"'{name}' begins with a digit")
        return cls(made)

    @staticmethod
    def _make(parts: list[str]) -> str:
        raise NotImplementedError


class MemberName(_Identifier):
    """A method, an argument or a field, as in ``create_author``; a keyword gets an underscore: ``class_``."""

    __slots__ = ()

    @classmethod
    def method(cls, name: str) -> Self:
        """Like `of`, for a method of an interface or a client."""
        return cls._free(cls.of(name), _TAKEN_BY_METHODS)

    @classmethod
    def argument(cls, name: str) -> Self:
        """Like `of`, for an argument of such a method."""
        return cls._free(cls.of(name), _TAKEN_BY_ARGUMENTS)

    @classmethod
    def _free(cls, made: Self, taken: frozenset[str]) -> Self:
        if made in taken:
            raise IllegalName(f"'{made}' is what the generated code calls something else")
        return made

    @staticmethod
    def _make(parts: list[str]) -> str:
        made = "_".join(parts)
        return f"{made}_" if keyword.iskeyword(made) or keyword.issoftkeyword(made) else made


class ClassName(_Identifier):
    """A class, as in ``AuthorCreate``."""

    __slots__ = ()

    @staticmethod
    def _make(parts: list[str]) -> str:
        made = "".join(part[0].upper() + part[1:] for part in parts)
        return f"{made}_" if keyword.iskeyword(made) else made


class ConstantName(_Identifier):
    """A module's constant, as in ``AUTHOR_CREATE``."""

    __slots__ = ()

    @staticmethod
    def _make(parts: list[str]) -> str:
        return "_".join(parts).upper()
