"""What a dead letter keeps of a record, however large its parts are, and what holds nobody up."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from aiokafka.consumer import fetcher
from aiokafka.producer import message_accumulator, producer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from accord.bus.adapters.availability import poison_when_refused
from accord.bus.errors import Poison
from accord.bus.messages import OutgoingRecord
from accord.testing.kafka import EmbeddedKafka
from tests.toolkit.bus.harness import Harness, KafkaHarness, Witness
from tests.toolkit.bus.things import numbers, thing

NEARLY_ALL = 999_900
"""Bytes; with the headers of a dead letter it is more than a producer sends."""


async def _consume_between_good_ones(bus: Harness, record: OutgoingRecord) -> dict[str, bytes]:
    """The headers of the one dead letter."""
    witness = Witness()
    consumer = bus.consumer()
    consumer.register_handler("thing.made", witness.one)
    assert len(await bus.put(thing(bus.topic.name, 1), record, thing(bus.topic.name, 2))) == 3
    await consumer.start()
    assert sorted(numbers(await witness.saw(2))) == [1, 2]
    (letter,) = await bus.dead_letters(1)
    return dict(letter.headers)


@pytest.fixture
async def kafka_bus(kafka: EmbeddedKafka) -> AsyncIterator[KafkaHarness]:
    """Its sizes are those of the protocol."""
    harness = KafkaHarness(kafka)
    await harness.start()
    yield harness
    await harness.stop()


async def test_what_is_too_large_is_left_behind_with_its_size(kafka_bus: KafkaHarness) -> None:
    headers = await _consume_between_good_ones(
        kafka_bus, OutgoingRecord(kafka_bus.topic.name, b"k" * NEARLY_ALL, b"no JSON")
    )
    assert headers["dead_letter.key_omitted"] == str(NEARLY_ALL).encode()
    assert headers["dead_letter.value_omitted"] == b"7"


async def test_a_huge_correlation_id_is_cut_and_does_not_stop_the_line(kafka_bus: KafkaHarness) -> None:
    huge = ("correlation_id", b"x" * (NEARLY_ALL - 500))
    headers = await _consume_between_good_ones(
        kafka_bus, OutgoingRecord(kafka_bus.topic.name, b"a", b"no JSON", (huge,))
    )
    assert len(headers["dead_letter.correlation_id"].decode()) == 128


async def test_a_duplicate_member_makes_a_record_a_dead_letter(bus: Harness) -> None:
    twice = b'{"event_type":"thing.made","data":{"id":"a","number":8},"data":{"id":"a","number":9}}'
    headers = await _consume_between_good_ones(bus, OutgoingRecord(bus.topic.name, b"a", twice))
    assert b'"data" is there twice' in headers["dead_letter.reason"]


class _Latin(str):
    """A name that some other client has encoded in its own way."""

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return b"\xff\xfe"


async def test_a_header_name_that_is_no_utf_8_does_not_stop_the_line(
    kafka_bus: KafkaHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetcher, "MemoryRecords", fetcher.MemoryRecords)
    for module in (message_accumulator, producer):
        monkeypatch.setattr(module, "DefaultRecordBatchBuilder", _DefaultRecordBatchBuilderPy)
    good = thing(kafka_bus.topic.name, 8)
    strange = OutgoingRecord(good.topic, good.key, good.value, ((_Latin("x"), b"v"),))
    broken = OutgoingRecord(good.topic, good.key, b"no JSON", ((_Latin("x"), b"v"),))
    assert len(await kafka_bus.put(strange, broken, thing(good.topic, 9))) == 3
    witness = Witness()
    consumer = kafka_bus.consumer()
    consumer.register_handler("thing.made", witness.one)
    await consumer.start()
    assert numbers(await witness.saw(2)) == [8, 9]
    assert witness.events[0].record.headers == (("\ufffd\ufffd", b"v"),)
    (letter,) = await kafka_bus.dead_letters(1)
    assert letter.value == b"no JSON"


def test_data_that_the_database_cannot_hold_are_poison_and_a_race_is_not() -> None:
    for refused in (asyncpg.DatetimeFieldOverflowError, asyncpg.DataError):
        with pytest.raises(Poison, match=r"^the database does not hold such data: date value out of range$"):
            _raise_within(refused("date value out of range"))
    for other in (asyncpg.UniqueViolationError, asyncpg.SerializationError, asyncpg.ConnectionFailureError):
        with pytest.raises(other):
            _raise_within(other("not its data"))
    with pytest.raises(asyncio.QueueEmpty):
        _raise_within(asyncio.QueueEmpty())


def _raise_within(error: Exception) -> None:
    with poison_when_refused():
        raise error
