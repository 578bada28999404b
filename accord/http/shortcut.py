"""The short way of a request to its operation, past FastAPI's routing and with the same outcome."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import takewhile
from typing import Any, Final, cast
from urllib.parse import quote

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from accord.http.paths import PathTable, path_as_sent
from accord.http.raw import ReceivedRequest
from accord.http.routing import OperationRoute

__all__ = ["include_operations"]

_ERROR: Final = "accord.error"
_TELEMETRY: Final = "fastapi.telemetry"


def include_operations(app: FastAPI, router: APIRouter) -> None:
    """Include what `build_router` made, and serve its operations without asking all the routes of ``app``.

    Call it before other routes are added, which it goes before, and after `install_problems`. FastAPI is left
    what only FastAPI does: dependencies of the application, telemetry where somebody switched it on, and
    every request for none of the operations.
    """
    app.include_router(router)
    if not app.router.dependencies:
        leading = takewhile(lambda route: isinstance(route, OperationRoute), router.routes)
        routes = cast(list[OperationRoute], list(leading))
        # Innermost, so that all other middleware sees these requests, too.
        app.user_middleware.append(Middleware(_Shortcut, routes=routes, handlers=app.exception_handlers))


class _Shortcut:
    def __init__(self, app: ASGIApp, routes: Sequence[OperationRoute], handlers: Mapping[Any, Any]) -> None:
        self._app = app
        self._paths = PathTable(route.path for route in routes)
        self._routes = {(route.operation.endpoint.method, route.path): route for route in routes}
        handled = {error: handler for error, handler in handlers.items() if error not in (500, Exception)}
        self._failed = ExceptionMiddleware(_raise, handled)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._find(scope) if scope["type"] == "http" and not scope.get(_TELEMETRY) else None
        if found is None:
            await self._app(scope, receive, send)
            return
        route, texts = found
        path_params = {**scope.get("path_params", {}), **texts}
        scope.update(route=route, endpoint=route.endpoint, path_params=path_params)
        try:
            response = await route.operation.answer(ReceivedRequest(scope, texts), partial(_body, receive))
        except Exception as error:  # noqa: BLE001  # what no handler takes, the middleware around takes
            scope[_ERROR] = error
            await self._failed(scope, receive, send)
        else:
            await response(scope, receive, send)

    def _find(self, scope: Scope) -> tuple[OperationRoute, Mapping[str, str]] | None:
        path = path_as_sent(scope)
        if scope.get("root_path"):
            path = _below(quote(scope["root_path"]), path)
        found = self._paths.find(path)
        route = self._routes.get((scope["method"], found[0])) if found else None
        return (route, found[1]) if found and route else None


def _below(root_path: str, path: str) -> str:
    """What is left of the path, if it is below; else the server has taken the root off."""
    rest = path.removeprefix(root_path)
    return rest if rest[:1] in ("", "/") else path


async def _raise(scope: Scope, _receive: Receive, _send: Send) -> None:
    raise scope.pop(_ERROR)


async def _body(receive: Receive) -> bytes:
    chunks = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)
