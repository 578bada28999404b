"""The relay's side of the transactional outbox in PostgreSQL, straight over asyncpg."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import suppress
from typing import Any, Final

import asyncpg
import orjson

from accord.bus.adapters.availability import unavailable_when_away
from accord.bus.adapters.sql import OUTBOX
from accord.bus.adapters.sql_database import Database
from accord.bus.errors import Unavailable
from accord.bus.messages import OutgoingRecord
from accord.bus.transport import OutboxRow, OutboxStore, RecordKey

__all__ = ["SqlOutbox"]

STATEMENT_TIMEOUT_S: Final = 30.0
"""A statement over a few hundred rows that takes longer is one that will not be answered."""

_CLOSE_TIMEOUT_S: Final = 1.0

MAX_BATCH_BYTES: Final = 4_194_304
"""Of values in one batch, unless a single one is larger: what is in memory is bounded, however large."""

_LAST_ID: Final = 2**63 - 1

_LOCK: Final = "SELECT pg_try_advisory_lock(hashtextextended($1, 0))"

_READ: Final = f"""
SELECT id, topic, key, value, headers::text, (SELECT max(id) FROM {OUTBOX})
FROM (
    SELECT *, sum(octet_length(value)) OVER (ORDER BY id) AS bytes_so_far
    FROM {OUTBOX} AS waiting WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3
) AS batch
WHERE bytes_so_far <= $4 OR bytes_so_far = octet_length(value) ORDER BY id
"""

_READ_OTHERS: Final = _READ.replace(
    "id <= $2",
    """id <= $2
    AND NOT EXISTS (SELECT FROM unnest($5::text[], $6::bytea[]) AS blocked (topic, key)
                    WHERE blocked.topic = waiting.topic AND blocked.key IS NOT DISTINCT FROM waiting.key)
""",
)

_DELETE: Final = f"DELETE FROM {OUTBOX} WHERE id = ANY ($1::bigint[])"


class SqlOutbox(OutboxStore):
    """The relay's side of the table that `accord.bus.adapters.sql_tables.outbox_table` declares.

    Keeps one connection to the database to itself: the advisory lock, LISTEN and all statements are on it, so
    that whoever loses the connection has lost the lock and cannot delete anything any more.
    """

    def __init__(self, database: Database, statement_timeout_s: float = STATEMENT_TIMEOUT_S) -> None:
        self._database = database
        self._timeout_s = statement_timeout_s
        self._connection: asyncpg.Connection | None = None
        self._wake: Callable[[], None] | None = None

    async def acquire(self, wake: Callable[[], None]) -> bool:
        await self.release()
        leading = False
        try:
            with unavailable_when_away():
                async with asyncio.timeout(self._timeout_s):
                    leading = await self._lead(wake)
        finally:
            if not leading:
                await self.release()
        return leading

    async def _lead(self, wake: Callable[[], None]) -> bool:
        connection = self._connection = await self._database.connect()
        if not await connection.fetchval(_LOCK, f"accord relay of {OUTBOX}"):
            return False
        # No wait for the disk: a deletion that a crash undoes means a record that is sent twice.
        await connection.execute("SET synchronous_commit = off")
        await connection.add_listener(OUTBOX, lambda *_: wake())
        connection.add_termination_listener(lambda *_: wake())
        self._database.announcements.listen(OUTBOX, wake)
        self._wake = wake
        return True

    async def release(self) -> None:
        if self._wake is not None:
            self._database.announcements.unlisten(OUTBOX, self._wake)
        connection, self._connection, self._wake = self._connection, None, None
        if connection is not None:
            # Only its end frees lock and LISTEN for certain.
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await connection.close(timeout=_CLOSE_TIMEOUT_S)

    async def batches(
        self, limit: int, without: Collection[RecordKey] = ()
    ) -> AsyncGenerator[Sequence[OutboxRow], None]:
        after, last = 0, _LAST_ID
        while after < last:
            bounds = after, last, limit, MAX_BATCH_BYTES
            if without:
                topics, keys = zip(*without, strict=True)
                found = await self._fetch(_READ_OTHERS, *bounds, topics, keys)
            else:
                found = await self._fetch(_READ, *bounds)
            if not found:
                return
            # Ids that are given from now on are higher than the last one here: what is passed over because it
            # becomes visible only after this, and all that follows it under its key, is for the next reading.
            after, last = found[-1][0], min(last, found[0][-1])
            yield [
                OutboxRow(
                    number,
                    OutgoingRecord(
                        topic,
                        key,
                        value,
                        tuple([(name, text.encode()) for name, text in orjson.loads(headers)]),
                    ),
                )
                for number, topic, key, value, headers, _ in found
            ]

    async def delete(self, ids: Collection[int]) -> None:
        await self._fetch(_DELETE, ids)

    async def _fetch(self, statement: str, *arguments: Any) -> list[asyncpg.Record]:
        if self._connection is None:
            raise Unavailable("this relay has no connection to the database")
        try:
            with unavailable_when_away():
                found: list[asyncpg.Record] = await self._connection.fetch(
                    statement, *arguments, timeout=self._timeout_s
                )
        except BaseException:
            # Nobody knows what the connection is good for.
            await self.release()
            raise
        return found
