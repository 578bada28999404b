"""The relay's side of the transactional outbox in PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Delete,
    Select,
    Table,
    and_,
    any_,
    bindparam,
    delete,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from accord.bus.adapters.availability import unavailable_when_away
from accord.bus.errors import Unavailable
from accord.bus.messages import OutgoingRecord
from accord.bus.transport import OutboxRow, OutboxStore, RecordKey

__all__ = ["SqlOutbox"]

STATEMENT_TIMEOUT_S: Final = 30.0
"""A statement over a few hundred rows that takes longer is one that will not be answered."""


class SqlOutbox(OutboxStore):
    """The relay's side of the table.

    Keeps one connection of ``engine`` to itself: the advisory lock, the LISTEN and all statements are on it,
    so that whoever loses the connection has lost the lock and cannot delete anything any more.
    """

    def __init__(
        self, engine: AsyncEngine, table: Table, statement_timeout_s: float = STATEMENT_TIMEOUT_S
    ) -> None:
        self._engine = engine
        self._table = table
        self._timeout_s = statement_timeout_s
        self._connection: AsyncConnection | None = None
        self._woken = asyncio.Event()

    async def acquire(self) -> bool:
        await self.release()
        lock = func.pg_try_advisory_lock(func.hashtextextended(f"accord relay of {self._table.fullname}", 0))
        async with self._statements(connect=True) as connection:
            if not (await connection.execute(select(lock))).scalar_one():
                await self.release()
                return False
            driver: Any = (await connection.get_raw_connection()).driver_connection
            await driver.add_listener(self._table.name, self._wake)
            driver.add_termination_listener(self._wake)
        self._woken.set()
        return True

    async def release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # Closed for good, not given back to the pool: only its end frees lock and LISTEN for certain.
            with suppress(SQLAlchemyError, OSError):
                await connection.invalidate()
            with suppress(SQLAlchemyError, OSError):
                await connection.close()

    async def read(self, limit: int, without: Collection[RecordKey] = ()) -> Sequence[OutboxRow]:
        # Cleared before the read: what was committed and announced until now, this read sees.
        self._woken.clear()
        query = _first_rows(self._table)
        if without:
            query = query.where(_none_of(self._table, without))
        async with self._statements() as connection:
            rows = (await connection.execute(query, {"most": limit})).all()
        return [
            OutboxRow(
                row.id,
                OutgoingRecord(
                    topic=row.topic,
                    key=row.key,
                    value=row.value,
                    headers=tuple((name, text.encode()) for name, text in row.headers),
                ),
            )
            for row in rows
        ]

    async def delete(self, ids: Collection[int]) -> None:
        async with self._statements() as connection:
            await connection.execute(_deletion(self._table), {"ids": list(ids)})

    async def wait(self, timeout_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._woken.wait()

    def _wake(self, *_notification: object) -> None:
        self._woken.set()

    @asynccontextmanager
    async def _statements(self, *, connect: bool = False) -> AsyncIterator[AsyncConnection]:
        try:
            with unavailable_when_away():
                async with asyncio.timeout(self._timeout_s):
                    if connect:
                        autocommitting = self._engine.execution_options(isolation_level="AUTOCOMMIT")
                        self._connection = await autocommitting.connect()
                    if self._connection is None:
                        raise Unavailable("this relay has no connection to the database")
                    yield self._connection
        except BaseException:
            await self.release()
            raise


@lru_cache(maxsize=16)
def _first_rows(table: Table) -> Select[Any]:
    columns = (table.c.id, table.c.topic, table.c.key, table.c.value, table.c.headers)
    return select(*columns).order_by(table.c.id).limit(bindparam("most"))


def _none_of(table: Table, keys: Collection[RecordKey]) -> ColumnElement[bool]:
    """Rows of other keys; no key is a key like any other here, and to SQL it is equal to none."""
    topic, key = table.c.topic, table.c.key
    keyed = [each for each in keys if each[1] is not None]
    keyless = [name for name, of_topic in keys if of_topic is None]
    return or_(
        and_(key.is_(None), topic.not_in(keyless)), and_(key.is_not(None), tuple_(topic, key).not_in(keyed))
    )


@lru_cache(maxsize=16)
def _deletion(table: Table) -> Delete:
    return delete(table).where(table.c.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
