"""Styles: how OpenAPI lays values out as text (3.1.1, Parameter Object, "Style Values"), split and joined.

A value is a text, a list of texts, or texts by name; what they mean is for `accord.http.shapes` to say.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["Layout", "Malformed", "Pairs", "Parts", "Style", "StyleName"]

StyleName = Literal["simple", "label", "matrix", "form", "spaceDelimited", "pipeDelimited", "deepObject"]
Layout = Literal["scalar", "array", "object"]
Parts = str | list[str] | dict[str, str | list[str]]
Pairs = Sequence[tuple[str, str]]
"""What stands between the ``&`` of a query or the ``;`` of a cookie: names decoded, values not."""
Codec = Callable[[str], str]

_DELIMITERS: Final = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C"}
_SPLITTERS: Final = {
    "form": re.compile(","),
    "spaceDelimited": re.compile(r"%20|\+| "),
    "pipeDelimited": re.compile(r"%7[Cc]|\|"),
}
"""What a style writes between items, and all that it reads as such: a URL holds no bare space or bar."""

_PREFIXES: Final = {"simple": "", "label": ".", "matrix": ";"}


class Malformed(ValueError):
    """The text is not laid out in the style; the message says how."""


@dataclass(frozen=True, slots=True)
class Style:
    """``loose``: no item can hold a comma, so one that was percent-encoded is a delimiter too."""

    name: StyleName
    explode: bool
    loose: bool = False

    def split_text(self, name: str, layout: Layout, text: str, decode: Codec) -> Parts:
        """Take one text apart, in ``simple``, ``label`` or ``matrix`` style; raises `Malformed`."""
        prefix = _PREFIXES[self.name]
        if not text.startswith(prefix):
            raise Malformed(f"has no '{prefix}' before it (style {self.name})")
        text = text[len(prefix) :]
        if self.name == "matrix":
            return self._split_matrix(name, layout, text, decode)
        if layout == "scalar":
            return decode(text)
        delimiter = "." if self.name == "label" and self.explode else ","
        return _structure(layout, self._items(text, delimiter), self.explode, decode)

    def join_text(self, name: str, parts: Parts, encode: Codec) -> str:
        """The inverse of `split_text`."""
        prefix = _PREFIXES[self.name]
        if self.name == "label":
            bare = encode
            encode = lambda text: bare(text).replace(".", "%2E")  # noqa: E731
        if self.name == "matrix" and self.explode and not isinstance(parts, str):
            return "".join(f";{encode(key)}={encode(value)}" for key, value in _flat(name, parts))
        if isinstance(parts, str):
            text = encode(parts)
        elif self.explode and isinstance(parts, dict):
            text = ("." if self.name == "label" else ",").join(
                f"{encode(key)}={encode(value)}" for key, value in _flat(name, parts)
            )
        else:
            delimiter = "." if self.name == "label" and self.explode else ","
            text = delimiter.join(map(encode, _sequence(parts)))
        if self.name == "matrix":
            return f";{encode(name)}={text}" if text else f";{encode(name)}"
        return prefix + text

    def split_pairs(
        self, name: str, layout: Layout, pairs: Pairs, members: Collection[str], decode: Codec
    ) -> Parts | None:
        """Find the parameter among the pairs; None where it is absent; raises `Malformed`.

        ``members`` are those of an exploded object, which stand there under their own names.
        """
        if self.name == "deepObject":
            return _split_deep(name, pairs, decode)
        if layout == "object" and self.explode:
            return _grouped([(key, decode(value)) for key, value in pairs if key in members])
        values = [value for key, value in pairs if key == name]
        if not values:
            return None
        if layout == "array" and self.explode:
            return [decode(value) for value in values]
        if len(values) > 1:
            raise Malformed(f"is given {len(values)} times; give it once")
        if layout == "scalar":
            return decode(values[0])
        text = re.sub("%2[Cc]", ",", values[0]) if self.loose else values[0]
        items = _SPLITTERS[self.name].split(text) if text else []
        return _structure(layout, items, False, decode)

    def join_pairs(self, name: str, parts: Parts, encode: Codec) -> list[tuple[str, str]]:
        """The inverse of `split_pairs`; nothing for an exploded value without items (RFC 6570, 2.3)."""
        if isinstance(parts, str):
            return [(name, encode(parts))]
        if self.name == "deepObject":
            return [(f"{name}[{key}]", encode(value)) for key, value in _flat(name, parts)]
        if self.explode:
            return [(key, encode(value)) for key, value in _flat(name, parts)]
        return [(name, _DELIMITERS[self.name].join(map(encode, _sequence(parts))))]

    def _split_matrix(self, name: str, layout: Layout, text: str, decode: Codec) -> Parts:
        if layout != "scalar" and self.explode:
            pairs = [part.partition("=")[::2] for part in text.split(";")]
            if layout == "object":
                return _unique((decode(key), decode(value)) for key, value in pairs)
            if any(decode(key) != name for key, _ in pairs):
                raise Malformed(f"has other names than '{name}' in it (style matrix)")
            return [decode(value) for _, value in pairs]
        key, _, value = text.partition("=")
        if decode(key) != name:
            raise Malformed(f"does not begin with ';{name}' (style matrix)")
        return decode(value) if layout == "scalar" else _structure(layout, self._items(value), False, decode)

    def _items(self, text: str, delimiter: str = ",") -> list[str]:
        if self.loose and delimiter == ",":
            text = re.sub("%2[Cc]", ",", text)
        return text.split(delimiter) if text else []


def _split_deep(name: str, pairs: Pairs, decode: Codec) -> Parts | None:
    if any(key == name for key, _ in pairs):
        raise Malformed(f"is an object; write its members as '{name}[member]=value'")
    inside = re.compile(rf"{re.escape(name)}\[([^\[\]]*)\]")
    return _grouped([(match[1], decode(value)) for key, value in pairs if (match := inside.fullmatch(key))])


def _structure(layout: Layout, items: list[str], paired: bool, decode: Codec) -> Parts:
    if layout == "array":
        return [decode(item) for item in items]
    if not paired and len(items) % 2:
        raise Malformed("has a name without a value")
    if paired and any("=" not in item for item in items):
        raise Malformed("has a member without '='")
    pairs = (
        [item.partition("=")[::2] for item in items] if paired else zip(items[::2], items[1::2], strict=True)
    )
    return _unique((decode(key), decode(value)) for key, value in pairs)


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str | list[str]]:
    found: dict[str, str | list[str]] = {}
    for key, value in pairs:
        if key in found:
            raise Malformed(f"has the member '{key}' twice")
        found[key] = value
    return found


def _grouped(pairs: Pairs) -> dict[str, str | list[str]] | None:
    """A name that stands there several times has a list, one that stands there once a text."""
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: values[0] if len(values) == 1 else values for key, values in found.items()} or None


def _flat(name: str, parts: list[str] | dict[str, str | list[str]]) -> list[tuple[str, str]]:
    if isinstance(parts, list):
        return [(name, item) for item in parts]
    return [
        (key, item)
        for key, value in parts.items()
        for item in (value if isinstance(value, list) else [value])
    ]


def _sequence(parts: list[str] | dict[str, str | list[str]]) -> list[str]:
    return parts if isinstance(parts, list) else [text for pair in _flat("", parts) for text in pair]
