"""Endpoints: how one operation travels over HTTP, in both directions; generated modules hold one for each."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Generic, TypeVar

from accord.boundary import ContractViolation, Violation
from accord.http.answers import Answer, Undeclared, WrittenAnswer, answer_to
from accord.http.content import Content, choose
from accord.http.failures import Failure
from accord.http.media_types import MediaType
from accord.http.parameters import Parameters
from accord.http.security import Requirement

__all__ = ["Body", "Endpoint", "Served", "UnsupportedMediaType"]

Result = TypeVar("Result")


class UnsupportedMediaType(ValueError):
    """The body is of none of the declared media types, or in a charset that cannot be read."""


@dataclass(frozen=True, slots=True)
class Body:
    """A Request Body Object; ``names_type``: its media type is an argument of the method too."""

    contents: tuple[Content, ...]
    required: bool = True
    names_type: bool = False

    def read(self, body: bytes, given: str | None) -> dict[str, Any]:
        """The arguments; none for an optional body that is absent.

        Raises `ContractViolation` or `UnsupportedMediaType`.
        """
        if not body and given is None:
            if self.required:
                raise _empty()
            return {}
        media_type, content = _choose(self.contents, given or "")
        if content is None:
            raise UnsupportedMediaType(given)
        if not body and not content.may_be_empty:
            raise _empty()
        arguments = {"body": content.read(body, media_type)}
        if self.names_type:
            arguments["media_type"] = media_type.name if "*" in content.media_type else content.media_type
        return arguments

    def write(self, body: Any, media_type: str | None = None) -> tuple[bytes, str]:
        """The bytes and their Content-Type; raises `ContractViolation`, and ValueError for another type."""
        content = _choose(self.contents, media_type)[1] if media_type else self.contents[0]
        if content is None:
            raise ValueError(f"{media_type} is none of {', '.join(self.media_types)}")
        return content.write(body, media_type)

    @property
    def media_types(self) -> tuple[str, ...]:
        """What may be sent."""
        return tuple(content.media_type for content in self.contents)


@dataclass(frozen=True)
class Endpoint(Generic[Result]):
    """One operation; ``path`` has its templates named as the arguments are.

    ``security`` are alternatives, each of which may need several schemes; none at all: nobody is asked.
    ``server`` is the address where the spec gives the operation one of its own.
    """

    operation_id: str
    method: str
    path: str
    answers: Mapping[str, Answer]
    parameters: Parameters | None = None
    body: Body | None = None
    security: tuple[tuple[Requirement, ...], ...] = field(default=())
    server: str | None = None

    def served_by(self, method: Callable[..., Awaitable[Result]]) -> "Served":
        """Bind the endpoint to what implements it."""
        return Served(self, method)

    @property
    def accepted(self) -> str:
        """The value of an Accept header: everything that some answer may be."""
        types = [content.media_type for answer in self.answers.values() for content in answer.contents]
        return ", ".join(dict.fromkeys(types)) or "*/*"

    def read_answer(
        self, status: int, headers: tuple[tuple[str, str], ...], body: bytes, given: str | None
    ) -> Result:
        """The result; raises the `Failure` that was answered, `Undeclared` or `ContractViolation`."""
        result = answer_to(self.answers, status).read(status, headers, body, given)
        if isinstance(result, Failure):
            raise result
        typed: Result = result
        return typed

    def write_answer(self, result: Any) -> WrittenAnswer:
        """What goes back for a result or a failure; raises `Undeclared` if the spec knows no such answer."""
        if isinstance(result, Failure):
            return answer_to(self.answers, result.status).write(result.status, result)
        kind = type(result)
        declared = self._successes.get(kind)
        if declared is None:
            declared = self._successes[kind] = self._success(kind)
        status, answer = declared
        if status is None:
            chosen = getattr(result, "status", None) if answer.result else None
            status = chosen or (200 if answer.contents else 204)
            if answer_to(self.answers, status) is not answer:
                raise Undeclared(f"has the status {status}, which is not what {kind.__name__} stands for")
        return answer.write(status, result)

    @cached_property
    def _successes(self) -> dict[type, tuple[int | None, Answer]]:
        """What was found once for each class of results."""
        return {}

    def _success(self, kind: type) -> tuple[int | None, Answer]:
        """The answer that such a result is, and its status unless that is a range or any."""
        for key, answer in self.answers.items():
            if not answer.failures and answer.result in (None, kind):
                return int(key) if key.isdecimal() else None, answer
        raise Undeclared(f"is a {kind.__name__}")


@dataclass(frozen=True, slots=True)
class Served:
    """An endpoint and what answers it."""

    endpoint: Endpoint[Any]
    method: Callable[..., Awaitable[Any]]


@lru_cache(maxsize=1_024)
def _choose(contents: tuple[Content, ...], given: str) -> tuple[MediaType, Content | None]:
    media_type = MediaType.parse(given)
    index = choose(contents, media_type)
    return media_type, None if index is None else contents[index]


def _empty() -> ContractViolation:
    return ContractViolation("the body", (Violation("#", "the body is empty; it is required"),))
