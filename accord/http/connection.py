"""Connections as uvicorn handles them, with a bound on the head of a request, and answers in one piece."""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.auto import AutoHTTPProtocol

__all__ = ["MAX_HEAD_BYTES", "BoundedProtocol"]

MAX_HEAD_BYTES: Final = 65_536
"""How large a request's line and headers may grow; h11 has this bound of its own, httptools has none."""


class BoundedProtocol(AutoHTTPProtocol):  # type: ignore[misc,valid-type]
    """Of httptools: cuts off a head that never ends, and sends an answer in one piece."""

    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(_OnePiece(transport, self.loop))

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # uvicorn begins each request with a scope, and knows the method at the end of its head.
        if self.scope is None or "method" in self.scope:
            self._head_bytes = 0
            return
        self._head_bytes += len(data)
        if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response(f"The head of the request is larger than {MAX_HEAD_BYTES} bytes.")


class _OnePiece:
    """A transport that waits with what is written for more, until the loop goes on.

    uvicorn writes the head of an answer and then its body, and uvloop sends each at once: two calls of the
    system, two packets, and a client that is woken twice.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held = b""
        # Asked for with each request.
        self.is_closing = transport.is_closing
        self.resume_reading = transport.resume_reading

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if self._held:
            held, self._held = self._held, b""
            self._transport.writelines((held, data))
        else:
            self._held = data
            self._loop.call_soon(self._flush)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        held, self._held = self._held, b""
        if held and not self.is_closing():
            self._transport.write(held)
