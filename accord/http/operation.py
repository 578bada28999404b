"""Operations: an endpoint with what implements it; a request becomes a call, and the result a response."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.responses import Response

from accord.boundary import ContractViolation
from accord.http.answers import Undeclared, WrittenAnswer
from accord.http.content import UnreadableCharset
from accord.http.endpoint import Body, Endpoint, Served, UnsupportedMediaType
from accord.http.failures import Failure
from accord.http.paths import TEMPLATE
from accord.http.problems import ProblemError, RequestViolation
from accord.http.raw import ReceivedRequest
from accord.http.security import Call, Credential, satisfied

__all__ = ["Authorize", "Operation", "UndeclaredAnswer"]

Authorize = Callable[[Call], Awaitable[None]]

# What RFC 9110 (15.5.16) and RFC 5789 (2.2) want beside a 415.
_REMEDIES = {"PATCH": "Accept-Patch"}
_NO_LENGTH = (204, 304)


class UndeclaredAnswer(RuntimeError):
    """An implementation answered what its contract does not declare; the caller sees a 500."""


class Operation:
    """What the contract forbids is refused before the method is called."""

    def __init__(self, served: Served, authorize: Authorize | None = None) -> None:
        self.endpoint = served.endpoint
        self._method = served.method
        self._authorize = authorize if served.endpoint.security else None
        body = served.endpoint.body
        in_path = TEMPLATE.findall(served.endpoint.path)
        self._positional = (*in_path, "body") if body is not None and body.required else tuple(in_path)

    async def answer(self, request: ReceivedRequest, content: Callable[[], Awaitable[bytes]]) -> Response:
        """Serve one request, whose body is what ``content()`` reads; raises what ends in a problem."""
        endpoint = self.endpoint
        if self._authorize is not None:
            await _authorize(endpoint, request, self._authorize)
        try:
            arguments = endpoint.parameters.read(request) if endpoint.parameters else {}
            if endpoint.body is not None:
                arguments |= _read(endpoint, endpoint.body, request.header("content-type"), await content())
        except ContractViolation as error:
            raise RequestViolation(error.subject, error.violations) from None
        first = [arguments.pop(name) for name in self._positional]
        try:
            result = await self._method(*first, **arguments)
        except Failure as failure:
            result = failure
        try:
            return OperationResponse(endpoint.write_answer(result))
        except (Undeclared, ContractViolation) as error:
            raise UndeclaredAnswer(f"the answer of {endpoint.operation_id} {error}") from error


class OperationResponse(Response):
    """What was written is known to the last header, and nothing is to be guessed."""

    def __init__(self, written: WrittenAnswer) -> None:
        self.status_code = written.status
        self.body = written.content
        self.background = None
        self.raw_headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in written.headers
        ]
        if written.media_type is not None:
            self.raw_headers.append((b"content-type", written.media_type.encode("latin-1")))
        if written.status not in _NO_LENGTH:
            self.raw_headers.append((b"content-length", b"%d" % len(written.content)))


def _read(endpoint: Endpoint[Any], body: Body, given: str | None, content: bytes) -> dict[str, Any]:
    try:
        return body.read(content, given)
    except (UnsupportedMediaType, UnreadableCharset):
        wanted = ", ".join(body.media_types)
        headers: Mapping[str, str] = {"Accept": wanted, _REMEDIES.get(endpoint.method, "Accept"): wanted}
        detail = f"Send {wanted} in UTF-8 instead of {given or 'a body without Content-Type'}."
        raise ProblemError(415, detail, headers=headers) from None


async def _authorize(endpoint: Endpoint[Any], request: ReceivedRequest, authorize: Authorize) -> None:
    """Raise 401 with a challenge for each scheme where no alternative has all its credentials."""
    schemes = {r.scheme.name: r.scheme for requirements in endpoint.security for r in requirements}
    credentials: dict[str, Credential] = {
        name: credential
        for name, scheme in schemes.items()
        if (credential := scheme.read(request)) is not None
    }
    chosen = satisfied(endpoint.security, credentials)
    if chosen is None:
        challenges = dict.fromkeys(scheme.challenge for scheme in schemes.values() if scheme.challenge)
        raise ProblemError(
            401,
            f"{endpoint.operation_id} needs credentials: {', '.join(schemes)}.",
            headers={"WWW-Authenticate": ", ".join(challenges)},
        )
    scopes = {requirement.scheme.name: requirement.scopes for requirement in chosen}
    await authorize(Call(endpoint.operation_id, credentials, scopes, dict(request.headers)))
