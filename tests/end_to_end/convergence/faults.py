"""A bus that fails on purpose: what stands between the real relay, the real consumer and their servers."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from enum import Enum

from accord.bus.adapters.memory import MemoryBroker
from accord.bus.errors import OutcomeUnknown, Unavailable
from accord.bus.messages import OutgoingRecord, Record
from accord.bus.transport import (
    Blocked,
    Fetched,
    Offsets,
    OutboxRow,
    OutboxStore,
    Outcome,
    Partition,
    RecordKey,
    RecordProducer,
    RecordSource,
)

__all__ = ["Crash", "Death", "Fate", "HostileOutbox", "HostileProducer", "HostileSource", "Sending"]


class Death(Enum):
    """What becomes of the next commit in a database."""

    NONE = "lives"
    BEFORE = "dies before the commit"
    AFTER = "dies after the commit, before anybody is told"
    REFUSED = "refuses it, as if something in it were wrong: a batch is then tried in halves"


class Fate:
    """Meets the first commit of a use case with a `Death`; those that follow, of a retry, succeed.

    Where there are as many as ``last``, that one never ends.
    """

    def __init__(self, death: Death, last: int | None = None) -> None:
        self.reached = asyncio.Event()
        """The last commit has begun."""
        self._death = death
        self._last = last
        self._commits = 0

    async def meet(self, commit: Callable[[], Awaitable[None]]) -> None:
        self._commits += 1
        if self._commits == self._last:
            self.reached.set()
            await asyncio.Event().wait()
        death, self._death = self._death, Death.NONE
        if death is Death.BEFORE:
            raise Unavailable("the database went away before the commit")
        if death is Death.REFUSED:
            raise RuntimeError("refused")
        await commit()
        if death is Death.AFTER:
            raise OutcomeUnknown("the database went away after the commit")


class Sending(Enum):
    """What becomes of one pass of a relay."""

    WELL = "all goes well"
    TWICE = "dies before it removes what the broker has, so that the next relay sends it again"
    PARTLY = "the broker goes away after the first record"
    UNANSWERED = "the broker goes away before it acknowledges the first record, which it keeps"


class HostileOutbox(OutboxStore):
    """Keeps the lead of one real outbox over many short-lived relays, and can lose their deletions."""

    def __init__(self, store: OutboxStore, sending: Sending) -> None:
        self.leading = asyncio.Event()
        self._store = store
        self._sending = sending

    async def acquire(self, wake: Callable[[], None]) -> bool:
        self.leading.set()
        # Whoever waits for this stops the relay now, which makes its first pass its last one.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return True

    async def release(self) -> None:
        """The next relay gets the same connection."""

    def batches(
        self, limit: int, without: Collection[RecordKey] = ()
    ) -> AsyncGenerator[Sequence[OutboxRow], None]:
        return self._store.batches(limit, without)

    async def delete(self, ids: Collection[int]) -> None:
        if self._sending is Sending.TWICE:
            raise Unavailable("the relay dies")
        await self._store.delete(ids)


class HostileProducer(RecordProducer):
    """Sends to an in-memory broker that goes away in the middle."""

    def __init__(self, broker: MemoryBroker, sending: Sending) -> None:
        self._broker = broker
        self._sending = sending
        self._away = False

    async def start(self) -> None:
        """There is nothing to connect to."""

    async def stop(self) -> None:
        """There is nothing to disconnect from."""

    async def send(
        self, records: Sequence[OutgoingRecord], blocked: Blocked | None = None
    ) -> Sequence[Outcome]:
        if self._sending in (Sending.WELL, Sending.TWICE):
            return [self._broker.append(record) for record in records]
        away = Unavailable("the broker went away")
        outcomes: list[Outcome] = [away for _ in records]
        if not self._away:
            self._away = True
            first = self._broker.append(records[0])
            if self._sending is Sending.PARTLY:
                outcomes[0] = first
        for record, outcome in zip(records, outcomes, strict=True):
            if blocked is not None and outcome is away:
                blocked.setdefault((record.topic, record.key), away)
        return outcomes

    async def check(self) -> None:
        self._broker.answer()


class Crash(Enum):
    """Whether a consumer lives to commit what it did."""

    NONE = "commits its offsets"
    BEFORE_COMMIT = "dies between the effects and the commit of their offsets"
    HALF_WAY = "dies with a part of a batch applied, or of what was fetched"


class HostileSource(RecordSource):
    """Hands out one prepared fetch, and then nothing more."""

    def __init__(self, committed: dict[Partition, int], records: Sequence[Record], crash: Crash) -> None:
        self.settled = asyncio.Event()
        """The fetch was handled, whatever became of its offsets."""
        self._committed = committed
        self._records = records
        self._ends = {(record.topic, record.partition): record.offset + 1 for record in records}
        self._waiting = set(self._ends)
        self._crash = crash
        self._epoch = 0

    @property
    def epoch(self) -> int:
        return self._epoch

    @property
    def assigned(self) -> frozenset[Partition]:
        return frozenset(self._committed)

    async def open(self, on_revoked: Callable[[], Awaitable[None]]) -> None:
        """There is no group to join."""

    async def fetch(self) -> Fetched:
        records, self._records = self._records, ()
        if not records:
            await asyncio.Event().wait()
        return Fetched(self._epoch, records)

    async def commit(self, offsets: Offsets) -> None:
        if self._crash is not Crash.NONE:
            raise Unavailable("the consumer dies")
        self._committed.update(offsets)
        self._waiting -= {each for each, offset in offsets.items() if offset == self._ends[each]}
        if not self._waiting:
            self.settled.set()

    async def close(self) -> None:
        self._epoch += 1
        self.settled.set()
