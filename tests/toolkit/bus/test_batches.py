"""Batch handlers: runs of one type, and halves when one event spoils the rest."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.bus.adapters.memory import MemoryBroker, MemoryConsumer, MemoryRecordProducer
from accord.bus.contract import Topic
from accord.bus.errors import Poison, Unavailable
from accord.bus.messages import OutgoingRecord, ReceivedEvent
from accord.bus.retry import Backoff, RetryPolicy
from tests.toolkit.bus.harness import Harness, Witness, eventually
from tests.toolkit.bus.things import numbers, thing

AT_ONCE = RetryPolicy(retries=1, backoff=Backoff(0, 0), outage=Backoff(0, 0))


async def test_a_batch_is_a_run_of_one_type_within_one_partition(bus: Harness) -> None:
    together, alone = Witness(), Witness()
    consumer = bus.consumer()
    consumer.register_batch_handler("thing.made", together.many)
    consumer.register_handler("thing.changed", alone.one)
    types = ["thing.made"] * 3 + ["thing.changed"] * 2 + ["thing.made"] * 2
    await bus.put(*(thing(bus.topic.name, n, event_type=name) for n, name in enumerate(types)))
    await consumer.start()
    assert numbers(await together.saw(5)) == [0, 1, 2, 5, 6]
    assert together.batches == [3, 2]
    assert numbers(alone.events) == [3, 4]


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


RECORDS = st.lists(
    st.tuples(
        st.sampled_from(["good", "good", "good", "flaky", "bad", "poison", "changed", "unknown", "broken"]),
        st.sampled_from("abc"),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(RECORDS, st.booleans())
def test_a_batch_leaves_what_its_events_would_leave_one_by_one(
    records: list[tuple[str, str]], away_at_times: bool
) -> None:
    """Same effects in the same order per key, same dead letters, whatever fails."""
    one_by_one = asyncio.run(_effects(records, batches=False, away_at_times=away_at_times))
    in_batches = asyncio.run(_effects(records, batches=True, away_at_times=away_at_times))
    assert in_batches == one_by_one


async def _effects(
    records: list[tuple[str, str]], *, batches: bool, away_at_times: bool
) -> tuple[dict[str, list[int]], list[bytes | None], int]:
    broker, topic = MemoryBroker(partitions=2), Topic("things", 2)
    effects: dict[str, list[int]] = {key: [] for key in "abc"}
    flaky: set[int] = set()
    calls = 0

    async def apply(events: Sequence[ReceivedEvent]) -> None:
        """All or nothing, as a transaction."""
        nonlocal calls
        calls += 1
        if away_at_times and calls % 3 == 1:
            raise Unavailable("away")
        for event in events:
            number, kind = event.payload["data"]["number"], event.payload["kind"]
            if kind == "poison":
                raise Poison("never")
            if kind == "bad" or (kind == "flaky" and number not in flaky and not flaky.add(number)):  # type: ignore[func-returns-value]
                raise RuntimeError(kind)
        for event in events:
            effects[event.payload["data"]["id"]].append(event.payload["data"]["number"])

    async def apply_one(event: ReceivedEvent) -> None:
        await apply([event])

    consumer = MemoryConsumer(broker, "group", [topic], policy=AT_ONCE)
    consumer.register_handler("thing.changed", apply_one)
    if batches:
        consumer.register_batch_handler("thing.made", apply)
    else:
        consumer.register_handler("thing.made", apply_one)
    await MemoryRecordProducer(broker).send([_record(n, kind, key) for n, (kind, key) in enumerate(records)])
    await consumer.start()
    await eventually(lambda: sum(broker.committed("group").values()), len(records), within=10)
    await consumer.stop()
    letters = sorted(record.value or b"" for record in broker.records("group.dead-letters"))
    return effects, list(letters), sum(broker.committed("group").values())


def _record(number: int, kind: str, key: str) -> OutgoingRecord:
    if kind == "broken":
        return OutgoingRecord("things", key.encode(), b"{%d" % number)
    event_type = {"changed": "thing.changed", "unknown": "thing.sold"}.get(kind, "thing.made")
    return thing("things", number, key, event_type, kind=kind)
