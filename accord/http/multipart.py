"""multipart/form-data (RFC 7578): parts to bytes and back."""

import secrets
from dataclasses import dataclass
from email.message import Message
from typing import Final, Self

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from accord.http.styles import Malformed

__all__ = ["File", "Part", "join_parts", "split_parts"]

MAX_PARTS: Final = 1_000
"""More than any form has; each part costs memory beyond its bytes."""


class File(bytes):
    """The bytes of a file, with what its sender said of it; empty where nothing was said.

    ``filename`` is the sender's word: never a path to write to.
    """

    filename: str
    media_type: str

    def __new__(cls, content: bytes, filename: str = "", media_type: str = "") -> Self:
        made = super().__new__(cls, content)
        made.filename = filename
        made.media_type = media_type
        return made


@dataclass(frozen=True, slots=True)
class Part:
    """One part; ``media_type`` is its Content-Type, empty where it has none, which means text in UTF-8."""

    name: str
    content: bytes
    filename: str = ""
    media_type: str = ""


def split_parts(body: bytes, boundary: str) -> list[Part]:
    """Take a body apart; raises `Malformed` for one that is cut off, has no names or too many parts."""
    if not boundary:
        raise Malformed("has no boundary in its Content-Type")
    reader = _Reader()
    try:
        parser = MultipartParser(
            boundary.encode("latin-1"),
            {
                "on_part_begin": reader.begin,
                "on_header_field": reader.on_field,
                "on_header_value": reader.on_value,
                "on_header_end": reader.on_header,
                "on_part_data": reader.on_data,
                "on_part_end": reader.end,
                "on_end": reader.finish,
            },
        )
        parser.write(body)
        parser.finalize()
    except (FormParserError, UnicodeEncodeError) as error:
        raise Malformed(f"is no multipart/form-data: {error}") from None
    if not reader.complete:
        raise Malformed("is no multipart/form-data: it ends before its last boundary")
    return reader.parts


def join_parts(parts: list[Part]) -> tuple[bytes, str]:
    """The body, and the boundary that its Content-Type has to name."""
    boundary = secrets.token_hex(16)
    lines: list[bytes] = []
    for part in parts:
        head = f'Content-Disposition: form-data; name="{_quoted(part.name)}"'
        if part.filename:
            head += f'; filename="{_quoted(part.filename)}"'
        if part.media_type:
            head += f"\r\nContent-Type: {part.media_type}"
        lines += [f"--{boundary}".encode(), head.encode(), b"", part.content]
    return b"\r\n".join([*lines, f"--{boundary}--".encode(), b""]), boundary


def _quoted(text: str) -> str:
    """As browsers do (HTML, "multipart form data"); RFC 7578, section 4.2, leaves it to them."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


class _Reader:
    """Gathers what python-multipart calls back with."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.complete = False
        self._headers: dict[str, bytes] = {}
        self._field = self._value = self._content = b""
        self._chunks: list[bytes] = []

    def begin(self) -> None:
        if len(self.parts) == MAX_PARTS:
            raise Malformed(f"has more than {MAX_PARTS} parts")
        self._headers, self._chunks = {}, []

    def on_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header(self) -> None:
        self._headers[self._field.decode("latin-1").lower()] = self._value
        self._field = self._value = b""

    def on_data(self, data: bytes, start: int, end: int) -> None:
        self._chunks.append(data[start:end])

    def end(self) -> None:
        message = Message()
        message["Content-Disposition"] = self._headers.get("content-disposition", b"").decode(
            "utf-8", "replace"
        )
        name = message.get_param("name", header="Content-Disposition")
        if not isinstance(name, str):
            raise Malformed("has a part without a name")
        filename = message.get_param("filename", "", header="Content-Disposition")
        media_type = self._headers.get("content-type", b"").decode("latin-1")
        content = b"".join(self._chunks)
        self.parts.append(Part(_unquoted(name), content, _unquoted(str(filename)), media_type))

    def finish(self) -> None:
        self.complete = True


def _unquoted(text: str) -> str:
    return text.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")
