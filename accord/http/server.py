"""uvicorn with the bounds and the logs of Accord."""

from typing import Final

import uvicorn
from fastapi import FastAPI

__all__ = ["serve"]

SHUTDOWN_SECONDS: Final = 10
"""How long requests under way may go on after SIGTERM or SIGINT, before they are cut off."""

KEEP_ALIVE_SECONDS: Final = 30
"""How long an idle connection stays open; longer than most clients keep one, so that they close first."""


def serve(app: FastAPI, host: str, port: int, *, shutdown_seconds: int = SHUTDOWN_SECONDS) -> None:
    """Serve until SIGTERM or SIGINT; logging is set up before. Raises SystemExit(3) if the start fails."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            lifespan="on",
            # Both would be a second voice beside accord.observability.
            log_config=None,
            access_log=False,
            server_header=False,
            # Correlation ids are bound per request; nothing of the start-up's context shall leak into them.
            reset_contextvars=True,
            timeout_graceful_shutdown=shutdown_seconds,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
    )
    server.run()
    if not server.started:
        raise SystemExit(3)
