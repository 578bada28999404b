"""Contents: bytes of one media type and the values of Python that they stand for."""

import codecs
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import orjson

from accord.boundary import Boundary, ContractViolation, Violation
from accord.http.media_types import MediaType
from accord.http.shapes import Shape, to_parts

__all__ = ["Binary", "Content", "Json", "Text", "UnreadableCharset", "choose", "written"]

_ANYTHING: Final[Boundary[Any]] = Boundary(Any, "anything", {"anything": True})
_OCTETS: Final = "application/octet-stream"
_WRITTEN: Final = {
    "*/*": _OCTETS,
    "application/*": _OCTETS,
    "text/*": "text/plain",
    "multipart/*": "multipart/mixed",
}


class UnreadableCharset(ValueError):
    """The media type is right, but text in this charset cannot be read."""


class Content(ABC):
    """One entry of a ``content`` map (OpenAPI, Media Type Object); ``media_type`` may be a range."""

    may_be_empty = True
    """Whether no bytes at all are a value."""

    def __init__(self, media_type: str) -> None:
        self.media_type = media_type

    def accepts(self, given: MediaType) -> bool:
        """Whether bytes of this type are read."""
        return given.is_in(self.media_type)

    @abstractmethod
    def read(self, body: bytes, given: MediaType) -> Any:
        """Parse; raises `ContractViolation` or `UnreadableCharset`."""

    @abstractmethod
    def write(self, value: Any, media_type: str | None = None, *, check: bool = True) -> tuple[bytes, str]:
        """The bytes and their Content-Type; with ``check``, raises `ContractViolation`.

        ``media_type`` says which one it is where this is a range.
        """


class Json(Content):
    """JSON in UTF-8, held against its schema, if there is one."""

    may_be_empty = False

    def __init__(self, media_type: str, boundary: Boundary[Any] = _ANYTHING) -> None:
        super().__init__(media_type)
        self._boundary = boundary

    def accepts(self, given: MediaType) -> bool:
        return super().accepts(given) and ("*" not in self.media_type or _is_json(given))

    def read(self, body: bytes, given: MediaType) -> Any:
        if given.charset not in ("", "utf-8", "utf8", "us-ascii"):
            raise UnreadableCharset(given.charset)
        return self._boundary.parse_json(body)

    def write(self, value: Any, media_type: str | None = None, *, check: bool = True) -> tuple[bytes, str]:
        written_as = media_type or ("application/json" if "*" in self.media_type else self.media_type)
        if not check:
            # A model's own serializer knows it even where the contract's type is a wider one.
            serializer = getattr(value, "__pydantic_serializer__", None) or self._boundary.adapter.serializer
            return serializer.to_json(value, by_alias=True, exclude_unset=True), written_as
        plain = self._boundary.adapter.dump_python(value, mode="json", by_alias=True, exclude_unset=True)
        self._boundary.check(plain)
        try:
            return orjson.dumps(plain), written_as
        except orjson.JSONEncodeError as error:  # integers of more than 64 bits, which few readers hold
            violation = Violation("#", f"not JSON: {error}")
            raise ContractViolation(self._boundary.name, (violation,)) from None


class Text(Content):
    """Text of any charset that Python knows; a number or a boolean is written as JSON writes it."""

    def __init__(self, media_type: str, boundary: Boundary[Any] = _ANYTHING) -> None:
        super().__init__(media_type)
        self._boundary = boundary

    def read(self, body: bytes, given: MediaType) -> Any:
        charset = given.charset or "utf-8"
        try:
            text = codecs.decode(body, charset)
        except (LookupError, TypeError):
            raise UnreadableCharset(charset) from None
        except UnicodeError:
            detail = f"is no text in {charset}"
            raise ContractViolation(self._boundary.name, (Violation("#", detail),)) from None
        return self._boundary.parse(self._shape.value(text))

    def write(self, value: Any, media_type: str | None = None, *, check: bool = True) -> tuple[bytes, str]:
        plain = self._boundary.adapter.dump_python(value, mode="json", by_alias=True)
        if check:
            self._boundary.check(plain)
        return str(to_parts(plain)).encode(), f"{media_type or written(self.media_type)}; charset=utf-8"

    @cached_property
    def _shape(self) -> Shape:
        return Shape({"$ref": f"#/$defs/{self._boundary.name}"}, self._boundary.definitions)


class Binary(Content):
    """Bytes, as they are."""

    def read(self, body: bytes, given: MediaType) -> bytes:
        return body

    def write(self, value: Any, media_type: str | None = None, *, check: bool = True) -> tuple[bytes, str]:
        return bytes(value), media_type or written(self.media_type)


def choose(contents: Sequence[Content], given: MediaType) -> int | None:
    """Which content is meant; one whose type is named in full goes before a range."""
    found = [index for index, content in enumerate(contents) if content.accepts(given)]
    return min(found, key=lambda index: contents[index].media_type.count("*"), default=None)


def written(media_range: str) -> str:
    """The type to write where only a range is given."""
    return _WRITTEN.get(media_range, media_range)


def _is_json(given: MediaType) -> bool:
    return given.name.endswith(("/json", "+json"))
