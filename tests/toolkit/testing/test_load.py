"""The load counts what comes in time, and takes no wrong answer for a right one."""

import asyncio
from collections.abc import AsyncIterator
from itertools import repeat

import pytest
import pytest_asyncio

from scripts.bench.http.load import HOST, Load, WrongAnswer, request, send

RIGHT = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx: y\r\n\r\nhello"
"""Also sent in pieces."""


class Scripted:
    """Answers each request with the next answer of a script, and with its last one for ever."""

    port = 0

    def __init__(self) -> None:
        self.answers = [RIGHT]
        self.requests = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            answer = self.answers[min(self.requests, len(self.answers) - 1)]
            self.requests += 1
            for piece in (answer[:20], answer[20:]):
                writer.write(piece)
                await asyncio.sleep(0.001)
            if not answer:
                break
        writer.close()


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Scripted]:
    scripted = Scripted()
    async with await asyncio.start_server(scripted.serve, HOST, 0) as listening:
        scripted.port = listening.sockets[0].getsockname()[1]
        yield scripted
        await asyncio.sleep(0.01)  # for the ends of the connections to arrive


def load(server: Scripted, seconds: float = 0.1) -> Load:
    return Load(server.port, repeat(request("GET", "/")), status=200, connections=3, seconds=seconds)


async def test_each_answer_counts_once_even_if_it_comes_in_pieces(server: Scripted) -> None:
    answers = await send(load(server))
    assert answers.count == server.requests
    assert answers.rate == pytest.approx((answers.count - 3) / 0.1)
    assert 1 <= answers.p50 <= answers.p99


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4\r\n\r\nbusy", "expected status 200: .*busy"),
        (b"", "connection was closed"),
    ],
    ids=["another status", "no answer"],
)
async def test_a_single_wrong_answer_fails_the_round(server: Scripted, wrong: bytes, told: str) -> None:
    server.answers = [RIGHT, RIGHT, RIGHT, RIGHT, wrong, RIGHT]
    with pytest.raises(WrongAnswer, match=rf"(?s){told}"):
        await send(load(server))


async def test_the_slowest_contestant_still_has_a_figure(server: Scripted) -> None:
    assert (await send(load(server, seconds=0.0))).rate > 0


def test_a_request_says_how_long_its_body_is() -> None:
    assert request("POST", "/a", b"{}").endswith(b"Content-Length: 2\r\n\r\n{}")
    assert b"Content-Length" not in request("GET", "/a")
