"""The server as an operator starts and stops it."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from tests.toolkit.http.conftest import make_app, running
from tests.toolkit.http.test_middleware import exchange

REPOSITORY = Path(__file__).parents[3]

PROGRAM = """
import asyncio, sys, time
from contextlib import asynccontextmanager
from fastapi import FastAPI
from accord.http.problems import install_problems
from accord.http.middleware import install_middleware
from accord.http.server import serve
from accord.http.shutdown import ShutdownTime
from accord.observability import configure_logging

@asynccontextmanager
async def lifespan(app):
    if sys.argv[2] == "broken":
        raise RuntimeError("no database")
    yield
    if sys.argv[2] == "stuck":
        time.sleep(60)

configure_logging("slow")
app = FastAPI(lifespan=lifespan)

@app.get("/slow")
async def slow() -> str:
    await asyncio.sleep(float(sys.argv[3]))
    return "done"

install_problems(app, {})
install_middleware(app)
serve(app, "127.0.0.1", int(sys.argv[1]), ShutdownTime(3.0))
"""


@contextmanager
def started(kind: str = "well", seconds: float = 0.5) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [sys.executable, "-c", PROGRAM, str(port), kind, str(seconds)]
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def ask_slowly(url: str) -> socket.socket:
    """Send a request and do not wait; the server may not be up yet."""
    address = httpx.URL(url)
    for _ in range(200):
        try:
            connection = socket.create_connection((address.host, address.port or 80), timeout=20)
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            connection.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            time.sleep(0.2)
            return connection
    raise AssertionError("the server did not start")


def test_a_request_under_way_is_answered_before_the_server_stops() -> None:
    with started() as (process, url), ask_slowly(url) as connection:
        process.send_signal(signal.SIGTERM)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
        process.wait(10)
        lines = [json.loads(line) for line in (process.stdout or ()) if line.strip()]
    assert "request" in [line["event"] for line in lines]
    assert {line["service"] for line in lines} == {"slow"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_being_told_to_end_is_no_failure(number: signal.Signals) -> None:
    with started(seconds=0) as (process, url), ask_slowly(url):
        process.send_signal(number)
        assert process.wait(10) == 0


def test_a_request_without_end_does_not_keep_the_server_from_stopping() -> None:
    with started(seconds=60) as (process, url), ask_slowly(url):
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert time.monotonic() - began < 3.0


def test_a_process_that_cannot_come_to_its_end_is_ended_in_time() -> None:
    with started("stuck") as (process, url), ask_slowly(url):
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 1
        assert 2.0 < time.monotonic() - began < 5.0
        assert "ended by force" in (process.stdout.read() if process.stdout else "")


def test_a_start_that_fails_ends_the_process_with_its_reason_in_the_log() -> None:
    with started("broken") as (process, _):
        output, _errors = process.communicate(timeout=20)
    assert process.returncode == 3
    assert "no database" in output
    assert all(json.loads(line)["service"] == "slow" for line in output.splitlines())


def test_a_head_without_end_is_cut_off() -> None:
    with running(make_app()) as url:
        answer = exchange(url, b"GET /books/1 HTTP/1.1\r\n" + b"X-Long: x\r\n" * 6_000)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert httpx.get(f"{url}/books/1", headers={"X-Long": "x" * 30_000}).status_code == 200


def test_a_large_body_is_not_taken_for_a_large_head() -> None:
    content = b'{"title": "' + b"x" * 900_000 + b'"}'
    with running(make_app()) as url, httpx.Client(base_url=url) as http:
        for _ in range(3):
            response = http.put("/books/1", content=content, headers={"Content-Type": "application/json"})
            assert response.status_code == 200


def test_the_server_does_not_say_what_it_is() -> None:
    with running(make_app()) as url:
        assert "Server" not in httpx.get(f"{url}/health/live").headers


def connected(url: str) -> socket.socket:
    address = httpx.URL(url)
    return socket.create_connection((address.host, address.port or 80), timeout=20)


def test_the_head_of_an_answer_comes_together_with_its_body() -> None:
    async def slow(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        time.sleep(0.2)  # noqa: ASYNC251  # nothing else can run, so that whatever was sent has arrived
        await send({"type": "http.response.body", "body": b"body"})

    app = make_app()
    app.mount("/slow", slow)
    with running(app) as url, connected(url) as connection:
        connection.sendall(b"GET /slow/ HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(65_536).endswith(b"\r\n\r\nbody")


def test_what_is_written_bit_by_bit_is_sent_bit_by_bit() -> None:
    go_on = threading.Event()
    app = make_app()

    async def bits() -> AsyncIterator[bytes]:
        yield b"first"
        await asyncio.to_thread(go_on.wait)
        yield b"second"

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(bits())

    with running(app) as url, connected(url) as connection:
        connection.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        received = b""
        while b"first" not in received:
            received += connection.recv(65_536)
        go_on.set()
        while not received.endswith(b"0\r\n\r\n"):
            received += connection.recv(65_536)
        assert b"second" in received


def test_an_interim_answer_does_not_wait_for_the_final_one() -> None:
    with running(make_app()) as url, connected(url) as connection:
        head = b"PUT /books/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 13\r\n"
        connection.sendall(head + b"Expect: 100-continue\r\n\r\n")
        assert connection.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b'{"title":"x"}')
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")


def test_an_answer_without_a_body_does_not_wait_for_one() -> None:
    with running(make_app()) as url, connected(url) as connection:
        for _ in range(3):
            connection.sendall(b"DELETE /books/1 HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = connection.recv(65_536)
            assert answer.startswith(b"HTTP/1.1 204 ")
            assert answer.endswith(b"\r\n\r\n")
