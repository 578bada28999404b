"""One parameter: its text decoded by type, and its value written as text."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from accord.boundary import NotJson, Violation, read_json, to_pointer
from accord.http.raw import Carrier, decode, decode_form, encode
from accord.http.shapes import Shape, to_parts
from accord.http.styles import Malformed, Pairs, Parts, Style, StyleName

__all__ = ["Codec", "Parameter"]

Place = Literal["path", "query", "header", "cookie"]

_STYLES: Final[Mapping[Place, StyleName]] = {
    "path": "simple",
    "query": "form",
    "header": "simple",
    "cookie": "form",
}
_DECODERS: Final[Mapping[Place, Callable[[str], str]]] = {
    "query": decode_form,
    "header": lambda text: text.strip(" \t"),
}
_RESERVED: Final = ":/?@!$'()*;"
"""What `allowReserved` leaves as it is: reserved characters (RFC 3986, 2.2) without a meaning in queries."""

_PRINTABLE: Final = re.compile("[ -~]*")
_PLAIN: Final = (str, int, bool, Any)
"""Types whose values JSON types are already."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as the spec has it; ``schema`` may refer to ``#/$defs/…``, ``type`` is its Python type.

    ``argument`` names it in Python where that cannot be its ``name``. ``explode`` is by default what OpenAPI
    says: true for form and deepObject. ``json`` is for a parameter that is described by ``content``.
    """

    name: str
    place: Place
    schema: Any
    required: bool = False
    type: Any = Any
    argument: str = ""
    style: StyleName | None = None
    explode: bool | None = None
    json: bool = False
    allow_reserved: bool = False
    allow_empty: bool = False
    ambient: bool = False

    @property
    def key(self) -> str:
        """What the value is called in Python."""
        return self.argument or self.name

    @property
    def pointer(self) -> str:
        """Where findings about it point: ``query/limit``."""
        return f"{self.place}/{self.name}"


class Codec:
    """One parameter between its text and its JSON value."""

    def __init__(self, parameter: Parameter, shape: Shape, others: Iterable[str]) -> None:
        name = parameter.style or _STYLES[parameter.place]
        explode = name in ("form", "deepObject") if parameter.explode is None else parameter.explode
        self.parameter = parameter
        self.key = parameter.key
        self.passed = not parameter.ambient
        self.shape = shape
        self.style = Style(name, explode, loose=shape.layout == "array" and not shape.has_text)
        self._others = frozenset(others)
        self._decode = _DECODERS.get(parameter.place, decode)
        self._layout = "scalar" if parameter.json else shape.layout
        self._in_pairs = parameter.place in ("query", "cookie")
        self._is_bare = name == "simple" and self._layout == "scalar"
        """Whether the text is the value and nothing else."""

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.parameter.type)

    def read(self, raw: Carrier, query: Pairs, cookies: Pairs) -> tuple[Any, ...]:
        """The JSON value, if the parameter is there; raises `Malformed`."""
        parameter = self.parameter
        parts = self._parts(raw, query, cookies)
        if parts is None:
            return ()
        if parameter.json:
            try:
                return (read_json(str(parts).encode()),)
            except (NotJson, UnicodeEncodeError) as error:
                raise Malformed(f"is no JSON: {error}") from None
        if parameter.allow_empty and parts == "" and not self.shape.has_text:
            return ()
        return (self.shape.value(parts),)

    def _parts(self, raw: Carrier, query: Pairs, cookies: Pairs) -> Parts | None:
        parameter = self.parameter
        if self._in_pairs:
            pairs = query if parameter.place == "query" else cookies
            members = self._members(pairs)
            return self.style.split_pairs(parameter.name, self._layout, pairs, members, self._decode)
        text = raw.path.get(self.key) if parameter.place == "path" else raw.header(parameter.name)
        if text is None:
            return None
        if self._is_bare:
            return self._decode(text)
        return self.style.split_text(parameter.name, self._layout, text, self._decode)

    def write(self, value: Any) -> str | list[tuple[str, str]]:
        """Encoded text, or pairs of a query or cookie; raises `Malformed`."""
        parameter = self.parameter
        if self._is_bare and value.__class__ is str and not parameter.json:
            text = self._encode(value)
        else:
            parts = json.dumps(value, separators=(",", ":")) if parameter.json else to_parts(value)
            if self._in_pairs:
                return self.style.join_pairs(parameter.name, parts, self._encode)
            text = self.style.join_text(parameter.name, parts, self._encode)
        if parameter.place == "path" and text in ("", ".", ".."):
            raise Malformed(f"'{text}' cannot be a segment of a path")
        return text

    def typed(self, value: Any, violations: list[Violation]) -> Any:
        """The value in its Python type; a violation where no Python type holds it, such as a leap second."""
        if self.parameter.type in _PLAIN or violations:
            return value
        try:
            return self._adapter.validate_python(value, by_alias=True, by_name=False)
        except ValidationError as error:
            root = self.parameter.pointer
            violations += (
                Violation(to_pointer(item["loc"], root), item["msg"])
                for item in error.errors(include_url=False)
            )
            return value

    def plain(self, value: Any) -> Any:
        """The value as JSON types."""
        if self.parameter.type in _PLAIN:
            return value
        return self._adapter.dump_python(
            value, mode="json", by_alias=True, exclude_unset=True, warnings=False
        )

    def _members(self, pairs: Pairs) -> frozenset[str]:
        """Names that are members of an exploded object: those it declares, or all that are nobody else's."""
        if self._layout != "object" or not self.style.explode or self.style.name == "deepObject":
            return frozenset()
        if self.shape.others is None:
            return frozenset(self.shape.members)
        return frozenset(self.shape.members) | frozenset(key for key, _ in pairs if key not in self._others)

    def _encode(self, text: str) -> str:
        try:
            if self.parameter.place == "header":
                return _header_text(text)
            if not self.parameter.allow_reserved:
                return encode(text)
            single = self._layout == "scalar" or self.style.explode
            return quote(text, safe=_RESERVED + ("," if single else ""))
        except UnicodeEncodeError:
            raise Malformed("holds a lone surrogate, which is no text") from None


def _header_text(text: str) -> str:
    """A header is not encoded (OpenAPI 3.1.1, Appendix D), so not every text fits (RFC 9110, section 5.5)."""
    if not _PRINTABLE.fullmatch(text):
        raise Malformed("holds characters that no header can carry; only printable ASCII travels")
    return text
