"""A PostgreSQL database, and the limits of all connections to it."""

import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import asyncpg

from accord.bus.adapters.availability import unavailable_when_away
from accord.bus.adapters.sql_announcements import Announcements
from accord.bus.adapters.sql_ids import ReservedIds
from accord.bus.adapters.sql_pool import Pool
from accord.bus.adapters.sql_statement import Statement

__all__ = ["Database"]

Entity = TypeVar("Entity")

# Seconds. Who finds no connection is told to come back rather than kept; the server's own limits come before
# the one of a command, so that it is the server that says why.
_CONNECT_TIMEOUT: Final = 5.0
_POOL_TIMEOUT: Final = 5.0
_COMMAND_TIMEOUT: Final = 20.0
_SSL: Final = re.compile("([?&])ssl=")  # what SQLAlchemy calls it
_SERVER_SETTINGS: Final = {
    "timezone": "UTC",
    "lock_timeout": "5s",
    "statement_timeout": "10s",
    "idle_in_transaction_session_timeout": "30s",
}


class Database:
    """At most ``size`` connections in its pool, and those that `connect` makes; ``url`` is SQLAlchemy's.

    ``settings`` are those of PostgreSQL for each connection, and win over the limits that are set here.
    """

    def __init__(
        self,
        url: str,
        size: int,
        *,
        name: str = "accord",
        pool_timeout_s: float = _POOL_TIMEOUT,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.url = url
        self.pool = Pool(self._connect, size, pool_timeout_s)
        self.ids = ReservedIds()
        self.announcements = Announcements(self._announce)
        self._settings = {**_SERVER_SETTINGS, "application_name": name, **(settings or {})}

    async def connect(self) -> Any:
        """A connection of asyncpg beside the pool, which the caller closes; raises `Unavailable`."""
        with unavailable_when_away():
            return await self._connect()

    async def fetch(self, statement: Statement[Entity], values: Mapping[str, Any]) -> list[Entity]:
        """Run one statement by itself, which is its own transaction; raises `Unavailable`."""
        with unavailable_when_away():
            async with self.pool.lend() as connection:
                rows = await connection.fetch(statement.text, *statement.arguments(values))
        return statement.entities(rows)

    async def close(self) -> None:
        """Close all connections but those of `connect`; safe to call twice."""
        await self.announcements.close()
        await self.pool.close()

    async def _connect(self) -> Any:
        return await asyncpg.connect(
            _SSL.sub(r"\1sslmode=", self.url.replace("+asyncpg", "", 1)),
            timeout=_CONNECT_TIMEOUT,
            command_timeout=_COMMAND_TIMEOUT,
            server_settings=self._settings,
        )

    async def _announce(self, channel: str) -> None:
        with unavailable_when_away():
            async with self.pool.lend() as connection:
                await connection.execute("SELECT pg_notify($1, '')", channel)
