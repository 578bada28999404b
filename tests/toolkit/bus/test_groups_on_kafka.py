"""What only Apache Kafka shows: groups of several members, and a broker that dies and remembers."""

import asyncio
import sys
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from accord.bus.consumer import EventConsumer
from accord.bus.errors import Unavailable
from accord.bus.messages import ReceivedEvent
from accord.bus.transport import Acknowledged
from accord.testing.apache_kafka import ApacheKafka
from accord.testing.brokers import KafkaBroker
from accord.testing.process import GuardedProcess
from tests.toolkit.bus.harness import KafkaHarness, Witness, eventually
from tests.toolkit.bus.things import numbers, thing

pytestmark = pytest.mark.apache_kafka(
    "the embedded broker bears one member per group, and forgets when killed"
)

KEYS = "abcdefghijklmnop"


@pytest.fixture
async def bus(kafka: KafkaBroker) -> AsyncIterator[KafkaHarness]:
    harness = KafkaHarness(kafka)
    await harness.start()
    yield harness
    await harness.stop()


@pytest.fixture
def own_apache() -> Iterator[ApacheKafka]:
    """A broker that the test may kill and start again."""
    with ApacheKafka() as broker:
        yield broker


PATIENT = 90.0
"""Seconds; sessions have to expire, and a broker has to start."""

MEMBER = """
import asyncio, sys, time
from accord.bus.adapters.kafka import KafkaConsumerService
from accord.bus.contract import Topic
from tests.toolkit.bus.harness import settings

async def handle(event):
    await asyncio.sleep(0.0005)
    print("handled", time.monotonic_ns(), event.payload["data"]["number"], ".", flush=True)

async def main(servers, group, topic):
    consumer = KafkaConsumerService(settings(servers), group, [Topic(topic, 4)])
    consumer.register_handler("thing.made", handle)
    await consumer.start()
    await asyncio.Event().wait()

asyncio.run(main(*sys.argv[1:]))
"""


class Store:
    """What all members write to: an event has an effect only if its number is above the one of its key."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.effects: dict[str, list[int]] = defaultdict(list)
        self.deliveries: Counter[int] = Counter()
        self.handled: list[tuple[int, int]] = []

    async def apply(self, event: ReceivedEvent) -> None:
        await asyncio.sleep(0.0005)
        key, number = event.payload["data"]["id"], event.payload["data"]["number"]
        self.deliveries[number] += 1
        self.handled.append((time.monotonic_ns(), number))
        self.take(key, number)

    def take(self, key: str, number: int) -> None:
        if number > self.numbers.get(key, -1):
            self.numbers[key] = number
            self.effects[key].append(number)

    def member(self, bus: KafkaHarness) -> EventConsumer:
        consumer = bus.consumer()
        consumer.register_handler("thing.made", self.apply)
        return consumer


async def put_until(enough: asyncio.Event, bus: KafkaHarness) -> int:
    """Send numbers, each to the next key, while other things happen; return how many."""
    count = 0
    while not enough.is_set():
        batch = [thing(bus.topic.name, n, key=KEYS[n % 16]) for n in range(count, count + 20)]
        assert len(await bus.put(*batch)) == len(batch)
        count += len(batch)
        await asyncio.sleep(0.02)
    return count


def is_whole(store: Store, count: int) -> bool:
    """Tell whether each of so many numbers had its effect, once and in the order of its key."""
    return all(store.effects[key] == list(range(index, count, 16)) for index, key in enumerate(KEYS))


async def test_members_share_the_partitions_and_a_leaver_leaves_his_to_the_others(bus: KafkaHarness) -> None:
    first, second = Witness(), Witness()
    one, other = bus.consumer(), bus.consumer()
    one.register_handler("thing.made", first.one)
    other.register_handler("thing.made", second.one)
    await one.start()
    await eventually(lambda: len(one.assigned), 4)
    await other.start()
    await eventually(lambda: len(other.assigned) == len(one.assigned) == 2)
    assert not one.assigned & other.assigned
    await bus.put(*(thing(bus.topic.name, n, key=KEYS[n % 16]) for n in range(64)))
    await eventually(lambda: len(first.events) + len(second.events), 64)
    assert sorted(numbers(first.events) + numbers(second.events)) == list(range(64))
    assert first.events
    assert second.events
    await other.stop()
    await eventually(lambda: len(one.assigned), 4)
    await bus.put(*(thing(bus.topic.name, n, key=KEYS[n % 16]) for n in range(64, 80)))
    await eventually(lambda: len(first.events) + len(second.events), 80)
    assert sorted(numbers(first.events) + numbers(second.events)) == list(range(80))


async def test_rebalances_in_the_middle_of_a_stream_deliver_each_event_once_and_in_order(
    bus: KafkaHarness,
) -> None:
    store, enough = Store(), asyncio.Event()
    one, other = store.member(bus), store.member(bus)
    await one.start()
    sending = asyncio.create_task(put_until(enough, bus))
    await eventually(lambda: sum(store.deliveries.values()), 100)
    await other.start()
    await eventually(lambda: len(other.assigned), 2)
    await eventually(lambda: sum(store.deliveries.values()), 500)
    await one.stop()
    await eventually(lambda: len(other.assigned), 4)
    await one.start()
    await eventually(lambda: len(one.assigned), 2)
    enough.set()
    count = await sending
    await eventually(bus.committed, count)
    # Whoever gives a partition up in order has committed what it did there.
    assert store.deliveries == Counter(range(count))
    assert is_whole(store, count)


async def test_a_member_that_is_killed_in_the_middle_of_a_stream_loses_nothing_and_has_no_effect_twice(
    bus: KafkaHarness, tmp_path: Path
) -> None:
    store, enough = Store(), asyncio.Event()
    command = [sys.executable, "-c", MEMBER, bus.kafka.bootstrap_servers, bus.group, bus.topic.name]
    victim = GuardedProcess(command, log=tmp_path / "member.log", cwd=Path(__file__).parents[3])
    sending = asyncio.create_task(put_until(enough, bus))
    with victim:
        await eventually(lambda: len(handled(victim)), 50, within=PATIENT)
        other = store.member(bus)
        await other.start()
        await eventually(lambda: sum(store.deliveries.values()), 200, within=PATIENT)
        assert len(other.assigned) == 2
        await asyncio.to_thread(victim.kill)
    await eventually(lambda: len(other.assigned), 4, within=PATIENT)
    enough.set()
    count = await sending
    await eventually(bus.committed, count, within=PATIENT)
    # The same guard over both members' deliveries, in the order of time: no gap, nothing twice.
    whole = Store()
    for _, number in sorted([*handled(victim), *store.handled]):
        whole.take(KEYS[number % 16], number)
    assert is_whole(whole, count)


def handled(member: GuardedProcess) -> list[tuple[int, int]]:
    """What a member in a process of its own has written down: when, and which number."""
    lines = [line.split() for line in member.log.read_text().splitlines() if line.startswith("handled ")]
    return [(int(line[1]), int(line[2])) for line in lines if len(line) == 4]


async def test_a_broker_that_is_killed_and_started_again_has_lost_nothing(own_apache: ApacheKafka) -> None:
    bus, store = KafkaHarness(own_apache), Store()
    await bus.start()
    try:
        taken = await bus.put(*(thing(bus.topic.name, n, key=KEYS[n % 16]) for n in range(200)))
        assert len(taken) == 200
        own_apache.kill()
        (outcome,) = await bus.producer.send([thing(bus.topic.name, 200, key=KEYS[200 % 16])])
        assert isinstance(outcome, Unavailable)
        await asyncio.to_thread(own_apache.restart)

        async def is_taken() -> bool:
            (outcome,) = await bus.producer.send([thing(bus.topic.name, 201, key=KEYS[201 % 16])])
            return isinstance(outcome, Acknowledged)

        await eventually(is_taken, within=PATIENT)
        await store.member(bus).start()
        await eventually(lambda: 201 in store.deliveries, within=PATIENT)
        await eventually(lambda: set(range(200)) <= store.deliveries.keys(), within=PATIENT)
        for index, key in enumerate(KEYS):
            assert [n for n in store.effects[key] if n < 200] == list(range(index, 200, 16))
    finally:
        await bus.stop()
