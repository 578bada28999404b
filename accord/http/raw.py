"""What of a request carries parameters, as it travels: encoded, and not yet understood."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote, unquote_to_bytes

from accord.http.styles import Malformed

__all__ = [
    "Carrier",
    "RawRequest",
    "ReceivedRequest",
    "decode",
    "decode_form",
    "encode",
    "split_cookies",
    "split_query",
]


class Carrier(Protocol):
    """``path`` holds the text of each template of the path by its name; headers may repeat."""

    @property
    def path(self) -> Mapping[str, str]: ...
    @property
    def query(self) -> str: ...
    @property
    def headers(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def cookies(self) -> str: ...

    def header(self, name: str) -> str | None:
        """The header's value; repeated fields are one list (RFC 9110, section 5.3)."""


@dataclass(frozen=True, slots=True)
class RawRequest:
    """What is sent, written out."""

    path: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    cookies: str = ""

    def header(self, name: str) -> str | None:
        wanted = name.lower()
        lines = [value for key, value in self.headers if key.lower() == wanted]
        return ", ".join(lines) if lines else None


class ReceivedRequest:
    """What came in, as ASGI has it (``scope``); decoded where somebody asks for it."""

    __slots__ = ("_scope", "path")

    def __init__(self, scope: Mapping[str, Any], path: Mapping[str, str]) -> None:
        self._scope = scope
        self.path = path

    @property
    def query(self) -> str:
        query: bytes = self._scope["query_string"]
        return query.decode("latin-1")

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        return tuple(
            (key.decode("latin-1"), value.decode("latin-1")) for key, value in self._scope["headers"]
        )

    @property
    def cookies(self) -> str:
        return "; ".join(value for key, value in self.headers if key == "cookie")

    def header(self, name: str) -> str | None:
        wanted = name.lower().encode("latin-1")
        lines = [value for key, value in self._scope["headers"] if key == wanted]
        return b", ".join(lines).decode("latin-1") if lines else None


def encode(text: str) -> str:
    """Percent-encode all but the unreserved characters (RFC 3986, section 2.3)."""
    return quote(text, safe="")


def decode(text: str) -> str:
    """Take the percent-encoding off; raises `Malformed` where it is no UTF-8."""
    if "%" not in text and text.isascii():
        return text
    try:
        return unquote_to_bytes(text.encode("latin-1")).decode()
    except UnicodeError:
        raise Malformed("is no text in UTF-8") from None


def decode_form(text: str) -> str:
    """Like `decode`, where ``+`` is a blank (application/x-www-form-urlencoded)."""
    return decode(text.replace("+", " "))


def split_query(text: str) -> list[tuple[str, str]]:
    """The pairs of a query, with their names decoded; a name that is no UTF-8 is nobody's."""
    return _pairs(text.split("&"), "+")


def split_cookies(text: str) -> list[tuple[str, str]]:
    """The pairs of a Cookie header (RFC 6265, section 5.4)."""
    return _pairs((part.strip(" \t") for part in text.split(";")), "")


def _pairs(parts: Iterable[str], blank: str) -> list[tuple[str, str]]:
    found = []
    for part in parts:
        key, _, value = part.partition("=")
        try:
            found.append((decode(key.replace(blank, " ") if blank else key), value))
        except Malformed:
            continue
    return [pair for pair in found if pair != ("", "")]
