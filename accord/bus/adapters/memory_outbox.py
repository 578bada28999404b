"""The in-memory twin of the outbox, for tests and trials in one process."""

from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from itertools import islice

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
        self._next_id = 1

    def append(self, *records: OutgoingRecord) -> None:
        """Commit records, and notify the relay."""
        for record in records:
            self.rows[self._next_id] = record
            self._next_id += 1
        if self.leader is not None:
            self.leader.wake()


class MemoryOutbox(OutboxStore):
    """One relay's view of `MemoryOutboxRows`."""

    def __init__(self, rows: MemoryOutboxRows) -> None:
        self._shared = rows
        self.wake: Callable[[], None] = lambda: None

    async def acquire(self, wake: Callable[[], None]) -> bool:
        self._answer(leading=False)
        if self._shared.leader not in (None, self):
            return False
        self._shared.leader = self
        self.wake = wake
        return True

    async def release(self) -> None:
        if self._shared.leader is self:
            self._shared.leader = None

    async def batches(
        self, limit: int, without: Collection[RecordKey] = ()
    ) -> AsyncGenerator[Sequence[OutboxRow], None]:
        self._answer()
        waiting = (OutboxRow(*row) for row in sorted(self._shared.rows.items()))
        others = (row for row in waiting if (row.record.topic, row.record.key) not in without)
        while batch := list(islice(others, limit)):
            yield batch
            self._answer()

    async def delete(self, ids: Collection[int]) -> None:
        self._answer()
        for number in ids:
            del self._shared.rows[number]

    def _answer(self, *, leading: bool = True) -> None:
        if self._shared.away:
            raise Unavailable("the database is away")
        if leading and self._shared.leader is not self:
            raise Unavailable("this relay has lost the lead")
