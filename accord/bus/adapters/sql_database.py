"""A PostgreSQL database and the connections to it: a pool for what is brief, one of one's own for a relay."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import asyncpg
from sqlalchemy import make_url

from accord.bus.adapters.availability import unavailable_when_away
from accord.bus.adapters.sql_announcements import Announcements
from accord.bus.adapters.sql_ids import ReservedIds
from accord.bus.adapters.sql_statement import Statement

__all__ = ["Database"]

Entity = TypeVar("Entity")

# Seconds. Who finds no connection is told to come back rather than kept; the server's own limits come before
# the one of a command, so that it is the server that says why.
_CONNECT_TIMEOUT: Final = 5.0
_POOL_TIMEOUT: Final = 5.0
_COMMAND_TIMEOUT: Final = 20.0
_SERVER_SETTINGS: Final = {
    "timezone": "UTC",
    "lock_timeout": "5s",
    "statement_timeout": "10s",
    "idle_in_transaction_session_timeout": "30s",
}


class Database:
    """At most ``size`` connections at a time, each made when it is first needed; ``url`` is SQLAlchemy's.

    A connection that was lost while nobody used it is replaced. Nothing is reset when one is given back: what
    holds for longer than a transaction may be set by nobody but those who `connect`.
    """

    def __init__(
        self, url: str, size: int, *, name: str = "accord", pool_timeout_s: float = _POOL_TIMEOUT
    ) -> None:
        self.url = url
        self.ids = ReservedIds()
        self.announcements = Announcements(self._announce)
        self._size = size
        self._name = name
        self._pool_timeout_s = pool_timeout_s
        self._pool: Any = None

    async def connect(self) -> Any:
        """A connection of asyncpg beside the pool, which the caller closes; raises `Unavailable`."""
        with unavailable_when_away():
            return await asyncpg.connect(**self._arguments())

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """A connection of asyncpg from the pool; raises `Unavailable`."""
        connection = await self.acquire()
        try:
            yield connection
        finally:
            await self.release(connection)

    async def acquire(self) -> Any:
        """The same, for callers who `release` it themselves."""
        with unavailable_when_away():
            if self._pool is None:
                self._pool = asyncpg.create_pool(
                    **self._arguments(), min_size=0, max_size=self._size, reset=_as_it_is
                )
                await self._pool  # makes no connection yet, so nobody comes in between
            return await self._pool.acquire(timeout=self._pool_timeout_s)

    async def release(self, connection: Any) -> None:
        """Give back what `acquire` gave; a transaction that is still open is undone."""
        with unavailable_when_away():
            await self._pool.release(connection)

    async def fetch(self, statement: Statement[Entity], values: Mapping[str, Any]) -> list[Entity]:
        """Run one statement by itself, which is its own transaction; raises `Unavailable`."""
        async with self.connection() as connection:
            with unavailable_when_away():
                rows = await connection.fetch(statement.text, *statement.arguments(values))
        return statement.entities(rows)

    async def close(self) -> None:
        """Wait until all connections were given back, and close them; safe to call twice."""
        await self.announcements.close()
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    def _arguments(self) -> dict[str, Any]:
        url = make_url(self.url)
        _, arguments = url.get_dialect()().create_connect_args(url)
        return {
            **arguments,
            "timeout": _CONNECT_TIMEOUT,
            "command_timeout": _COMMAND_TIMEOUT,
            "server_settings": {**_SERVER_SETTINGS, "application_name": self._name},
        }

    async def _announce(self, channel: str) -> None:
        async with self.connection() as connection:
            with unavailable_when_away():
                await connection.execute("SELECT pg_notify($1, '')", channel)


async def _as_it_is(_connection: Any) -> None:
    """asyncpg would spend a round trip on undoing settings that nobody made."""
