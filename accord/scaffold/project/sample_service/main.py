"""The application: routes served, event handlers registered, the bus started and stopped around it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from accord.http.app import assemble
from fastapi import FastAPI

from generated.sample.operations import create_router
from sample_service.api.errors import STATUSES
from sample_service.dependencies import build
from sample_service.settings import Settings

__all__ = ["create_app"]


def create_app(settings: Settings) -> FastAPI:
    """Put the service together.

    Raises `accord.interface.IncompleteImplementation` if an operation or an event has nobody to do it.
    """
    parts = build(settings)
    parts.handlers.register(parts.consumer)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as started:
            started.push_async_callback(parts.close)
            await parts.prepare()
            started.push_async_callback(parts.relay.stop)
            await parts.relay.start()
            started.push_async_callback(parts.consumer.stop)
            await parts.consumer.start()
            yield

    return assemble(
        create_router(parts.api),
        openapi=settings.specs_dir / "sample.openapi.yaml",
        asyncapi=settings.specs_dir / "sample.asyncapi.yaml",
        statuses=STATUSES,
        checks={},
        lifespan=lifespan,
    )
