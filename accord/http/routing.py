"""The router over an interface: a route of FastAPI for each operation."""

from urllib.parse import quote

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from accord.http.endpoint import Served
from accord.http.operation import Authorize, Operation
from accord.http.paths import PathTable, path_as_sent
from accord.http.raw import ReceivedRequest

__all__ = ["OperationRoute", "build_router"]


def build_router(*served: Served, authorize: Authorize | None = None) -> APIRouter:
    """Route each endpoint to its method; what the contract forbids is answered before the method is called.

    ``authorize`` is asked about every call of an operation with security, once its credentials are there.
    """
    paths = PathTable(one.endpoint.path for one in served)
    return APIRouter(routes=[OperationRoute(Operation(one, authorize), paths) for one in served])


class OperationRoute(APIRoute):
    """Matches the path as it was sent, unless it is another one of the contract's ``paths``."""

    def __init__(self, operation: Operation, paths: PathTable) -> None:
        async def handle(request: Request) -> Response:
            received = ReceivedRequest(request.scope, request.path_params)
            return await operation.answer(received, request.body)

        endpoint = operation.endpoint
        name = endpoint.operation_id
        super().__init__(endpoint.path, handle, methods=[endpoint.method], operation_id=name, name=name)
        self.operation = operation
        self._paths = paths

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path = path_as_sent(scope)
        # The router may be mounted anywhere, and what comes before is not the contract's.
        own = path.split("/")[-self.path.count("/") :]
        meant = self._paths.find("/".join(["", *own]))
        if meant is None or meant[0] != self.path:
            return Match.NONE, {}
        return super().matches({**scope, "path": path, "root_path": quote(scope.get("root_path", ""))})
