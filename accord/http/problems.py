"""Every error that a service answers, as problem details (RFC 9457)."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from accord.boundary import ContractViolation, Violation, to_pointer
from accord.bus.errors import OutcomeUnknown, Unavailable
from accord.identifiers import new_uuid
from accord.observability import current_correlation_id, get_logger

__all__ = ["MEDIA_TYPE", "ProblemError", "RequestViolation", "install_problems", "problem_response"]

MEDIA_TYPE: Final = "application/problem+json"

# The lengths that specs/common.yaml allows.
MAX_DETAIL: Final = 2_000
MAX_POINTER: Final = 500
MAX_ERROR_DETAIL: Final = 1_000
MAX_ERRORS: Final = 100

RETRY_AFTER_SECONDS: Final = 2

# RFC 9110 has renamed four phrases since Python 3.11.
_TITLES: Final = {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}
_PLACE: Final = ("type", "path", "raw_path", "root_path")
_METHODS: Final = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE")
_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

_log = get_logger(__name__)

Handler = Callable[[Request, Any], Awaitable[Response]]


class ProblemError(HTTPException):
    """Ends a request with this problem; ``detail`` tells the caller what went wrong and the remedy."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Iterable[Violation] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(_error_status(status), detail, dict(headers or {}))
        self.errors = tuple(errors)


class RequestViolation(ContractViolation):
    """The request breaks the contract: its sender is told. Other violations are this side's own fault."""


def problem_response(
    status: int, detail: str, *, errors: Iterable[Violation] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """Write the problem, cut to the lengths that the contract allows."""
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": _title(status),
        "status": status,
        "detail": _clean(detail, MAX_DETAIL),
        "correlation_id": current_correlation_id() or new_uuid(),
    }
    listed = [
        {"pointer": _clean(error.pointer, MAX_POINTER), "detail": _clean(error.detail, MAX_ERROR_DETAIL)}
        for error, _ in zip(errors, range(MAX_ERRORS), strict=False)
    ]
    if listed:
        problem["errors"] = listed
    return Response(orjson.dumps(problem), status, dict(headers or {}), MEDIA_TYPE)


def install_problems(app: FastAPI, statuses: Mapping[type[Exception], int]) -> None:
    """Answer each exception class of ``statuses`` with its status and ``str(error)``, and all else as well.

    A request against the contract becomes 400, an unknown path 404, a wrong method 405 with all the right
    ones in `Allow`, `Unavailable` 503, and whatever nobody foresaw 500: it is logged, and its answer tells
    no more than the correlation id. Raises ValueError for a status that is no error.
    """
    handlers: dict[type[Exception], Handler] = {
        HTTPException: _answer_http_exception,
        ProblemError: _answer_problem,
        RequestValidationError: _answer_validation_error,
        RequestViolation: _answer_violation,
        Unavailable: _answer_unavailable,
        OutcomeUnknown: _answer_outcome_unknown,
        ClientDisconnect: _answer_nobody,
    }
    handlers.update({error: _answering(_error_status(status)) for error, status in statuses.items()})
    for error, handler in handlers.items():
        app.add_exception_handler(error, handler)
    # Innermost, so that whatever the middleware around it adds to an answer is added to this one, too.
    app.user_middleware.append(Middleware(_Unforeseen))


class _Unforeseen:
    """Turns what no handler took into a 500; Starlette's way logs it twice, and without its id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:
            _log.exception("request failed", method=scope["method"], path=scope["path"])
            if started:
                # The server must cut the connection, or the caller would take half an answer for a whole one.
                raise
            detail = "Something unforeseen happened. The correlation id finds it in the log."
            await problem_response(500, detail)(scope, receive, send)
            error.__traceback__ = None


def _answering(status: int) -> Handler:
    async def answer(_request: Request, error: Exception) -> Response:
        return problem_response(status, str(error) or _title(status), headers=_retry_after(status))

    return answer


async def _answer_problem(_request: Request, error: ProblemError) -> Response:
    return problem_response(error.status_code, error.detail, errors=error.errors, headers=error.headers)


async def _answer_violation(_request: Request, error: RequestViolation) -> Response:
    return problem_response(400, "The request breaks the contract.", errors=error.violations)


async def _answer_validation_error(_request: Request, error: RequestValidationError) -> Response:
    places = {"body": "#"}
    violations = [
        Violation(
            to_pointer(item["loc"][1:], places.get(str(item["loc"][0]), str(item["loc"][0]))), item["msg"]
        )
        for item in error.errors()
    ]
    return problem_response(400, "The request breaks the contract.", errors=violations)


async def _answer_unavailable(_request: Request, error: Unavailable) -> Response:
    _log.warning("a server that is needed does not answer", error=str(error))
    detail = "A server that this service needs does not answer. Try again."
    return problem_response(503, detail, headers=_retry_after(503))


async def _answer_outcome_unknown(_request: Request, error: OutcomeUnknown) -> Response:
    # Without Retry-After, so that no client sends a change again that may have been made.
    _log.error("whether a change was made is unknown", error=str(error))
    detail = "The database went away while it committed. Read what you changed before you try again."
    return problem_response(503, detail)


async def _answer_nobody(_request: Request, _error: ClientDisconnect) -> Response:
    return Response(status_code=499)


async def _answer_http_exception(request: Request, error: HTTPException) -> Response:
    status = error.status_code
    if status < 400:
        return Response(status_code=status, headers=error.headers)
    headers = dict(error.headers or {})
    detail = str(error.detail)
    if status == 405:
        headers["Allow"] = ", ".join(_allowed_methods(request))
        detail = f"{request.method} is not among the methods of {request.url.path}: {headers['Allow']}."
    elif status == 404 and "endpoint" not in request.scope:
        detail = f"Nothing is served at {request.url.path}."
    return problem_response(status, detail, headers=headers)


def _allowed_methods(request: Request) -> list[str]:
    """Ask all routes about all methods (RFC 9110, 15.5.6); Starlette asks the first route only."""
    scope = {name: request.scope[name] for name in _PLACE if name in request.scope}
    return [
        method
        for method in _METHODS
        if any(
            route.matches({**scope, "method": method, "headers": []})[0] is Match.FULL
            for route in request.app.routes
        )
    ]


def _error_status(status: int) -> int:
    if not 400 <= status <= 599:
        raise ValueError(f"{status} is no status of an error; take one from 400 to 599")
    return status


def _retry_after(status: int) -> dict[str, str]:
    return {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}


def _title(status: int) -> str:
    try:
        return _TITLES.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return "Client Error" if status < 500 else "Server Error"


def _clean(text: str, length: int) -> str:
    text = _UNPRINTABLE.sub("\ufffd", text)
    return text if len(text) <= length else f"{text[: length - 1]}…"
