"""The HTTP application of a service, put together in the one order that works."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.telemetry import TelemetryConfig

from accord.http.documents import documents_router
from accord.http.health import Check, health_router
from accord.http.middleware import install_middleware
from accord.http.problems import install_problems
from accord.http.shortcut import include_operations

__all__ = ["Lifespan", "assemble"]

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def assemble(
    api: APIRouter,
    *,
    openapi: Path,
    asyncapi: Path | None = None,
    statuses: Mapping[type[Exception], int],
    checks: Mapping[str, Check],
    lifespan: Lifespan | None = None,
    max_body_bytes: int = 1_048_576,
    telemetry: TelemetryConfig | None = None,
) -> FastAPI:
    """Serve the contract's router, its documents and its health, with problems for all that goes wrong.

    FastAPI's own documents are off, since they would show the code and not the contract; so are its redirects
    to paths with or without a last slash, which no contract declares. Its OpenTelemetry is off unless
    ``telemetry`` says what is wanted: at each request it looks for somebody who wants it.
    """
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        telemetry=telemetry or TelemetryConfig(tracing=False, metrics=False, logs=False),
    )
    install_problems(app, statuses)
    include_operations(app, api)
    app.include_router(health_router(checks))
    app.include_router(documents_router(openapi, asyncapi))
    install_middleware(app, max_body_bytes=max_body_bytes)
    return app
