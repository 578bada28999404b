"""The in-memory twin of the outbox, for tests and trials in one process."""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress

from accord.bus.errors import Unavailable
from accord.bus.messages import OutgoingRecord
from accord.bus.transport import OutboxRow, OutboxStore, RecordKey

__all__ = ["MemoryOutbox", "MemoryOutboxRows"]


class MemoryOutboxRows:
    """What the relays over one outbox share; a transaction is one call of `append`."""

    def __init__(self) -> None:
        self.away = False
        self.rows: dict[int, OutgoingRecord] = {}
        self.leader: MemoryOutbox | None = None
        self.arrival = asyncio.Event()
        self._next_id = 1

    def append(self, *records: OutgoingRecord) -> None:
        """Commit records, and notify the relay."""
        for record in records:
            self.rows[self._next_id] = record
            self._next_id += 1
        self.arrival.set()


class MemoryOutbox(OutboxStore):
    """One relay's view of `MemoryOutboxRows`."""

    def __init__(self, rows: MemoryOutboxRows) -> None:
        self._shared = rows

    async def acquire(self) -> bool:
        self._answer(leading=False)
        if self._shared.leader not in (None, self):
            return False
        self._shared.leader = self
        return True

    async def release(self) -> None:
        if self._shared.leader is self:
            self._shared.leader = None

    async def read(self, limit: int, without: Collection[RecordKey] = ()) -> Sequence[OutboxRow]:
        self._answer()
        self._shared.arrival.clear()
        rows = sorted(self._shared.rows.items())
        return [OutboxRow(n, record) for n, record in rows if (record.topic, record.key) not in without][
            :limit
        ]

    async def delete(self, ids: Collection[int]) -> None:
        self._answer()
        for number in ids:
            del self._shared.rows[number]

    async def wait(self, timeout_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._shared.arrival.wait()

    def _answer(self, *, leading: bool = True) -> None:
        if self._shared.away:
            raise Unavailable("the database is away")
        if leading and self._shared.leader is not self:
            raise Unavailable("this relay has lost the lead")
