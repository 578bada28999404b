"""What happens around every request: its correlation id, its log line, and the bounds on its body."""

import asyncio
import logging
import re
import time
from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from accord.http.deadline import wait_until
from accord.http.problems import ProblemError, problem_response
from accord.observability import correlation, get_logger

__all__ = ["CORRELATION_HEADER", "install_middleware"]

CORRELATION_HEADER: Final = "X-Correlation-ID"
_CORRELATION: Final = CORRELATION_HEADER.lower().encode()

# `CorrelationId` of specs/common.yaml. The routers answer 400 to any other, under an id made here.
_CORRELATION_ID: Final = re.compile(rb"[A-Za-z0-9._:-]{1,128}")

CLIENT_CLOSED_REQUEST: Final = 499
"""The status that the log shows where the caller left before an answer began; it is never sent."""

BODY_SECONDS: Final = 30.0
"""How long a whole body may take to arrive, from when it is first asked for."""

DRAINED_BYTES: Final = 16 * 1_048_576
DRAINED_SECONDS: Final = 2.0
"""How much of a body that is too large is read and thrown away, and how long.

Whoever closes a connection with bytes unread resets it, and the sender loses the answer (RFC 9112, section
9.6).
"""

_log = get_logger(__name__)


def install_middleware(
    app: FastAPI, *, max_body_bytes: int = 1_048_576, body_seconds: float = BODY_SECONDS
) -> None:
    """Bind a correlation id to each request, log it when it is done, and bound its body in bytes and seconds.

    A larger body gets 413, a slower one 408. Call it after all other middleware was added, so that this one
    is the outermost.
    """
    app.add_middleware(_BodyBounds, max_bytes=max_body_bytes, seconds=body_seconds)
    app.add_middleware(_RequestScope)


class _RequestScope:
    """Correlation id in and out, and one log line per request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        # Bound once: to do it for each line takes as long as to render it.
        self._log = _log.bind()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = CLIENT_CLOSED_REQUEST
        given = _header(scope, _CORRELATION)

        with correlation(given.decode() if _CORRELATION_ID.fullmatch(given) else None) as correlation_id:

            async def add_header(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                    others = [header for header in message.get("headers", ()) if header[0] != _CORRELATION]
                    message["headers"] = [*others, (_CORRELATION, correlation_id.encode())]
                await send(message)

            try:
                await self._app(scope, receive, add_header)
            finally:
                route = scope.get("route")
                self._log.log(
                    logging.ERROR if status >= 500 else logging.INFO,
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    route=getattr(route, "path", None),
                    operation=getattr(route, "operation_id", None),
                    status=status,
                    duration_ms=round((time.perf_counter() - started) * 1_000, 2),
                )


class _BodyBounds:
    """Refuses a body by its declared length, or as soon as more has come than may come, or too late."""

    def __init__(self, app: ASGIApp, max_bytes: int, seconds: float) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = _header(scope, b"content-length")
        if length.isdigit() and int(length) > self._max_bytes:
            # Who waits for "100 Continue" has sent nothing yet (RFC 9110, section 10.1.1).
            waits = _header(scope, b"expect").lower() == b"100-continue"
            error = await self._too_large(None if waits else receive)
            answer = problem_response(error.status_code, error.detail, headers=error.headers)
            await answer(scope, receive, send)
            return
        received = 0
        complete = False
        deadline: float | None = None

        async def bounded() -> Message:
            nonlocal received, complete, deadline
            if complete:
                return await receive()
            deadline = deadline or asyncio.get_running_loop().time() + self._seconds
            try:
                message = await wait_until(deadline, receive())
            except TimeoutError:
                detail = f"The body did not arrive within {self._seconds:g} seconds."
                raise ProblemError(408, detail, headers={"Connection": "close"}) from None
            received += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if received > self._max_bytes:
                raise await self._too_large(None if complete else receive, unread=not complete)
            return message

        await self._app(scope, bounded, send)

    async def _too_large(self, receive: Receive | None, *, unread: bool = True) -> ProblemError:
        emptied = await _drain(receive) if receive else not unread
        headers = {} if emptied else {"Connection": "close"}
        return ProblemError(413, f"The body is larger than {self._max_bytes} bytes.", headers=headers)


def _header(scope: Scope, name: bytes) -> bytes:
    """The first of this name, or nothing."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return b""


async def _drain(receive: Receive) -> bool:
    """Throw away the rest of a body; tells whether that was all of it."""
    drained = 0
    try:
        async with asyncio.timeout(DRAINED_SECONDS):
            while drained <= DRAINED_BYTES:
                message = await receive()
                drained += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return bool(message["type"] == "http.request")
    except TimeoutError:
        pass
    return False
