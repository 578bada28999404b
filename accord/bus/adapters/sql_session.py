"""What one unit of work does in PostgreSQL: what it reads at once, what it writes when it commits."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import asyncpg

from accord.bus.adapters.availability import outcome_unknown_when_away, unavailable_when_away
from accord.bus.adapters.sql_database import Database
from accord.bus.adapters.sql_statement import Statement, combined
from accord.bus.errors import Unavailable

__all__ = ["Session"]

Entity = TypeVar("Entity")


@dataclass(frozen=True, slots=True)
class _Write:
    statement: Statement[Any]
    arguments: list[Any]
    refusals: Mapping[str, Exception] = field(default_factory=dict)


class Session:
    """Takes a connection of the pool, and begins a transaction, at the first `fetch`.

    Writes wait for the commit, or for the next read, and go together in one statement. So a unit of work that
    only writes is one statement and its own transaction: one round trip instead of BEGIN, several and COMMIT.
    All methods raise `Unavailable` if the database is away or gave the work up for another's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._by_itself = False
        self._connection: Any = None
        self._writes: list[_Write] = []
        self._announced: list[str] = []

    def read_only(self) -> None:
        """From now on each read is by itself, without a transaction around it."""
        self._by_itself = True

    async def fetch(self, statement: Statement[Entity], **values: Any) -> list[Entity]:
        """Run a statement now; it sees what was written before."""
        if self._by_itself:
            return await self._database.fetch(statement, values)
        await self._flush()
        connection = await self._begun()
        with unavailable_when_away():
            rows = await connection.fetch(statement.text, *statement.arguments(values))
        return statement.entities(rows)

    async def look(self, statement: Statement[Entity], **values: Any) -> list[Entity]:
        """`fetch` that does not begin a transaction, so that nothing is held, unless there is one already."""
        if self._connection is None and not self._writes:
            return await self._database.fetch(statement, values)
        return await self.fetch(statement, **values)

    async def first(self, statement: Statement[Entity], **values: Any) -> Entity | None:
        """The entity of the first row, if there is one."""
        found = await self.fetch(statement, **values)
        return found[0] if found else None

    async def write(
        self,
        statement: Statement[Any],
        values: Mapping[str, Any],
        refusals: Mapping[str, Exception] | None = None,
    ) -> None:
        """Run an INSERT, UPDATE or DELETE before the next read, at the latest with the commit.

        It has no RETURNING. ``refusals`` are what is raised then, by the name of the violated constraint.
        """
        # What is combined sees nothing of each other.
        if any(write.statement.table == statement.table for write in self._writes):
            await self._flush()
        self._writes.append(_Write(statement, statement.arguments(values), refusals or {}))

    def announce(self, channel: str) -> None:
        """Tell who listens there, once this is committed."""
        if channel not in self._announced:
            self._announced.append(channel)

    async def new_id(self, sequence: Statement[int]) -> int:
        """An id that nobody else gets; ``sequence`` takes as many as its parameter ``count`` says."""
        return await self._database.ids.next(
            sequence.text, lambda count: self._database.fetch(sequence, {"count": count})
        )

    async def commit(self) -> None:
        """Raises `OutcomeUnknown` if the database went away before it said that it had done it."""
        if self._connection is None:
            await self._commit_by_itself()
        else:
            await self._flush()
            with outcome_unknown_when_away():
                await self._end("COMMIT")
        announced, self._announced = self._announced, []
        for channel in announced:
            self._database.announcements.make(channel)

    async def close(self) -> None:
        """Undo what was not committed."""
        self._writes, self._announced = [], []
        if self._connection is not None:
            with suppress(Unavailable), unavailable_when_away():  # if it is away, it is undone as well
                await self._end("ROLLBACK")

    async def _begun(self) -> Any:
        if self._connection is None:
            with unavailable_when_away():
                self._connection = await self._database.pool.acquire()
                await self._connection.execute("BEGIN")
        return self._connection

    async def _end(self, command: str) -> None:
        connection, self._connection = self._connection, None
        try:
            if await connection.execute(command) != command:  # COMMIT is answered so after an error
                raise asyncpg.InFailedSQLTransactionError("the transaction had failed, and was undone")
        except BaseException:
            connection.terminate()
            raise
        finally:
            self._database.pool.release(connection)

    async def _flush(self) -> None:
        writes, self._writes = self._writes, []
        if writes:
            connection = await self._begun()
            with unavailable_when_away():
                await _execute(connection, writes)

    async def _commit_by_itself(self) -> None:
        writes, self._writes = self._writes, []
        if writes:
            with unavailable_when_away():
                connection = await self._database.pool.acquire()
            try:
                with outcome_unknown_when_away():
                    await _execute(connection, writes)
            finally:
                self._database.pool.release(connection)


async def _execute(connection: Any, writes: Sequence[_Write]) -> None:
    text = combined(tuple(write.statement for write in writes))
    try:
        await connection.execute(text, *(value for write in writes for value in write.arguments))
    except asyncpg.IntegrityConstraintViolationError as error:
        for write in writes:
            if refusal := write.refusals.get(error.constraint_name):
                raise refusal from error
        raise
