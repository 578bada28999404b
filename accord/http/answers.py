"""Answers: results and failures of an operation, to and from the responses that the spec declares."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from accord.http.content import Content, choose
from accord.http.failures import Failure
from accord.http.media_types import MediaType
from accord.http.parameters import Parameters
from accord.http.raw import RawRequest

__all__ = ["Answer", "Undeclared", "WrittenAnswer", "answer_to"]

Headers = tuple[tuple[str, str], ...]


class Undeclared(ValueError):
    """The spec declares no such answer; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class WrittenAnswer:
    """What goes over the wire; without a media type there is no content."""

    status: int
    headers: Headers
    content: bytes
    media_type: str | None


@dataclass(frozen=True)
class Answer:
    """One Response Object.

    ``result`` is the class that carries status, headers and media type beside the body; without one the body
    alone is the result. ``failures`` are the exceptions of an answer that is no success, one a content.
    """

    contents: tuple[Content, ...] = ()
    headers: Parameters | None = None
    result: Callable[..., Any] | None = None
    failures: tuple[type[Failure[Any]], ...] = ()

    def read(self, status: int, headers: Headers, body: bytes, given: str | None) -> Any:
        """The result, or the failure to raise; raises `Undeclared` or `ContractViolation`."""
        value, index = None, None
        if self.contents:
            index = choose(self.contents, MediaType.parse(given or ""))
            if index is None:
                raise Undeclared(f"has the media type {given or 'of nothing'}")
            value = self.contents[index].read(body, MediaType.parse(given or ""))
        if self.failures:
            kind = self.failures[index or 0]
            return kind(status, value, headers=dict(headers), media_type=given or "")
        if self.result is None:
            return value
        members = self.headers.read(RawRequest(headers=headers)) if self.headers else {}
        given_name = MediaType.parse(given or "").name
        extra = {"body": value, "status": status, "media_type": self._declared(index, given_name)}
        return self.result(**members, **{name: extra[name] for name in extra if name in self._fields})

    def write(self, status: int, value: Any) -> WrittenAnswer:
        """What a service sends for a result or a failure; raises `Undeclared`."""
        if isinstance(value, Failure):
            body, media_type, own = value.body, value.media_type, tuple(value.headers.items())
            index = next((i for i, kind in enumerate(self.failures) if isinstance(value, kind)), None)
        elif self.result is None:
            body, media_type, own, index = value, "", (), 0
        else:
            body = getattr(value, "body", None)
            media_type = getattr(value, "media_type", "")
            own = self.headers.write_headers(value) if self.headers else ()
            index = choose(self.contents, MediaType.parse(media_type)) if media_type else 0
        if not self.contents:
            if body is not None:
                raise Undeclared("has a body")
            return WrittenAnswer(status, own, b"", None)
        if index is None:
            raise Undeclared(f"is a {type(value).__name__}")
        content, written = self.contents[index].write(body, media_type or None, check=False)
        return WrittenAnswer(status, own, content, written)

    @property
    def _fields(self) -> frozenset[str]:
        return frozenset(f.name for f in dataclasses.fields(self.result) if f.init)  # type: ignore[arg-type]

    def _declared(self, index: int | None, given: str) -> str:
        declared = "" if index is None else self.contents[index].media_type
        return given if "*" in declared else declared


def answer_to(answers: Mapping[str, Answer], status: int) -> Answer:
    """The declared answer of a status: its own, that of its range, or the default; raises `Undeclared`."""
    for key in (str(status), f"{status // 100}XX", "default"):
        if key in answers:
            return answers[key]
    raise Undeclared(f"has the status {status}")
