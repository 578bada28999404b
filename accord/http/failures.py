"""What a caller of an operation catches.

ClientError
├── Failure               a declared answer that is no success; generated classes derive from it
├── ServiceUnreachable    no answer came: nobody listens, or not in time
└── UnexpectedResponse    the service answered something that the contract does not declare

An implementation may raise a `Failure` too: it becomes the answer.
"""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

__all__ = [
    "BytesFailure",
    "ClientError",
    "EmptyFailure",
    "Failure",
    "ServiceUnreachable",
    "TextFailure",
    "UnexpectedResponse",
]

Body = TypeVar("Body", covariant=True)

CORRELATION_HEADER: Final = "X-Correlation-ID"
MAX_SHOWN: Final = 500
"""Characters of a body that an error shows."""

_WORDS: Final = ("title", "message", "detail")


class ClientError(Exception):
    """Root of the tree."""


class ServiceUnreachable(ClientError):
    """No answer came; for a method that is not idempotent nobody knows whether the change was made."""


class Failure(ClientError, Generic[Body]):
    """A declared answer that is no success; ``body`` is typed, ``headers`` have their names in lower case."""

    def __init__(
        self,
        status: int,
        body: Body,
        *,
        headers: Mapping[str, str] = MappingProxyType({}),
        media_type: str = "",
    ) -> None:
        self.status = status
        self.body = body
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.media_type = media_type
        super().__init__(f"{status} {_said(status, body)}")

    @property
    def correlation_id(self) -> str | None:
        """Finds the request in the log of the service."""
        return self.headers.get(CORRELATION_HEADER.lower())


class EmptyFailure(Failure[None]):
    """One without a body."""


class TextFailure(Failure[str]):
    """One whose body is text."""


class BytesFailure(Failure[bytes]):
    """One whose body is anything else."""


class UnexpectedResponse(ClientError):
    """The answer is none that the contract declares; ``body`` is its text, in full."""

    def __init__(self, status: int, body: str, correlation_id: str | None) -> None:
        self.status = status
        self.body = body
        self.correlation_id = correlation_id
        super().__init__(f"undeclared answer {status}: {_shorten(body)}")


def _said(status: int, body: Any) -> str:
    """What the body says in words: a problem (RFC 9457) has a title and a detail, others the like."""
    members = body if isinstance(body, Mapping) else {name: getattr(body, name, None) for name in _WORDS}
    said = [str(members[name]) for name in _WORDS if members.get(name)]
    if said:
        return _shorten(": ".join(said))
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Failure"
    return phrase if body is None else f"{phrase}: {_shorten(str(body))}"


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"
