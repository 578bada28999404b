"""Whether the process lives, and whether it can do its work."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from accord.observability import get_logger

__all__ = ["Check", "health_router"]

Check = Callable[[], Awaitable[str | None]]
"""Returns None if all is well, or a sentence about what is not; that sentence is shown to whoever asks."""

CHECK_SECONDS: Final = 2.0

_log = get_logger(__name__)


def health_router(checks: Mapping[str, Check], *, seconds: float = CHECK_SECONDS) -> APIRouter:
    """Serve `/health/live`, always 200, and `/health/ready`, 200 or 503 with the outcome of each check.

    A supervisor restarts what does not live, and sends no requests to what is not ready. The checks run side
    by side, each for ``seconds`` at most.
    """
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> Response:
        return _answer(200, {"status": "ok"})

    @router.get("/health/ready")
    async def ready() -> Response:
        details = await asyncio.gather(*(_run(name, check, seconds) for name, check in checks.items()))
        outcomes = {
            name: {"status": "ok"} if detail is None else {"status": "failing", "detail": detail}
            for name, detail in zip(checks, details, strict=True)
        }
        well = all(detail is None for detail in details)
        return _answer(200 if well else 503, {"status": "ok" if well else "failing", "checks": outcomes})

    return router


async def _run(name: str, check: Check, seconds: float) -> str | None:
    try:
        async with asyncio.timeout(seconds):
            return await check()
    except TimeoutError:
        return f"no answer within {seconds:g} s"
    except Exception as error:  # noqa: BLE001  # whatever a check raises, it is a check that fails
        _log.warning("health check failed", check=name, exc_info=error)
        return "the check itself failed; the log says why"


def _answer(status: int, content: object) -> Response:
    return Response(orjson.dumps(content), status, {"Cache-Control": "no-store"}, "application/json")
