"""The application: routes served, event handlers registered, the bus started and stopped around it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from accord.http.app import assemble
from accord.http.shutdown import ShutdownTime
from authors_service.api.errors import STATUSES
from authors_service.dependencies import Dependencies, build
from authors_service.settings import Settings
from generated.authors.operations import create_router

__all__ = ["create_app"]


def create_app(settings: Settings, dependencies: Dependencies | None = None) -> FastAPI:
    """Put the service together; it starts whether database and broker are there or not.

    Raises `accord.interface.IncompleteImplementation` if an operation or an event has nobody to do it.
    """
    parts = dependencies or build(settings)
    parts.handlers.register(parts.consumer)
    time = ShutdownTime(settings.shutdown_timeout)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # Left in the opposite order: no event comes in any more while what is committed still goes out.
        async with AsyncExitStack() as started:
            started.push_async_callback(time.within, time.rest_s, "connections", parts.close)
            started.push_async_callback(time.within, time.relay_s, "relay", parts.relay.stop)
            await parts.relay.start()
            started.push_async_callback(parts.purge.stop)
            await parts.purge.start()
            started.push_async_callback(time.within, time.consumer_s, "consumer", parts.consumer.stop)
            await parts.consumer.start()
            yield

    return assemble(
        create_router(parts.api),
        openapi=settings.specs_dir / "authors.openapi.yaml",
        asyncapi=settings.specs_dir / "authors.asyncapi.yaml",
        statuses=STATUSES,
        checks=parts.checks,
        lifespan=lifespan,
        max_body_bytes=settings.max_body_bytes,
    )
