"""`Proxy`: a TCP relay on loopback whose connections can be cut, silenced, slowed or caught at a commit."""

import asyncio
import socket
import struct
from collections import deque
from enum import StrEnum
from types import TracebackType
from typing import Self, cast

from scripts.chaos.commits import Commits

__all__ = ["Mode", "Proxy"]

HOST = "127.0.0.1"
HIGH_WATER = 1 << 20
"""Bytes that wait in a silenced or slowed direction until its sender is held back."""


class Mode(StrEnum):
    """What happens to bytes that arrive."""

    PASS = "pass"
    CUT = "cut"
    """Every connection is reset, and each new one too."""

    SILENCE = "silence"
    """Connections stay open and nothing comes through; it arrives when the silence ends."""

    DELAY = "delay"
    """Everything arrives late, in its order."""


class Proxy:
    """Listens on a free port from `start` on; connects to ``upstream`` (host and port), which may change."""

    def __init__(self, upstream: tuple[str, int] = (HOST, 0)) -> None:
        self.upstream = upstream
        self.mode = Mode.PASS
        self.delay_s = 0.0
        self.trap: _Trap | None = None
        self._server: asyncio.Server | None = None
        self._pipes: set[_Pipe] = set()

    @property
    def port(self) -> int:
        """Where it listens."""
        if self._server is None:
            raise RuntimeError("the proxy was not started")
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def address(self) -> str:
        """``host:port``, where it listens."""
        return f"{HOST}:{self.port}"

    async def start(self) -> Self:
        """Return once it accepts connections."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Pipe(self), HOST, 0)
        return self

    async def stop(self) -> None:
        """Cut everything and listen no more."""
        if self._server is not None:
            self._server.close()
        self._abort_all()
        await asyncio.sleep(0)  # the aborted ones are closed in the loop's next round

    def become(self, mode: Mode, delay_s: float = 0.0) -> None:
        """Treat connections so from now on, those included that are open already."""
        self.mode, self.delay_s = mode, delay_s
        if mode is Mode.CUT:
            self._abort_all()
        if mode is Mode.PASS:
            for pipe in list(self._pipes):
                pipe.flush()

    async def catch_commit(self, *, passed_on: bool) -> None:
        """Return once a transaction hangs: its commit is held back or, if ``passed_on``, the answer."""
        self.trap = _Trap(passed_on)
        await self.trap.sprung.wait()

    def release(self) -> None:
        """Reset the connection that was caught, if it is still there, and catch no more."""
        trap, self.trap = self.trap, None
        if trap is not None and trap.caught is not None:
            trap.caught.abort()

    def add(self, pipe: "_Pipe") -> None:
        """Know of a direction of a connection."""
        self._pipes.add(pipe)

    def forget(self, pipe: "_Pipe") -> None:
        """It is closed."""
        self._pipes.discard(pipe)
        if self.trap is not None and self.trap.caught is pipe:
            self.trap.caught = None

    def _abort_all(self) -> None:
        for pipe in list(self._pipes):
            pipe.abort()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


class _Trap:
    """Waits for one commit."""

    def __init__(self, passed_on: bool) -> None:
        self.sprung = asyncio.Event()
        self.caught: _Pipe | None = None
        """Nothing that this end receives goes on any more."""
        self._passed_on = passed_on

    def takes(self, pipe: "_Pipe", commits: bool) -> bool:
        """Tell whether what ``pipe`` received is kept from going on."""
        if self.caught is None and commits and pipe.client_of is not None:
            self.caught = pipe.client_of if self._passed_on else pipe
        if pipe is not self.caught:
            return False
        self.sprung.set()
        return True


class _Pipe(asyncio.Protocol):
    """One end of a connection: what it receives goes out at its peer; the client's end opens the other."""

    def __init__(self, proxy: Proxy, peer: "_Pipe | None" = None) -> None:
        self._proxy = proxy
        self._peer = peer
        self._is_client = peer is None
        self._commits = Commits()
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._timers: deque[asyncio.TimerHandle] = deque()
        self._connecting: asyncio.Task[None] | None = None

    @property
    def client_of(self) -> "_Pipe | None":
        """The end towards the server, if this is the client's and the other is there."""
        return self._peer if self._is_client else None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._proxy.add(self)
        if self._proxy.mode is Mode.CUT:
            self.abort()
        elif self._is_client:
            self._connecting = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        try:
            _, other = await asyncio.get_running_loop().create_connection(
                lambda: _Pipe(self._proxy, self), *self._proxy.upstream
            )
        except OSError:
            self.abort()
            return
        if self._transport is None or self._transport.is_closing():
            other.abort()
            return
        self._peer = other
        if self._proxy.mode is Mode.PASS:
            self.flush()

    def data_received(self, data: bytes) -> None:
        commits = self._is_client and self._commits.among(data)
        if self._proxy.trap is not None and self._proxy.trap.takes(self, commits):
            return
        if self._proxy.mode is Mode.PASS and self._peer is not None and not self._waiting:
            self._peer.send(data)
            return
        self._waiting.append(data)
        self._size += len(data)
        if self._size > HIGH_WATER and self._transport is not None:
            self._transport.pause_reading()
        if self._proxy.mode is Mode.DELAY:
            timer = asyncio.get_running_loop().call_later(self._proxy.delay_s, self._let_one_through)
            self._timers.append(timer)

    def _let_one_through(self) -> None:
        self._timers.popleft()
        if self._proxy.mode is not Mode.SILENCE and self._peer is not None and self._waiting:
            self._pass_on()

    def flush(self) -> None:
        """Send all that waits, in its order."""
        while self._peer is not None and self._waiting:
            self._pass_on()

    def _pass_on(self) -> None:
        data = self._waiting.popleft()
        self._size -= len(data)
        if self._peer is not None:
            self._peer.send(data)
        if self._size <= HIGH_WATER and self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def send(self, data: bytes) -> None:
        """Write to this end."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def abort(self) -> None:
        """Reset this end; the other follows."""
        if self._transport is not None:
            # Without lingering: the other sees a reset, not an orderly end.
            end = self._transport.get_extra_info("socket")
            if end is not None and not self._transport.is_closing():
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._proxy.forget(self)
        while self._timers:
            self._timers.popleft().cancel()
        if self._peer is None:
            return
        if exc is None and self._proxy.mode is Mode.PASS:
            self.flush()
            self._peer.close()
        else:
            self._peer.abort()

    def close(self) -> None:
        """End this end after what was written."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.close()
