"""A group of several members, which share the partitions and take them over from each other."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import LogCapture

from accord.bus.consumer import EventConsumer
from accord.bus.errors import Unavailable
from accord.bus.messages import ReceivedEvent
from tests.toolkit.bus.harness import MemoryHarness, Witness, eventually
from tests.toolkit.bus.things import numbers, thing

KEYS = "abcdefghijklmnop"


@pytest.fixture
async def bus() -> AsyncIterator[MemoryHarness]:
    harness = MemoryHarness()
    yield harness
    await harness.stop()


def member(bus: MemoryHarness, witness: Witness) -> EventConsumer:
    consumer = bus.consumer()
    consumer.register_handler("thing.made", witness.one)
    return consumer


async def test_members_share_the_partitions_and_a_leaver_leaves_his_to_the_others(bus: MemoryHarness) -> None:
    first, second = Witness(), Witness()
    one, other = member(bus, first), member(bus, second)
    await one.start()
    await eventually(lambda: len(one.assigned), 4)
    await other.start()
    await eventually(lambda: len(other.assigned), 2)
    assert len(one.assigned) == 2
    assert not one.assigned & other.assigned
    await bus.put(*(thing(bus.topic.name, n, key=KEYS[n % 16]) for n in range(64)))
    await eventually(lambda: len(first.events) + len(second.events), 64)
    assert sorted(numbers(first.events) + numbers(second.events)) == list(range(64))
    await other.stop()
    assert len(one.assigned) == 4
    await bus.put(*(thing(bus.topic.name, n, key=KEYS[n % 16]) for n in range(64, 80)))
    await eventually(lambda: len(first.events) + len(second.events), 80)
    assert sorted(numbers(first.events) + numbers(second.events)) == list(range(80))


async def test_the_event_in_hand_is_finished_and_committed_before_its_partition_goes(
    bus: MemoryHarness,
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    done: list[int] = []

    async def slow(event: ReceivedEvent) -> None:
        begun.set()
        await go_on.wait()
        done.append(event.payload["data"]["number"])

    one = bus.consumer()
    one.register_handler("thing.made", slow)
    await bus.put(*(thing(bus.topic.name, n, key=KEYS[n]) for n in range(16)))
    await one.start()
    await begun.wait()
    witness = Witness()
    other = member(bus, witness)
    await other.start()
    await asyncio.sleep(0)
    assert not other.assigned
    go_on.set()
    await eventually(lambda: len(done) + len(witness.events), 16)
    await eventually(bus.committed, 16)
    assert sorted(done + numbers(witness.events)) == list(range(16))


async def test_an_event_that_waits_for_a_database_is_given_up_with_its_partition(
    bus: MemoryHarness, logs: LogCapture
) -> None:
    stuck, witness = Witness({0: [Unavailable("away")] * 10_000}), Witness()
    await bus.put(thing(bus.topic.name, 0, key="a"))
    one, other = member(bus, stuck), member(bus, witness)
    await one.start()
    await stuck.tried(2)
    await other.start()
    await eventually(lambda: len(other.assigned), 2)
    await one.stop()
    assert numbers(await witness.saw(1)) == [0]
    assert stuck.events == []
    assert len([line for line in logs.entries if line["event"] == "consumer waits"]) == 1
