"""uvicorn with the bounds and the logs of Accord."""

from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.auto import AutoHTTPProtocol

__all__ = ["make_server", "serve"]

SHUTDOWN_SECONDS: Final = 10
"""How long requests under way may go on after SIGTERM or SIGINT, before they are cut off."""

KEEP_ALIVE_SECONDS: Final = 30
"""How long an idle connection stays open; longer than most clients keep one, so that they close first."""

MAX_HEAD_BYTES: Final = 65_536
"""How large a request's line and headers may grow; h11 has this bound of its own, httptools has none."""


class _BoundedProtocol(AutoHTTPProtocol):  # type: ignore[misc,valid-type]
    """Cuts off a head that never ends."""

    _head_bytes = 0
    _head_complete = False

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._head_complete:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response(f"The head of the request is larger than {MAX_HEAD_BYTES} bytes.")

    def on_message_begin(self) -> None:
        self._head_bytes = 0
        self._head_complete = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._head_complete = True
        super().on_headers_complete()


def make_server(app: FastAPI, host: str, port: int, **options: Any) -> uvicorn.Server:
    """Configure uvicorn; ``options`` are its own and win."""
    bounded = hasattr(AutoHTTPProtocol, "on_headers_complete")
    defaults: dict[str, Any] = {
        "lifespan": "on",
        "http": _BoundedProtocol if bounded else AutoHTTPProtocol,
        # Both would be a second voice beside accord.observability.
        "log_config": None,
        "access_log": False,
        "server_header": False,
        # Nothing that the start-up has bound shall leak into a request.
        "reset_contextvars": True,
        "timeout_graceful_shutdown": SHUTDOWN_SECONDS,
        "timeout_keep_alive": KEEP_ALIVE_SECONDS,
    }
    return uvicorn.Server(uvicorn.Config(app, host=host, port=port, **{**defaults, **options}))


def serve(app: FastAPI, host: str, port: int, **options: Any) -> None:
    """Serve until SIGTERM or SIGINT; logging is set up before. Raises SystemExit(3) if the start fails."""
    server = make_server(app, host, port, **options)
    server.run()
    if not server.started:
        raise SystemExit(3)
