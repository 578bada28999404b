"""Many records at once, and several calls at once, to a broker that speaks the real protocol."""

import asyncio
import time
from collections.abc import AsyncIterator
from itertools import chain
from uuid import uuid4

import pytest

from accord.bus.adapters.kafka_producer import KafkaRecordProducer
from accord.bus.contract import Topic
from accord.bus.errors import Refused, Unavailable
from accord.bus.messages import OutgoingRecord
from accord.bus.transport import Acknowledged, Blocked
from accord.testing.brokers import KafkaBroker
from tests.toolkit.bus.harness import KafkaHarness, settings
from tests.toolkit.bus.things import thing

WIDE = "x" * 1000
"""Makes a hundred records larger than a batch of one partition may be."""


@pytest.fixture
async def bus(kafka: KafkaBroker) -> AsyncIterator[KafkaHarness]:
    harness = KafkaHarness(kafka)
    await harness.start()
    yield harness
    await harness.stop()


async def test_calls_that_overlap_arrive_in_the_order_in_which_they_were_made(bus: KafkaHarness) -> None:
    calls = [
        [thing(bus.topic.name, call * 300 + n, key="abc"[n % 3], wide=WIDE) for n in range(size)]
        for call, size in enumerate([300, 1, 200, 1, 1, 300])
    ]
    outcomes = await asyncio.gather(*(bus.producer.send(call) for call in calls))
    places = {}
    for record, outcome in zip(chain(*calls), chain(*outcomes), strict=True):
        assert isinstance(outcome, Acknowledged)
        places[outcome.partition, outcome.offset] = record
    found = await bus.records(bus.topic.name)
    # Each outcome says where its record is, and of each key that is behind the one before.
    assert {(each.partition, each.offset): each.value for each in found} == {
        place: record.value for place, record in places.items()
    }
    for key in (b"a", b"b", b"c"):
        wanted = [record.value for call in calls for record in call if record.key == key]
        assert [each.value for each in found if each.key == key] == wanted


async def test_a_record_goes_to_the_partition_of_its_key_alone_and_among_many(bus: KafkaHarness) -> None:
    records = [thing(bus.topic.name, n, key=f"key-{n}") for n in range(40)]
    together = await bus.put(*records)
    alone = [place for record in records for place in await bus.put(record)]
    assert [place.partition for place in together] == [place.partition for place in alone]
    assert len({place.partition for place in together}) == 4


async def test_a_key_that_fails_in_one_call_is_kept_back_from_those_that_share_it(bus: KafkaHarness) -> None:
    large = OutgoingRecord(bus.topic.name, b"a", bytes(1_100_000))
    blocked: Blocked = {}
    first, second, third = await asyncio.gather(
        bus.producer.send([thing(bus.topic.name, 0), large, thing(bus.topic.name, 1, key="b")], blocked),
        bus.producer.send([thing(bus.topic.name, 2), thing(bus.topic.name, 3, key="b")], blocked),
        bus.producer.send([thing(bus.topic.name, 4)], blocked),
    )
    assert [type(outcome) for outcome in first] == [Acknowledged, Refused, Acknowledged]
    assert [type(outcome) for outcome in second] == [Unavailable, Acknowledged]
    assert [type(outcome) for outcome in third] == [Unavailable]
    assert blocked == {(bus.topic.name, b"a"): first[1]}
    assert len(await bus.records(bus.topic.name)) == 3


@pytest.mark.apache_kafka("the embedded broker has no limits of topics")
async def test_a_topic_that_takes_small_batches_alone_gets_all_that_it_takes(kafka: KafkaBroker) -> None:
    small = Topic(f"small-{uuid4().hex[:8]}", 1, config={"max.message.bytes": "4000"})
    producer = KafkaRecordProducer(settings(kafka.bootstrap_servers), [small])
    await producer.start()
    records = [thing(small.name, n, key=str(n), wide=WIDE) for n in range(20)]
    large = OutgoingRecord(small.name, b"large", bytes(5000))
    left = [*records, large]
    async with asyncio.timeout(60):
        while len(left) > 1:
            outcomes = await producer.send(left, {})
            left = [
                record
                for record, outcome in zip(left, outcomes, strict=True)
                if not isinstance(outcome, Acknowledged)
            ]
    assert left == [large]
    (outcome,) = await producer.send(left)
    assert isinstance(outcome, Refused)
    await producer.stop()


async def test_a_client_that_is_given_up_ends_every_call_that_uses_it(own_kafka: KafkaBroker) -> None:
    bus = KafkaHarness(own_kafka)
    await bus.start()
    await bus.put(thing(bus.topic.name, 0))
    await bus.away()
    began = time.monotonic()
    first = asyncio.create_task(bus.producer.send([thing(bus.topic.name, n) for n in range(9)]))
    await asyncio.sleep(bus.settings.delivery_timeout_s / 2)
    blocked: Blocked = {}
    later = asyncio.create_task(bus.producer.send([thing(bus.topic.name, n) for n in range(9)], blocked))
    outcomes = await later
    assert time.monotonic() - began < 1.4 * bus.settings.delivery_timeout_s
    assert all(isinstance(outcome, Unavailable) for outcome in (*outcomes, *await first))
    assert list(blocked) == [(bus.topic.name, b"a")]
    await bus.back()
    await bus.stop()
