"""In-memory twins of broker, publisher and consumer, for tests and trials in one process."""

import asyncio
import time
import zlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from accord.bus.consumer import EventConsumer
from accord.bus.contract import EventContract, Topic
from accord.bus.dead_letters import DeadLetters
from accord.bus.errors import Refused, Unavailable
from accord.bus.messages import OutgoingRecord, Record
from accord.bus.publisher import DirectPublisher
from accord.bus.retry import RetryPolicy
from accord.bus.transport import (
    Acknowledged,
    Blocked,
    Fetched,
    Offsets,
    Outcome,
    Partition,
    RecordProducer,
    RecordSource,
)

__all__ = [
    "MemoryBroker",
    "MemoryConsumer",
    "MemoryPublisher",
    "MemoryRecordProducer",
    "MemoryRecordSource",
]

PARTITIONS = 4
FETCH_WAIT_S = 0.5
MAX_FETCH = 500


class MemoryBroker:
    """Topics with partitions, and groups with members and offsets; set ``away`` and it answers nobody."""

    def __init__(self, partitions: int = PARTITIONS, max_record_bytes: int = 1_000_000) -> None:
        self.away = False
        self._partitions = partitions
        self._max_record_bytes = max_record_bytes
        self._logs: defaultdict[str, list[list[Record]]] = defaultdict(
            lambda: [[] for _ in range(partitions)]
        )
        self._committed: defaultdict[str, dict[Partition, int]] = defaultdict(dict)
        self._members: defaultdict[str, list[MemoryRecordSource]] = defaultdict(list)
        self._arrival = asyncio.Event()
        self._rebalancing = asyncio.Lock()

    def append(self, record: OutgoingRecord) -> Acknowledged:
        """Keep a record in the partition of its key; raises `Unavailable` and `Refused`."""
        self.answer()
        size = len(record.key or b"") + len(record.value or b"")
        if size > self._max_record_bytes:
            raise Refused(f"the broker refuses the record: {size} bytes")
        number = zlib.crc32(record.key or b"") % self._partitions
        log = self._logs[record.topic][number]
        now_ms = time.time_ns() // 1_000_000
        log.append(Record(record.topic, number, len(log), record.key, record.value, record.headers, now_ms))
        self._arrival.set()
        self._arrival = asyncio.Event()
        return Acknowledged(number, len(log) - 1)

    def records(self, topic: str) -> list[Record]:
        """Everything in a topic, partition by partition."""
        return [record for log in self._logs[topic] for record in log]

    @property
    def topics(self) -> frozenset[str]:
        """The topics that were written to or read."""
        return frozenset(self._logs)

    def committed(self, group: str) -> Offsets:
        """Where the group goes on."""
        return dict(self._committed[group])

    def answer(self) -> None:
        """Raise `Unavailable` while ``away``."""
        if self.away:
            raise Unavailable("the broker is away")

    def read(self, positions: Offsets, most: int) -> list[Record]:
        """Return at most ``most`` records from ``positions`` on."""
        found: list[Record] = []
        for (topic, number), offset in positions.items():
            found += self._logs[topic][number][offset : offset + most - len(found)]
        return found

    def commit(self, group: str, offsets: Offsets) -> None:
        """Note where the group goes on; raises `Unavailable`."""
        self.answer()
        self._committed[group] |= offsets

    async def arrival(self, timeout_s: float) -> None:
        """Wait for a record, whatever its topic."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._arrival.wait()

    async def join(self, group: str, member: "MemoryRecordSource") -> None:
        """Share the partitions among the members anew."""
        await self._rebalance(group, [*self._members[group], member])

    async def share(self, group: str) -> None:
        """The same once more, since a topic has come."""
        await self._rebalance(group, [*self._members[group]])

    async def leave(self, group: str, member: "MemoryRecordSource") -> None:
        """Give the partitions of ``member`` to the others; it commits nothing any more."""
        await self._rebalance(group, [each for each in self._members[group] if each is not member])

    async def _rebalance(self, group: str, members: "list[MemoryRecordSource]") -> None:
        async with self._rebalancing:
            former, self._members[group] = self._members[group], members
            for member in former:
                if member in members:
                    await member.revoke()
            wanted = sorted({topic for member in members for topic in member.topics})
            shares: list[dict[Partition, int]] = [{} for _ in members]
            for index, partition in enumerate((t, n) for t in wanted for n in range(self._partitions)):
                shares[index % len(members)][partition] = self._committed[group].get(partition, 0)
            for member, share in zip(members, shares, strict=True):
                member.assign(share)


class MemoryRecordProducer(RecordProducer):
    """Sends to a `MemoryBroker`."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """There is nothing to connect to."""

    async def stop(self) -> None:
        """There is nothing to disconnect from."""

    async def send(
        self, records: Sequence[OutgoingRecord], blocked: Blocked | None = None
    ) -> Sequence[Outcome]:
        blocked = {} if blocked is None else blocked
        async with self._turn:
            return [await self._send(record, blocked) for record in records]

    async def _send(self, record: OutgoingRecord, blocked: Blocked) -> Outcome:
        await asyncio.sleep(0)
        key = (record.topic, record.key)
        if key in blocked:
            return Unavailable("waits behind a record of the same key that failed")
        try:
            return self._broker.append(record)
        except (Refused, Unavailable) as error:
            blocked[key] = error
            return error

    async def check(self) -> None:
        self._broker.answer()


class MemoryRecordSource(RecordSource):
    """A member of a group at a `MemoryBroker`."""

    def __init__(self, broker: MemoryBroker, group: str, topics: Iterable[Topic]) -> None:
        self._wanted = tuple(topics)
        self._broker = broker
        self._group = group
        self._epoch = 0
        self._positions: dict[Partition, int] = {}
        self._on_revoked: Callable[[], Awaitable[None]] | None = None

    @property
    def epoch(self) -> int:
        return self._epoch

    @property
    def assigned(self) -> frozenset[Partition]:
        return frozenset(self._positions)

    @property
    def topics(self) -> frozenset[str]:
        """What it reads, of topics with parameters those that are there."""
        named = {topic.name for topic in self._wanted if not topic.parameters}
        return frozenset(named).union(
            name for name in self._broker.topics if any(topic.matches(name) for topic in self._wanted)
        )

    async def open(self, on_revoked: Callable[[], Awaitable[None]]) -> None:
        self._broker.answer()
        self._on_revoked = on_revoked
        await self._broker.join(self._group, self)

    async def fetch(self) -> Fetched:
        if not self._broker.away and self.topics - {topic for topic, _ in self._positions}:
            await self._broker.share(self._group)
        if self._broker.away or not (found := self._broker.read(self._positions, MAX_FETCH)):
            await self._broker.arrival(FETCH_WAIT_S)
            if self._broker.away:
                return Fetched(self._epoch, trouble="the broker is away")
            found = self._broker.read(self._positions, MAX_FETCH)
        for record in found:
            self._positions[record.topic, record.partition] = record.offset + 1
        return Fetched(self._epoch, found)

    async def commit(self, offsets: Offsets) -> None:
        if not offsets.keys() <= self._positions.keys():
            raise Unavailable("offsets not committed: the partitions are another member's")
        self._broker.commit(self._group, offsets)

    async def close(self) -> None:
        if self._on_revoked is not None:
            self._on_revoked = None
            self._epoch += 1
            self._positions = {}
            await self._broker.leave(self._group, self)

    async def revoke(self) -> None:
        """The broker is about to share the partitions anew."""
        self._epoch += 1
        if self._on_revoked is not None:
            await self._on_revoked()

    def assign(self, positions: Mapping[Partition, int]) -> None:
        """The broker gives the member its share, and where to begin."""
        self._positions = dict(positions)


class MemoryPublisher(DirectPublisher):
    """Publishes straight to a `MemoryBroker`."""

    def __init__(self, broker: MemoryBroker, contracts: Mapping[str, EventContract[Any]]) -> None:
        super().__init__(MemoryRecordProducer(broker), contracts)


class MemoryConsumer(EventConsumer):
    """Reads ``topics`` of a `MemoryBroker`; dead letters go to ``<group>.dead-letters`` by default."""

    def __init__(
        self,
        broker: MemoryBroker,
        group: str,
        topics: Sequence[Topic],
        *,
        dead_letter_topic: str | None = None,
        policy: RetryPolicy | None = None,
    ) -> None:
        letters = dead_letter_topic or f"{group}.dead-letters"
        super().__init__(
            MemoryRecordSource(broker, group, topics),
            DeadLetters(MemoryRecordProducer(broker), letters, group),
            policy,
        )
