"""The router over an interface: requests to calls of its methods, and what they return to responses."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from accord.boundary import ContractViolation
from accord.http.answers import Undeclared, WrittenAnswer
from accord.http.content import UnreadableCharset
from accord.http.endpoint import Body, Endpoint, Served, UnsupportedMediaType
from accord.http.failures import Failure
from accord.http.problems import ProblemError, RequestViolation
from accord.http.raw import RawRequest
from accord.http.security import Call, Credential, satisfied

__all__ = ["Authorize", "UndeclaredAnswer", "build_router"]

Authorize = Callable[[Call], Awaitable[None]]

# What RFC 9110 (15.5.16) and RFC 5789 (2.2) want beside a 415.
_REMEDIES = {"PATCH": "Accept-Patch"}
_TEMPLATE = re.compile(r"\{\w+\}")
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_UNRESERVED = re.compile("[A-Za-z0-9_~-]")


class UndeclaredAnswer(RuntimeError):
    """An implementation answered what its contract does not declare; the caller sees a 500."""


def build_router(*served: Served, authorize: Authorize | None = None) -> APIRouter:
    """Route each endpoint to its method; what the contract forbids is answered before the method is called.

    Concrete paths go before templates, as OpenAPI (Paths Object) matches them. ``authorize`` is asked about
    every call of an operation with security, once its credentials are there.
    """
    router = APIRouter(route_class=_OperationRoute)
    paths = sorted({one.endpoint.path for one in served}, key=_concreteness)
    for one in sorted(served, key=lambda one: _concreteness(one.endpoint.path)):
        endpoint = one.endpoint
        before = paths[: paths.index(endpoint.path)]
        router.add_api_route(
            endpoint.path,
            _handler(one, authorize),
            methods=[endpoint.method],
            operation_id=endpoint.operation_id,
            name=endpoint.operation_id,
        )
        route = router.routes[-1]
        if isinstance(route, _OperationRoute):
            route.more_concrete = [_at_end(path) for path in before if _overlap(path, endpoint.path)]
    return router


class _OperationRoute(APIRoute):
    """Matches the path as it was sent: a slash that is part of a value is no separator.

    A path that fits a more concrete path is that one, whatever methods it has.
    """

    more_concrete: Sequence[re.Pattern[str]] = ()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        raw = scope.get("raw_path")
        path = raw.decode("latin-1") if raw else quote(scope["path"], safe="/:;,=@!$&'()*+~%")
        path = _normal(path)
        if any(pattern.search(path) for pattern in self.more_concrete):
            return Match.NONE, {}
        return super().matches({**scope, "path": path, "root_path": quote(scope.get("root_path", ""))})


def _handler(served: Served, authorize: Authorize | None) -> Callable[[Request], Awaitable[Response]]:
    endpoint, method = served.endpoint, served.method
    in_path = [template[1:-1] for template in _TEMPLATE.findall(endpoint.path)]

    async def handle(request: Request) -> Response:
        raw = _raw(request)
        if endpoint.security and authorize is not None:
            await _authorize(endpoint, raw, authorize)
        arguments = _checked(endpoint.parameters.read, raw) if endpoint.parameters else {}
        if endpoint.body is not None:
            arguments |= await _read_body(endpoint.body, request)
        first = [arguments.pop(name) for name in in_path]
        if endpoint.body is not None and endpoint.body.required:
            first.append(arguments.pop("body"))
        try:
            result = await method(*first, **arguments)
        except Failure as failure:
            result = failure
        return _response(_written(endpoint, result))

    return handle


def _raw(request: Request) -> RawRequest:
    scope = request.scope
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    cookies = "; ".join(value for name, value in headers if name == "cookie")
    return RawRequest(request.path_params, scope["query_string"].decode("latin-1"), headers, cookies)


def _checked(read: Callable[..., dict[str, Any]], *given: Any) -> dict[str, Any]:
    try:
        return read(*given)
    except ContractViolation as error:
        raise RequestViolation(error.subject, error.violations) from None


async def _read_body(body: Body, request: Request) -> dict[str, Any]:
    given = request.headers.get("content-type")
    content = await request.body()
    try:
        return _checked(body.read, content, given)
    except (UnsupportedMediaType, UnreadableCharset):
        wanted = ", ".join(body.media_types)
        headers = {"Accept": wanted, _REMEDIES.get(request.method, "Accept"): wanted}
        detail = f"Send {wanted} in UTF-8 instead of {given or 'a body without Content-Type'}."
        raise ProblemError(415, detail, headers=headers) from None


async def _authorize(endpoint: Endpoint[Any], raw: RawRequest, authorize: Authorize) -> None:
    """Raise 401 with a challenge for each scheme where no alternative has all its credentials."""
    schemes = {r.scheme.name: r.scheme for requirements in endpoint.security for r in requirements}
    credentials: dict[str, Credential] = {
        name: credential for name, scheme in schemes.items() if (credential := scheme.read(raw)) is not None
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
    await authorize(Call(endpoint.operation_id, credentials, scopes, dict(raw.headers)))


def _written(endpoint: Endpoint[Any], result: Any) -> WrittenAnswer:
    try:
        return endpoint.write_answer(result)
    except (Undeclared, ContractViolation) as error:
        raise UndeclaredAnswer(f"the answer of {endpoint.operation_id} {error}") from error


def _response(written: WrittenAnswer) -> Response:
    headers = dict(written.headers)
    if written.media_type is None:
        return Response(None, written.status, headers)
    return Response(written.content, written.status, {**headers, "Content-Type": written.media_type})


def _concreteness(path: str) -> list[tuple[int, int]]:
    """Orders literal segments before mixed ones, those before templates, and the longer literal first."""
    found = []
    for segment in path.split("/"):
        literal = len(_TEMPLATE.sub("", segment))
        found.append((0, 0) if literal == len(segment) else (1 if literal else 2, -literal))
    return found


def _overlap(one: str, other: str) -> bool:
    """Whether a request may fit both paths."""
    pairs = list(zip(one.split("/"), other.split("/"), strict=False))
    templated = all(a == b or "{" in a or "{" in b for a, b in pairs)
    return templated and one.count("/") == other.count("/")


def _at_end(path: str) -> re.Pattern[str]:
    """Finds the path at the end of another one, since routers may be mounted anywhere."""
    literals = [re.escape(literal) for literal in _TEMPLATE.split(path)]
    return re.compile("[^/]+".join(literals) + r"\Z")


def _normal(path: str) -> str:
    """Escapes of unreserved characters taken off (RFC 3986, 6.2.2.2); that of the dot, a delimiter, stays."""

    def plain(match: re.Match[str]) -> str:
        character = chr(int(match[0][1:], 16))
        return character if _UNRESERVED.fullmatch(character) else match[0].upper()

    return _ESCAPE.sub(plain, path) if "%" in path else path
