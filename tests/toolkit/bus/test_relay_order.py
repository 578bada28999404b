"""Order per key, whatever fails and however late transactions commit, over both outboxes."""

import asyncio
import itertools
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from enum import Enum

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.bus.adapters.memory_outbox import MemoryOutbox, MemoryOutboxRows
from accord.bus.errors import Refused, Unavailable
from accord.bus.messages import OutgoingRecord
from accord.bus.relay import OutboxRelay
from accord.bus.retry import Backoff
from accord.bus.transport import Acknowledged, Blocked, OutboxStore, Outcome, RecordProducer
from tests.toolkit.bus.harness import eventually
from tests.toolkit.bus.outboxes import SqlBox

KEYS = "abc"
AT_ONCE = Backoff(0.001, 0.001)


class Fate(Enum):
    """What becomes of a record that is handed to the broker."""

    KEPT = "acknowledged"
    REFUSED = "refused at once"
    LOST = "the broker goes away without it"
    UNANSWERED = "the broker keeps it and goes away"


class Writers(ABC):
    """Transactions that overlap: each takes the lock of a key, then an id, and commits when told."""

    def __init__(self) -> None:
        self.order: dict[str, list[bytes]] = {key: [] for key in KEYS}
        """What was committed of each key, in the order of commits."""
        self._open: dict[int, list[tuple[str, bytes]]] = {}
        self._numbers = itertools.count()
        # The script is gone through by the test and by the broker at the same time; a step is done at once.
        self._step = asyncio.Lock()

    async def write(self, transaction: int, key: str) -> None:
        """Add a row, unless the lock of the key is another transaction's."""
        async with self._step:
            held = {name: number for number, rows in self._open.items() for name, _ in rows}
            if held.get(key, transaction) == transaction:
                value = b"%d" % next(self._numbers)
                await self._insert(transaction, key, value)
                self._open.setdefault(transaction, []).append((key, value))

    async def commit(self, transaction: int) -> None:
        async with self._step:
            for key, value in self._open.pop(transaction, ()):
                self.order[key].append(value)
            await self._commit(transaction)

    @abstractmethod
    def store(self) -> OutboxStore: ...

    @abstractmethod
    async def left(self) -> int: ...

    @abstractmethod
    async def _insert(self, transaction: int, key: str, value: bytes) -> None: ...

    @abstractmethod
    async def _commit(self, transaction: int) -> None: ...


class MemoryWriters(Writers):
    def __init__(self) -> None:
        super().__init__()
        self._rows = MemoryOutboxRows()
        self._ids = itertools.count(1)
        self._pending: dict[int, dict[int, OutgoingRecord]] = {}

    def store(self) -> OutboxStore:
        return MemoryOutbox(self._rows)

    async def left(self) -> int:
        return len(self._rows.rows)

    async def _insert(self, transaction: int, key: str, value: bytes) -> None:
        record = OutgoingRecord("things", key.encode(), value)
        self._pending.setdefault(transaction, {})[next(self._ids)] = record

    async def _commit(self, transaction: int) -> None:
        self._rows.rows |= self._pending.pop(transaction, {})
        self._rows.append()  # announces it


class SqlWriters(Writers):
    def __init__(self, box: SqlBox, connections: Sequence[asyncpg.Connection]) -> None:
        super().__init__()
        self._box = box
        self._connections = connections
        self._begun: dict[int, asyncpg.transaction.Transaction] = {}

    def store(self) -> OutboxStore:
        return self._box.store()

    async def left(self) -> int:
        return await self._box.size()

    async def _insert(self, transaction: int, key: str, value: bytes) -> None:
        connection = self._connections[transaction]
        if transaction not in self._begun:
            self._begun[transaction] = connection.transaction()
            await self._begun[transaction].start()
        await connection.execute(
            "INSERT INTO outbox (topic, key, value, headers) VALUES ('things', $1, $2, '[]')",
            key.encode(),
            value,
        )
        await connection.execute("NOTIFY outbox")

    async def _commit(self, transaction: int) -> None:
        if transaction in self._begun:
            await self._begun.pop(transaction).commit()


Script = Iterator[Callable[[], Awaitable[None]]]


class FickleBroker(RecordProducer):
    """Meets each record with the next fate, while the script goes on; the records per key are in ``logs``."""

    def __init__(self, fates: Sequence[Fate], script: Script) -> None:
        self.logs: dict[str, list[bytes]] = {key: [] for key in KEYS}
        self._fates = iter(fates)
        self._script = script
        self._turn = asyncio.Lock()

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def check(self) -> None: ...

    async def send(
        self, records: Sequence[OutgoingRecord], blocked: Blocked | None = None
    ) -> Sequence[Outcome]:
        assert blocked is not None
        async with self._turn:
            outcomes = [await self._meet(record, blocked) for record in records]
        await self._go_on()
        return outcomes

    async def _meet(self, record: OutgoingRecord, blocked: Blocked) -> Outcome:
        await self._go_on()
        key = (record.topic, record.key)
        if key in blocked:
            return Unavailable("behind a failed record")
        fate = next(self._fates, Fate.KEPT)
        log = self.logs[(record.key or b"").decode()]
        if fate in (Fate.KEPT, Fate.UNANSWERED):
            log.append(record.value or b"")
        if fate is Fate.KEPT:
            return Acknowledged(0, len(log))
        failure = Refused("no") if fate is Fate.REFUSED else Unavailable("away")
        blocked[key] = failure
        return failure

    async def _go_on(self) -> None:
        if (step := next(self._script, None)) is not None:
            await step()
        await asyncio.sleep(0)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 2), st.sampled_from(KEYS)),
        st.tuples(st.just("commit"), st.integers(0, 2), st.just("")),
    ),
    max_size=40,
)
FATES = st.lists(st.sampled_from([Fate.KEPT, Fate.KEPT, *Fate]), max_size=20)


async def _order_holds(
    writers: Writers, steps: Sequence[tuple[str, int, str]], early: int, fates: Sequence[Fate], size: int
) -> None:
    def step(what: str, transaction: int, key: str) -> Callable[[], Awaitable[None]]:
        if what == "write":
            return lambda: writers.write(transaction, key)
        return lambda: writers.commit(transaction)

    script = iter([step(*each) for each in steps])
    for each in itertools.islice(script, early):
        await each()
    broker = FickleBroker(fates, script)
    relay = OutboxRelay(writers.store(), broker, batch_size=size, poll_interval_s=0.002, outage=AT_ONCE)
    await relay.start()
    try:
        for each in script:
            await each()
            await asyncio.sleep(0)
        for transaction in range(3):
            await writers.commit(transaction)

        async def all_sent() -> bool:
            return await writers.left() == 0

        await eventually(all_sent, within=10)
    finally:
        await relay.stop()
    for key, log in broker.logs.items():
        # Twice only directly behind itself: sent again before anything that follows it.
        assert [value for value, _ in itertools.groupby(log)] == writers.order[key]


@settings(max_examples=150, deadline=None)
@given(STEPS, st.integers(0, 40), FATES, st.integers(1, 4))
def test_each_key_keeps_its_order_over_the_twin(
    steps: Sequence[tuple[str, int, str]], early: int, fates: Sequence[Fate], size: int
) -> None:
    asyncio.run(_order_holds(MemoryWriters(), steps, early, fates, size))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, st.integers(0, 40), FATES, st.integers(1, 4))
def test_each_key_keeps_its_order_over_postgresql(
    database: str, steps: Sequence[tuple[str, int, str]], early: int, fates: Sequence[Fate], size: int
) -> None:
    async def run() -> None:
        async with _sql_writers(database) as writers:
            await _order_holds(writers, steps, early, fates, size)

    asyncio.run(run())


@asynccontextmanager
async def _sql_writers(url: str) -> AsyncIterator[SqlWriters]:
    box = SqlBox(url)
    await box.create()
    connections = [await asyncpg.connect(url.replace("+asyncpg", "")) for _ in range(3)]
    try:
        yield SqlWriters(box, connections)
    finally:
        for connection in connections:
            await connection.close()
        await box.close()


async def test_what_became_visible_behind_the_reading_holds_back_what_follows_it(database: str) -> None:
    """The row of "a" with the lowest id commits late and is passed over; its successor is not found first."""
    async with _sql_writers(database) as writers:
        await writers.write(0, "a")
        for _ in range(4):
            await writers.write(1, "b")
        await writers.commit(1)
        store = writers.store()
        assert await store.acquire(lambda: None)
        found = []
        async for rows in store.batches(2):
            found.append([row.record.key for row in rows])
            if len(found) == 1:
                await writers.commit(0)
                await writers.write(2, "a")
                await writers.commit(2)
        assert found == [[b"b", b"b"], [b"b", b"b"]]
        again = [row.record for rows in [rows async for rows in store.batches(9)] for row in rows]
        assert [record.value for record in again if record.key == b"a"] == writers.order["a"]
        await store.release()


async def test_rows_that_are_large_are_read_a_few_at_a_time(database: str) -> None:
    async with _sql_writers(database) as writers:
        connection: asyncpg.Connection = writers._connections[0]
        for size in (1_500_000, 1_500_000, 1_500_000, 9_000_000, 1, 1):
            await connection.execute(
                "INSERT INTO outbox (topic, value, headers) VALUES ('things', $1, '[]')", bytes(size)
            )
        store = writers.store()
        assert await store.acquire(lambda: None)
        assert [len(rows) async for rows in store.batches(500)] == [2, 1, 1, 2]
        await store.release()
