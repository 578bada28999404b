"""Load over HTTP: connections that are kept, each with one request under way, for some seconds.

It runs in the benchmark's own process, which only waits meanwhile, and costs little: requests are ready
bytes, and of an answer only status and length are read. What it can do at most shows the contestant asgi.
"""

import asyncio
import gc
import itertools
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import cast

import uvloop

__all__ = ["HOST", "Load", "WrongAnswer", "request", "run", "send"]

HOST = "127.0.0.1"
PATIENCE = 30.0
"""Seconds that the last answers may take once the time is over."""
SHOWN = 600
"""Bytes of a wrong answer that are told."""


class WrongAnswer(RuntimeError):
    """Something else than the expected status came, or nothing."""


@dataclass(frozen=True, slots=True)
class Load:
    """``requests`` are taken from one after the other, by whichever connection is free."""

    port: int
    requests: Iterator[bytes]
    status: int
    connections: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Answers:
    """All that came; ``rate`` counts what came within the time, by the second.

    Latencies are in milliseconds; ``cost_us`` is what a request cost the load itself, in microseconds.
    """

    count: int
    rate: float
    p50: float
    p99: float
    cost_us: float


def request(method: str, path: str, body: bytes | None = None) -> bytes:
    """The bytes of a request as clients send it."""
    head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: application/json\r\n"
    if body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + (body or b"")


def run(load: Load) -> Answers:
    """`send` on a loop as fast as the servers'; in a thread, since uvloop holds up what a signal raises."""

    def work() -> Answers:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(send(load))

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()


async def send(load: Load) -> Answers:
    """Send for as long as it says, then wait for what is under way; raises `WrongAnswer`, or OSError."""
    loop = asyncio.get_running_loop()
    clients = []
    for _ in range(load.connections):
        _, client = await loop.create_connection(lambda: _Client(load), HOST, load.port)
        clients.append(client)
    gc.collect()
    gc.disable()
    try:
        cpu, began = time.process_time(), time.perf_counter()
        for client in clients:
            client.begin(began + load.seconds)
        await asyncio.wait_for(asyncio.gather(*(client.done for client in clients)), load.seconds + PATIENCE)
        cpu, took = time.process_time() - cpu, time.perf_counter() - began
    except TimeoutError:
        raise WrongAnswer(f"an answer did not come within {PATIENCE:g} s") from None
    finally:
        gc.enable()
        for client in clients:
            client.close()
    latencies = sorted(itertools.chain.from_iterable(client.latencies for client in clients))
    count, in_time = len(latencies), len(latencies) - len(clients)
    rate = in_time / load.seconds if in_time else count / took
    p50, p99 = (latencies[int(count * share)] * 1e3 for share in (0.5, 0.99))
    return Answers(count, rate, p50, p99, cpu / count * 1e6)


class _Client(asyncio.Protocol):
    """One connection; ``done`` is set with its last answer, or with what went wrong."""

    def __init__(self, load: Load) -> None:
        self._next = load.requests.__next__
        self._expected = str(load.status).encode()
        self._deadline = self._sent = 0.0
        self._rest = b""
        self._transport: asyncio.Transport
        self.latencies: list[float] = []
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def begin(self, deadline: float) -> None:
        self._deadline = deadline
        self._send(time.perf_counter())

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        if self._rest:
            data = self._rest + data
        end = data.find(b"\r\n\r\n") + 4
        if end < 4 or len(data) < end + _length(data[:end]):
            self._rest = data
            return
        self._rest = b""
        if data[9:12] != self._expected:
            self._fail(
                f"expected status {self._expected.decode()}: {data[:SHOWN].decode('utf-8', 'replace')}"
            )
            return
        self.latencies.append(now - self._sent)
        if now > self._deadline:
            self.done.set_result(None)
        else:
            self._send(now)

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(f"the connection was closed ({error or 'by the server'})")

    def close(self) -> None:
        self.done.cancel()
        self._transport.close()

    def _send(self, now: float) -> None:
        self._sent = now
        self._transport.write(self._next())

    def _fail(self, what: str) -> None:
        if not self.done.done():
            self.done.set_exception(WrongAnswer(what))


def _length(head: bytes) -> int:
    """The bytes of the body; the answers that are measured all say how long they are (RFC 9110, 8.6)."""
    at = head.lower().find(b"\r\ncontent-length:")
    if at < 0:
        return 0
    return int(head[at + 17 : head.find(b"\r\n", at + 17)])
