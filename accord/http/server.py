"""uvicorn with the bounds and the logs of Accord."""

import gc
import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from accord.http.connection import BoundedProtocol
from accord.http.shutdown import ShutdownTime
from accord.observability import get_logger

__all__ = ["make_server", "serve"]

KEEP_ALIVE_SECONDS: Final = 30
"""How long an idle connection stays open; longer than most clients keep one, so that they close first."""

MADE_BEFORE_COLLECTING: Final = 10_000
"""Objects more than before; what they are worth in memory is a megabyte or two."""

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

_log = get_logger(__name__)


class _Server(uvicorn.Server):
    """Ends in time once it was told to, and with status 0: being told to end is no failure."""

    def __init__(self, config: uvicorn.Config, time: ShutdownTime) -> None:
        super().__init__(config)
        self._time = time

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn would raise the signal once more at the end, which makes of every stop a death by signal.
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        formerly = {number: signal.signal(number, self.handle_exit) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in formerly.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self.should_exit:
            # A thread, since it is for a loop or an interpreter that does not come to its end.
            last = threading.Timer(self._time.total_s, _give_up, [self._time.total_s])
            last.daemon = True
            last.start()
        super().handle_exit(sig, frame)


def _give_up(seconds: float) -> None:
    """Nothing is lost: what is committed is in the outbox, and uncommitted offsets are read again."""
    _log.error("ended by force: the shutdown took too long", seconds=seconds)
    logging.shutdown()
    os._exit(1)


def make_server(
    app: FastAPI, host: str, port: int, time: ShutdownTime | None = None, **options: Any
) -> uvicorn.Server:
    """Configure uvicorn; ``options`` are its own and win."""
    time = time or ShutdownTime()
    bounded = hasattr(AutoHTTPProtocol, "on_headers_complete")
    defaults: dict[str, Any] = {
        "lifespan": "on",
        "http": BoundedProtocol if bounded else AutoHTTPProtocol,
        # Both would be a second voice beside accord.observability.
        "log_config": None,
        "access_log": False,
        "server_header": False,
        # Nothing that the start-up has bound shall leak into a request.
        "reset_contextvars": True,
        "timeout_graceful_shutdown": time.requests_s,
        "timeout_keep_alive": KEEP_ALIVE_SECONDS,
    }
    return _Server(uvicorn.Config(app, host=host, port=port, **{**defaults, **options}), time)


def serve(app: FastAPI, host: str, port: int, time: ShutdownTime | None = None, **options: Any) -> None:
    """Serve until SIGTERM or SIGINT, then return; logging is set up before.

    ``time`` is how long that may take; after it the process ends with status 1, whatever it still does.
    Raises SystemExit(3) if the start fails.
    """
    server = make_server(app, host, port, time, **options)
    # What was made until now stays to the end. The garbage collector passes over it from here on, instead of
    # looking at hundreds of thousands of objects again and again. Nor does it begin whenever 700 more exist:
    # those are the events of a batch, or the rows of a page, and no garbage.
    gc.freeze()
    gc.set_threshold(MADE_BEFORE_COLLECTING)
    server.run()
    if not server.started:
        raise SystemExit(3)
