"""The pool of connections: its bound, its order, and connections that are lost."""

import asyncio

import asyncpg
import pytest

from accord.bus.adapters.availability import unavailable_when_away
from accord.bus.adapters.sql_pool import Pool
from accord.bus.errors import Unavailable


class FakeConnection:
    """Is lost when it is told so."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.closed = False
        self.in_transaction = False

    def is_closed(self) -> bool:
        return self.closed

    def is_in_transaction(self) -> bool:
        return self.in_transaction

    def terminate(self) -> None:
        self.closed = True

    async def close(self, timeout: float) -> None:  # noqa: ASYNC109
        self.closed = True


class Server:
    """Makes connections one after another; refuses while it is ``away``."""

    def __init__(self) -> None:
        self.made: list[FakeConnection] = []
        self.away = False

    async def connect(self) -> FakeConnection:
        await asyncio.sleep(0)
        if self.away:
            raise ConnectionRefusedError("nobody listens")
        self.made.append(FakeConnection(len(self.made)))
        return self.made[-1]

    @property
    def open(self) -> int:
        return sum(not connection.closed for connection in self.made)


@pytest.fixture
def server() -> Server:
    return Server()


async def test_no_more_than_its_size_are_made_however_many_ask(server: Server) -> None:
    pool = Pool(server.connect, 3, timeout_s=5)
    most = 0

    async def use() -> None:
        nonlocal most
        async with pool.lend():
            most = max(most, server.open)
            await asyncio.sleep(0.001)

    await asyncio.gather(*(use() for _ in range(50)))
    assert most == len(server.made) == 3


async def test_the_connection_that_was_used_last_is_lent_first(server: Server) -> None:
    pool = Pool(server.connect, 3, timeout_s=5)
    first, second = await pool.acquire(), await pool.acquire()
    pool.release(second)
    pool.release(first)
    assert await pool.acquire() is first


async def test_whoever_waits_longest_gets_the_next_one(server: Server) -> None:
    pool = Pool(server.connect, 1, timeout_s=5)
    order: list[int] = []

    async def use(number: int) -> None:
        async with pool.lend():
            order.append(number)

    async with pool.lend():
        waiting = [asyncio.create_task(use(number)) for number in range(5)]
        await asyncio.sleep(0.01)
    await asyncio.gather(*waiting)
    assert order == list(range(5))


async def test_waiting_has_an_end_and_leaves_no_trace(server: Server) -> None:
    pool = Pool(server.connect, 1, timeout_s=0.02)
    async with pool.lend():
        with pytest.raises(TimeoutError):
            await pool.acquire()
    async with pool.lend() as connection:
        assert connection is server.made[0]


async def test_a_connection_that_comes_as_its_waiter_gives_up_goes_to_the_next(server: Server) -> None:
    pool = Pool(server.connect, 1, timeout_s=5)
    connection = await pool.acquire()
    giving_up, next_one = asyncio.create_task(pool.acquire()), asyncio.create_task(pool.acquire())
    await asyncio.sleep(0.01)
    pool.release(connection)
    giving_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await giving_up
    async with asyncio.timeout(1):
        assert await next_one is connection


async def test_a_connection_that_was_lost_is_replaced_for_whoever_waits(server: Server) -> None:
    pool = Pool(server.connect, 1, timeout_s=5)
    connection = await pool.acquire()
    waiting = asyncio.create_task(pool.acquire())
    await asyncio.sleep(0.01)
    connection.terminate()
    pool.release(connection)
    replaced = await waiting
    assert replaced is server.made[1]
    pool.release(replaced)
    replaced.terminate()
    assert await pool.acquire() is server.made[2]


async def test_a_transaction_that_is_still_open_ends_with_its_connection(server: Server) -> None:
    pool = Pool(server.connect, 1, timeout_s=5)
    async with pool.lend() as connection:
        connection.in_transaction = True
    assert connection.closed
    assert await pool.acquire() is server.made[1]


async def test_a_connection_on_which_the_server_has_said_goodbye_is_away_and_not_used_again(
    server: Server,
) -> None:
    pool = Pool(server.connect, 1, timeout_s=5)
    with pytest.raises(Unavailable), unavailable_when_away():
        async with pool.lend():
            raise asyncpg.InternalClientError(
                "cannot switch to state 15; another operation (2) is in progress"
            )
    assert await pool.acquire() is server.made[1]


async def test_a_server_that_refuses_takes_no_place_away(server: Server) -> None:
    pool = Pool(server.connect, 1, timeout_s=5)
    server.away = True
    for outcome in await asyncio.gather(*(pool.acquire() for _ in range(5)), return_exceptions=True):
        assert isinstance(outcome, ConnectionRefusedError)
    server.away = False
    assert await pool.acquire() is server.made[0]


async def test_a_closed_pool_lends_nothing_and_keeps_nothing(server: Server) -> None:
    pool = Pool(server.connect, 2, timeout_s=5)
    lent, idle = await pool.acquire(), await pool.acquire()
    pool.release(idle)
    await pool.close()
    assert idle.closed
    assert not lent.closed
    with pytest.raises(asyncpg.InterfaceError, match="is closed"):
        await pool.acquire()
    pool.release(lent)
    assert lent.closed
    await pool.close()
