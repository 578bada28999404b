"""One service of the pair, whole but for HTTP and Kafka: its domain, its SQL, its outbox and its handlers."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import asyncpg
import orjson
from sqlalchemy import MetaData, Table

from accord.bus.adapters.memory import MemoryBroker, MemoryRecordProducer
from accord.bus.adapters.sql_database import Database
from accord.bus.adapters.sql_ids import ReservedIds
from accord.bus.adapters.sql_outbox import SqlOutbox
from accord.bus.consumer import STOP_TIMEOUT_S, EventConsumer
from accord.bus.contract import Topic
from accord.bus.dead_letters import DeadLetters
from accord.bus.messages import Record
from accord.bus.ports import IEventConsumer
from accord.bus.relay import OutboxRelay
from accord.bus.retry import Backoff, RetryPolicy
from accord.bus.transport import Partition
from tests.end_to_end.convergence.faults import (
    Crash,
    Death,
    Fate,
    HostileOutbox,
    HostileProducer,
    HostileSource,
    Sending,
)

__all__ = ["DEAD_LETTERS", "PARTITIONS", "Dump", "Side"]

PARTITIONS = 2
"""Per stream: enough for keys that share one and keys that do not."""

DEAD_LETTERS = "dead-letters"
BATCH_SIZE = 3
IMPATIENT = RetryPolicy(retries=1, backoff=Backoff(0, 0), outage=Backoff(0, 0))

Service = TypeVar("Service", covariant=True)
Row = Mapping[str, Any]
Dump = Mapping[str, Sequence[Row]]
"""All rows of a database as JSON, by table; ``xmin``, the transaction that wrote it, tells when a row was."""


class Handlers(Protocol):
    def register(self, consumer: IEventConsumer) -> None: ...


@dataclass
class Side(Generic[Service]):
    """What outlives an example, and where the consumer of the present one is."""

    name: str
    service: Callable[[Fate], Service]
    """Opens the domain service over the outbox publisher, as requests use it."""
    handlers: Callable[[Fate], Handlers]
    sends: Sequence[Topic]
    receives: Sequence[Topic]
    metadata: MetaData
    owned: Table
    """What this service owns, cached by the other one."""
    cache: Table
    links: Table
    database: Database
    outbox: SqlOutbox
    observer: asyncpg.Connection
    broker: MemoryBroker = field(default_factory=MemoryBroker)
    committed: dict[Partition, int] = field(default_factory=dict)
    oldest: dict[Partition, int] = field(default_factory=dict)
    """Tombstones may have been purged since: what is older is only read again if all of it is."""
    delivered: int = 0
    """Records handed to the consumer, repetitions included."""

    async def begin(self) -> None:
        """Forget everything; ids start at 1 again."""
        # A hundred times faster than TRUNCATE, which makes new files for each table and each index.
        key = next(iter(self.owned.primary_key)).name
        await self.observer.execute(
            "".join(f"DELETE FROM {table.name};" for table in reversed(self.metadata.sorted_tables))
            + f"SELECT setval(pg_get_serial_sequence('{self.owned.name}', '{key}'), 1, false)"
        )
        self.database.ids = ReservedIds()
        self.delivered = 0

    def read_from(self, broker: MemoryBroker) -> None:
        """Go over to streams that hold nothing yet."""
        self.broker = broker
        self.oldest = {(topic.name, n): 0 for topic in self.receives for n in range(PARTITIONS)}
        self.from_the_beginning()

    def open(self, death: Death = Death.NONE) -> Service:
        return self.service(Fate(death))

    async def relay(self, sending: Sending = Sending.WELL) -> None:
        """Let a relay make one pass over the outbox."""
        store = HostileOutbox(self.outbox, sending)
        relay = OutboxRelay(
            store, HostileProducer(self.broker, sending), batch_size=BATCH_SIZE, outage=Backoff(0, 0)
        )
        await relay.start()
        await store.leading.wait()
        await relay.stop()

    async def has_rows_to_send(self) -> bool:
        return bool(await self.observer.fetchval("SELECT EXISTS (SELECT FROM outbox)"))

    def waiting(self, partition: Partition) -> list[Record]:
        """What the consumer has not committed yet."""
        return self.broker.read({partition: self.committed[partition]}, most=1_000_000)

    def rewind(self, partition: Partition, back: int) -> None:
        """Restart the consumer from an older offset."""
        self.committed[partition] = max(self.oldest[partition], self.committed[partition] - back)

    def from_the_beginning(self) -> None:
        """Restart the consumer from offset 0; what was purged is on its way again."""
        self.oldest = dict.fromkeys(self.oldest, 0)
        self.committed = dict(self.oldest)

    def purged(self) -> None:
        """Nothing that has been read until now is read again, unless all of it is."""
        self.oldest = dict(self.committed)

    async def deliver(
        self, records: Sequence[Record], death: Death = Death.NONE, crash: Crash = Crash.NONE
    ) -> None:
        """Let a consumer live for one fetch of ``records``, partition by partition."""
        if not records:
            return
        self.delivered += len(records)
        source = HostileSource(self.committed, records, crash)
        letters = DeadLetters(MemoryRecordProducer(self.broker), DEAD_LETTERS, self.name)
        half_way = crash is Crash.HALF_WAY
        fate = Fate(Death.REFUSED, last=3) if half_way else Fate(death)
        consumer = EventConsumer(
            source, letters, IMPATIENT, stop_timeout_s=0.0 if half_way else STOP_TIMEOUT_S
        )
        self.handlers(fate).register(consumer)
        await consumer.start()
        ends = [asyncio.create_task(each.wait()) for each in (source.settled, fate.reached)]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        await consumer.stop()
        for end in ends:
            end.cancel()

    async def catch_up(self, partitions: Iterable[Partition] | None = None) -> None:
        """Deliver all that waits; the order of ``partitions`` is the order of delivery."""
        await self.deliver(
            [record for each in partitions or sorted(self.committed) for record in self.waiting(each)]
        )

    async def dump(self) -> Dump:
        """Read all tables in one go."""
        parts = [
            f"SELECT '{name}', jsonb_agg(to_jsonb(t) || jsonb_build_object('xmin', t.xmin) ORDER BY t)::text"
            f" FROM {name} AS t"
            for name in self.metadata.tables
        ]
        rows = await self.observer.fetch(" UNION ALL ".join(parts))
        return {name: orjson.loads(found or "[]") for name, found in rows}

    async def miss_the_last_event_of_each(self) -> None:
        """Have the cache as if nobody had told the latest about anything, deletions included."""
        await self.observer.execute(
            f"UPDATE {self.cache.name} SET version = version - 1, deleted_at = NULL;"
            f" DELETE FROM {self.links.name} WHERE origin <> '{self.name}'"
        )

    async def forget_the_other(self) -> None:
        """Lose what this service was told, and keep what it decided itself."""
        await self.observer.execute(
            f"DELETE FROM {self.cache.name}; DELETE FROM {self.links.name} WHERE origin <> '{self.name}'"
        )
