"""Batch handlers: runs of several types, and halves when one event spoils the rest."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from structlog.testing import LogCapture

from accord.boundary import ContractViolation, Violation
from accord.bus.adapters.memory import MemoryBroker, MemoryConsumer
from accord.bus.contract import Topic
from accord.bus.dead_letters import PREFIX
from accord.bus.errors import Poison, Unavailable
from accord.bus.handlers import one_by_one, register_stream
from accord.bus.health import State
from accord.bus.messages import OutgoingRecord, ReceivedEvent
from accord.bus.retry import Backoff, RetryPolicy
from accord.bus.transport import Offsets, Partition
from tests.toolkit.bus.harness import Harness, Witness, eventually
from tests.toolkit.bus.things import ThingEvent, contracts, numbers, thing

AT_ONCE = RetryPolicy(retries=1, backoff=Backoff(0, 0), outage=Backoff(0.001, 0.001))
TYPES = ("thing.made", "thing.changed")
CLOCKS = (PREFIX + "time", PREFIX + "timestamp")


async def test_a_batch_is_a_run_of_its_types_whichever_each_event_is_of(bus: Harness) -> None:
    together, alone = Witness(), Witness()
    consumer = bus.consumer()
    consumer.register_batch_handler(TYPES, together.many)
    consumer.register_handler("thing.sold", alone.one)
    types = ["thing.made", "thing.changed", "thing.made", *["thing.sold"] * 2, "thing.changed", "thing.made"]
    await bus.put(*(thing(bus.topic.name, n, event_type=name) for n, name in enumerate(types)))
    await consumer.start()
    assert numbers(await together.saw(5)) == [0, 1, 2, 5, 6]
    assert together.batches == [3, 2]
    assert numbers(alone.events) == [3, 4]


async def test_a_batch_may_hold_several_partitions_and_no_more_events_than_it_is_to(bus: Harness) -> None:
    witness = Witness()
    consumer = bus.consumer()
    consumer._max_batch = 10
    consumer.register_batch_handler("thing.made", witness.many)
    await bus.put(*(thing(bus.topic.name, n, key="abcdefgh"[n % 8]) for n in range(40)))
    await consumer.start()
    await witness.saw(40)
    assert max(witness.batches) == 10
    of_batch = [event.record.partition for event in witness.events[: witness.batches[0]]]
    assert len(set(of_batch)) > 1 or len(of_batch) == 10


async def test_what_breaks_the_contract_is_buried_in_its_turn_and_never_in_a_batch(bus: Harness) -> None:
    seen: list[list[int]] = []

    async def apply(events: Sequence[ThingEvent]) -> None:
        seen.append([event.data["number"] for event in events])

    consumer = bus.consumer()
    register_stream(consumer, list(contracts(bus.topic).values()), apply)
    await bus.put(*(_whole(bus.topic.name, n, broken=n in (2, 5)) for n in range(6)))
    await consumer.start()
    letters = await bus.dead_letters(2)
    assert seen == [[0, 1], [3, 4]]
    assert [b'"number":"' in (letter.value or b"") for letter in letters] == [True, True]
    assert dict(letters[0].headers)[PREFIX + "error"] == b"accord.boundary.ContractViolation"
    assert dict(letters[0].headers)[PREFIX + "correlation_id"] == b"cause-2"


async def test_a_stream_that_wants_them_one_by_one_gets_lists_of_one(bus: Harness) -> None:
    seen: list[list[int]] = []

    @one_by_one
    async def apply(events: Sequence[ThingEvent]) -> None:
        seen.append([event.data["number"] for event in events])

    consumer = bus.consumer()
    register_stream(consumer, list(contracts(bus.topic).values()), apply)
    await bus.put(*(_whole(bus.topic.name, n, broken=n == 1) for n in range(4)))
    await consumer.start()
    await eventually(lambda: len(seen), 3)
    assert seen == [[0], [2], [3]]
    await bus.dead_letters(1)


async def test_each_event_of_a_batch_has_a_line_with_the_id_of_its_own_cause(
    bus: Harness, logs: LogCapture
) -> None:
    consumer = bus.consumer()
    consumer.register_batch_handler(TYPES, Witness().many)
    await bus.put(*(_whole(bus.topic.name, n, broken=False) for n in range(3)))
    await consumer.start()

    def lines() -> list[Any]:
        return [line for line in logs.entries if line["event"] == "event consumed"]

    await eventually(lambda: len(lines()), 3)
    assert [(line["correlation_id"], line["offset"], line["batch"]) for line in lines()] == [
        ("cause-0", 0, 3),
        ("cause-1", 1, 3),
        ("cause-2", 2, 3),
    ]


async def test_one_bad_event_in_a_batch_is_found_and_the_others_are_kept(bus: Harness) -> None:
    witness = Witness({3: [Poison("bad")] * 99})
    consumer = bus.consumer()
    consumer.register_batch_handler("thing.made", witness.many)
    await bus.put(*(thing(bus.topic.name, n) for n in range(8)))
    await consumer.start()
    assert numbers(await witness.saw(7)) == [0, 1, 2, 4, 5, 6, 7]
    (letter,) = await bus.dead_letters(1)
    assert b'"number":3' in (letter.value or b"")


async def test_a_batch_waits_whole_for_a_database_that_is_away(bus: Harness) -> None:
    witness = Witness({2: [Unavailable("away")] * 5})
    consumer = bus.consumer()
    consumer.register_batch_handler("thing.made", witness.many)
    await bus.put(*(thing(bus.topic.name, n) for n in range(4)))
    await consumer.start()
    assert numbers(await witness.saw(4)) == [0, 1, 2, 3]
    assert witness.batches == [4]


async def test_a_second_handler_for_one_event_is_refused(bus: Harness) -> None:
    consumer, witness = bus.consumer(), Witness()
    consumer.register_handler("thing.made", witness.one)
    with pytest.raises(ValueError, match=r"thing\.made has a handler already"):
        consumer.register_batch_handler("thing.made", witness.many)


KINDS = ["good", "good", "good", "flaky", "bad", "poison", "unknown", "broken", "refused", "crooked"]
RECORDS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from(TYPES), st.sampled_from("abc")), max_size=40
)
Records = list[tuple[str, str, str]]


@settings(max_examples=60, deadline=None)
@given(RECORDS, st.integers(1, 9), st.integers(1, 50), st.booleans())
def test_a_batch_leaves_what_its_events_would_leave_one_by_one(
    records: Records, most: int, fetched: int, away_at_times: bool
) -> None:
    """Same effects in the same order per key, same dead letters, same offsets, whatever fails."""

    async def outcome(most: int | None) -> Any:
        world = World(records)
        world.away_at_times = away_at_times
        consumer = await world.consumer(most)
        await eventually(world.all_committed, within=10)
        await consumer.stop()
        return world.effects, world.letters(), world.committed

    with patch("accord.bus.adapters.memory.MAX_FETCH", fetched):
        in_batches = asyncio.run(outcome(most))
    assert in_batches == asyncio.run(outcome(None))


@settings(max_examples=60, deadline=None)
@given(RECORDS, st.integers(0, 39), st.integers(1, 9))
@example([("good", TYPES[0], "a")] * 9, 6, 9)
def test_no_offset_passes_what_is_not_settled_and_the_next_consumer_goes_on_there(
    records: Records, stuck: int, most: int
) -> None:
    """The database is away from one event on, until the consumer is stopped."""

    async def story() -> None:
        world = World(records)
        world.stuck = stuck
        consumer = await world.consumer(most)
        await eventually(lambda: consumer.health.state is State.WAITING or world.all_committed(), within=10)
        await consumer.stop()
        assert not {number for number in world.passed() if not world.settled(number)}
        world.stuck = None
        consumer = await world.consumer(most)
        await eventually(world.all_committed, within=10)
        await consumer.stop()
        assert all(map(world.settled, range(len(records))))

    asyncio.run(story())


class World:
    """A broker with ``records``, and all that became of them; a handler applies all or nothing."""

    def __init__(self, records: Records) -> None:
        self.effects: dict[str, list[int]] = {key: [] for key in "abc"}
        self.away_at_times = False
        self.stuck: int | None = None
        self._broker = MemoryBroker(partitions=2)
        self._records = [_record(number, *each) for number, each in enumerate(records)]
        self._kinds = [kind for kind, _, _ in records]
        self._places: dict[Partition, list[int]] = defaultdict(list)
        for number, record in enumerate(self._records):
            self._places["things", self._broker.append(record).partition].append(number)
        self._flaky = {number for number, kind in enumerate(self._kinds) if kind == "flaky"}
        self._calls = 0

    async def consumer(self, most: int | None) -> MemoryConsumer:
        """Started; ``most`` is the size of its batches, None lets events come one by one."""
        consumer = MemoryConsumer(self._broker, "group", [Topic("things", 2)], policy=AT_ONCE)
        if most is None:
            for event_type in TYPES:
                consumer.register_handler(event_type, self._apply_one)
        else:
            consumer._max_batch = most
            consumer.register_batch_handler(TYPES, self._apply, _parse)
        await consumer.start()
        return consumer

    @property
    def committed(self) -> Offsets:
        return self._broker.committed("group")

    def all_committed(self) -> bool:
        return sum(self.committed.values()) == len(self._records)

    def letters(self) -> dict[bytes | None, list[Any]]:
        """By key, in order: what came, and why it is there."""
        found = defaultdict(list)
        for letter in self._broker.records("group.dead-letters"):
            headers = [header for header in letter.headers if header[0] not in CLOCKS]
            found[letter.key].append((letter.value, headers))
        return found

    def passed(self) -> set[int]:
        """The numbers of the records that the group will not read again."""
        return {n for where, offset in self.committed.items() for n in self._places[where][:offset]}

    def settled(self, number: int) -> bool:
        kind, record = self._kinds[number], self._records[number]
        if kind in ("good", "flaky"):
            return any(number in done for done in self.effects.values())
        return kind == "unknown" or record.value in [value for value, _ in self.letters()[record.key]]

    async def _apply_one(self, event: ReceivedEvent) -> None:
        await self._apply([_parse(event)])

    async def _apply(self, payloads: Sequence[Any]) -> None:
        self._calls += 1
        numbers = [payload["data"]["number"] for payload in payloads]
        if self.stuck in numbers or (self.away_at_times and self._calls % 3 == 1):
            raise Unavailable("away")
        for number in numbers:
            if self._kinds[number] == "poison":
                raise Poison("never")
            if self._kinds[number] == "bad" or number in self._flaky:
                self._flaky.discard(number)
                raise RuntimeError(self._kinds[number])
        for payload in payloads:
            self.effects[payload["data"]["id"]].append(payload["data"]["number"])


def _parse(event: ReceivedEvent) -> Any:
    match event.payload["kind"]:
        case "refused":
            raise ContractViolation("thing", (Violation("#", "is refused"),))
        case "crooked":
            raise TypeError("a defect of the parser")
    return event.payload


def _record(number: int, kind: str, event_type: str, key: str) -> OutgoingRecord:
    if kind == "broken":
        return OutgoingRecord("things", key.encode(), b"{%d" % number)
    return thing("things", number, key, "thing.sold" if kind == "unknown" else event_type, kind=kind)


def _whole(topic: str, number: int, *, broken: bool) -> OutgoingRecord:
    """An event as the contract wants it, but for its number if ``broken``."""
    return thing(
        topic,
        number,
        event_type=TYPES[number % 2],
        event_id=str(uuid4()),
        timestamp="2026-01-05T09:30:00Z",
        correlation_id=f"cause-{number}",
        data={"id": "a", "number": str(number) if broken else number},
    )
