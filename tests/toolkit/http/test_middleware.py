"""Correlation ids, log lines and bounds of a body, as a caller and an operator see them."""

import asyncio
import re
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from accord.http.middleware import install_middleware
from accord.http.problems import install_problems
from tests.toolkit.http.conftest import client_of, make_app, running

ProblemOf = Callable[[httpx.Response, int], dict[str, Any]]
LogLines = Callable[[], list[dict[str, Any]]]

JSON = {"Content-Type": "application/json"}


async def test_a_given_correlation_id_comes_back_and_reaches_the_work(client: httpx.AsyncClient) -> None:
    response = await client.get("/books/1", headers={"X-Correlation-ID": "shop:42"})
    assert response.headers["X-Correlation-ID"] == "shop:42"
    assert response.json() == {"title": "1 shop:42"}


async def test_an_id_is_made_where_none_is_given(client: httpx.AsyncClient) -> None:
    first, second = await asyncio.gather(client.get("/books/1"), client.get("/books/2"))
    ids = {first.headers["X-Correlation-ID"], second.headers["X-Correlation-ID"]}
    assert len(ids) == 2
    assert all(re.fullmatch("[A-Za-z0-9._:-]{1,128}", made) for made in ids)


@pytest.mark.parametrize("bad", ["a b", "", "x" * 129, "ä", "a,b"])
async def test_a_malformed_id_is_refused_under_a_made_one(
    client: httpx.AsyncClient, problem_of: ProblemOf, bad: str
) -> None:
    response = await client.get("/books/1", headers={b"X-Correlation-ID": bad.encode("latin-1")})
    problem = problem_of(response, 400)
    assert {error["pointer"] for error in problem["errors"]} == {"header/X-Correlation-ID"}
    assert response.headers["X-Correlation-ID"] != bad


async def test_each_request_is_one_log_line(log_lines: LogLines) -> None:
    async with client_of(make_app()) as client:
        await client.get("/books/7?token=hidden", headers={"X-Correlation-ID": "cause-9"})
    (line,) = log_lines()
    assert line.pop("duration_ms") > 0
    assert line.pop("timestamp")
    assert line == {
        "level": "info",
        "logger": "accord.http.middleware",
        "service": "books",
        "event": "request",
        "correlation_id": "cause-9",
        "method": "GET",
        "path": "/books/7",
        "route": "/books/{book_id}",
        "operation": "getBook",
        "status": 200,
    }


@pytest.fixture(scope="module")
def small_service() -> Iterator[str]:
    with running(make_app(max_body_bytes=1000)) as url:
        yield url


def body(size: int) -> bytes:
    return b'{"title": "' + b"x" * (size - 13) + b'"}'


def test_a_body_of_exactly_the_bound_is_read(small_service: str) -> None:
    assert httpx.put(f"{small_service}/books/1", content=body(1000), headers=JSON).status_code == 200


def test_a_larger_body_is_413_and_the_connection_lives_on(small_service: str, problem_of: ProblemOf) -> None:
    with httpx.Client(base_url=small_service) as http:
        for _ in range(2):
            response = http.put("/books/1", content=body(1001), headers=JSON)
            assert problem_of(response, 413)["detail"] == "The body is larger than 1000 bytes."
            assert "Connection" not in response.headers


def test_a_body_of_ten_megabytes_gets_its_answer(small_service: str, problem_of: ProblemOf) -> None:
    problem_of(httpx.put(f"{small_service}/books/1", content=body(10_000_000), headers=JSON), 413)


def chunks(count: int) -> Iterator[bytes]:
    yield from (b"x" * 100 for _ in range(count))


def test_a_streamed_body_is_cut_at_the_bound(small_service: str, problem_of: ProblemOf) -> None:
    response = httpx.put(f"{small_service}/books/1", content=chunks(11), headers=JSON)
    assert response.request.headers["Transfer-Encoding"] == "chunked"
    problem_of(response, 413)
    problem_of(httpx.put(f"{small_service}/books/1", content=chunks(10), headers=JSON), 400)


def exchange(url: str, request: bytes, seconds: float = 10) -> bytes:
    """Everything that the server sends until it closes the connection."""
    address = httpx.URL(url)
    received = b""
    with socket.create_connection((address.host, address.port or 80), timeout=seconds) as connection:
        connection.sendall(request)
        while chunk := connection.recv(65536):
            received += chunk
    return received


def test_who_asks_first_need_not_send_a_body_that_is_too_large(small_service: str) -> None:
    started = time.perf_counter()
    head = b"PUT /books/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\nExpect: 100-continue\r\n\r\n"
    answer = exchange(small_service, head)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nconnection: close\r\n" in answer
    assert time.perf_counter() - started < 3


def test_a_body_without_end_is_answered_and_the_connection_closed(small_service: str) -> None:
    head = b"PUT /books/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 90000000000\r\n\r\n"
    answer = exchange(small_service, head + b"x" * 5000)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nconnection: close\r\n" in answer


def slow_app() -> FastAPI:
    app = FastAPI()

    @app.put("/echo")
    async def echo(request: Request) -> int:
        return len(await request.body())

    install_problems(app, {})
    install_middleware(app, body_seconds=0.3)
    return app


def test_a_body_that_does_not_come_is_408_and_the_connection_closed() -> None:
    with running(slow_app()) as url:
        answer = exchange(url, b"PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"\r\nconnection: close\r\n" in answer
    assert b"did not arrive within 0.3 seconds" in answer


async def test_many_small_pieces_do_not_stretch_the_time(problem_of: ProblemOf) -> None:
    async def drip() -> AsyncIterator[bytes]:
        for _ in range(100):
            await asyncio.sleep(0.02)
            yield b"x"

    async with client_of(slow_app()) as client:
        problem_of(await client.put("/echo", content=drip()), 408)


@pytest.mark.parametrize(("make", "path"), [(slow_app, "/echo"), (make_app, "/books/1")])
def test_a_caller_who_leaves_is_no_error(log_lines: LogLines, make: Callable[[], FastAPI], path: str) -> None:
    with running(make()) as url:
        address = httpx.URL(url)
        with socket.create_connection((address.host, address.port or 80)) as connection:
            connection.sendall(f"PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc".encode())
            time.sleep(0.1)
        time.sleep(0.1)
    lines = log_lines()
    assert [line["status"] for line in lines if line["event"] == "request"] == [499]
    assert not [line for line in lines if line["level"] == "error"]
