"""Connections of asyncpg that are lent one after another."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Final

import asyncpg

__all__ = ["Pool"]

_CLOSE_TIMEOUT_S: Final = 1.0


class Pool:
    """At most ``size`` connections, each made when it is first needed; whoever asks first gets one first.

    In place of asyncpg's own, whose tasks, timers and proxies cost 30 us a loan, as much as reading a row
    does. A connection that was lost meanwhile is replaced. Nothing is reset between loans: what outlives a
    transaction, as settings and LISTEN do, is for connections beside the pool.
    """

    def __init__(self, connect: Callable[[], Awaitable[Any]], size: int, timeout_s: float) -> None:
        self._connect = connect
        self._size = size
        self._timeout_s = timeout_s
        self._idle: list[Any] = []
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._made = 0
        self._closed = False

    async def acquire(self) -> Any:
        """Raises TimeoutError if none becomes free in time, and what connecting raises."""
        if self._closed:
            raise asyncpg.InterfaceError("the pool is closed")
        if self._idle:
            connection = self._idle.pop()
        elif self._made < self._size:
            self._made += 1
            connection = None
        else:
            connection = await self._wait()
        if connection is not None and not connection.is_closed():
            return connection
        try:
            return await self._connect()
        except BaseException:
            self._hand_on(None)
            raise

    def release(self, connection: Any) -> None:
        """A transaction that is still open ends with its connection.

        A command whose caller was cancelled may still be under way: asyncpg lets the next one wait for it.
        """
        if self._closed or (not connection.is_closed() and connection.is_in_transaction()):
            connection.terminate()
        self._hand_on(None if connection.is_closed() else connection)

    def lend(self) -> "_Loan":
        """A connection within ``async with``."""
        return _Loan(self)

    async def close(self) -> None:
        """Close those that nobody uses; the others when they are given back. Safe to call twice."""
        self._closed = True
        idle, self._idle = self._idle, []
        for connection in idle:
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await connection.close(timeout=_CLOSE_TIMEOUT_S)

    async def _wait(self) -> Any:
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await waiter
        except BaseException:
            if waiter.done() and not waiter.cancelled():  # it came when the waiting was given up already
                self._hand_on(waiter.result())
            raise

    def _hand_on(self, connection: Any) -> None:
        """Give a connection, or for None the right to make one, to whoever has waited longest."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        if connection is None:
            self._made -= 1
        else:
            self._idle.append(connection)


class _Loan:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def __aenter__(self) -> Any:
        self._connection = await self._pool.acquire()
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, asyncpg.InternalClientError):  # it is at its end
            self._connection.terminate()
        self._pool.release(self._connection)
