"""What only a real protocol can show: joining, outages, crashes, refusals of the broker."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from accord.bus.adapters.kafka import KafkaConsumerService, KafkaProducerService, KafkaSettings
from accord.bus.adapters.kafka_producer import KafkaRecordProducer
from accord.bus.adapters.kafka_source import KafkaRecordSource
from accord.bus.contract import Topic
from accord.bus.errors import Refused, Unavailable
from accord.bus.health import State
from accord.bus.messages import OutgoingRecord
from accord.bus.transport import Acknowledged, Fetched
from accord.testing.brokers import KafkaBroker
from tests.toolkit.bus.harness import FAST, KafkaHarness, Witness, eventually, settings
from tests.toolkit.bus.things import contracts, numbers, thing


@pytest.fixture
async def bus(own_kafka: KafkaBroker) -> AsyncIterator[KafkaHarness]:
    harness = KafkaHarness(own_kafka)
    await harness.start()
    yield harness
    await harness.back()
    await harness.stop()


async def test_a_consumer_goes_on_after_the_broker_did_not_answer_for_a_while(bus: KafkaHarness) -> None:
    witness = Witness()
    consumer = bus.consumer()
    consumer.register_handler("thing.made", witness.one)
    await bus.put(*(thing(bus.topic.name, n) for n in range(3)))
    await consumer.start()
    await witness.saw(3)
    await eventually(bus.committed, 3)
    await bus.away()
    await eventually(lambda: consumer.health.state is State.WAITING)
    assert "broker is away" in str(consumer.health.reason)
    await bus.back()
    await eventually(lambda: consumer.health.state is State.RUNNING)
    await bus.put(thing(bus.topic.name, 3))
    assert numbers(await witness.saw(4))[3] == 3


async def test_a_consumer_and_a_publisher_wait_for_a_broker_that_comes_later(
    own_kafka: KafkaBroker,
) -> None:
    """The address leads nowhere at first; later a proxy listens there, as a broker that starts late."""
    port = _free_port()
    topic = Topic("late", 4)
    late = settings(f"127.0.0.1:{port}")
    witness = Witness()
    consumer = KafkaConsumerService(late, "late-group", [topic], policy=FAST)
    consumer.register_handler("thing.made", witness.one)
    publisher = KafkaProducerService(late, contracts(topic))
    await asyncio.wait_for(consumer.start(), 1)
    await asyncio.wait_for(publisher.start(), 1)
    await eventually(lambda: consumer.health.state is State.WAITING)
    await eventually(lambda: publisher.health.state is State.WAITING)
    with pytest.raises(Unavailable):
        await publisher.publish("thing.made", {"id": "a", "number": 1})
    proxy = await _forward(port, own_kafka.bootstrap_servers)
    await eventually(lambda: publisher.health.ready)
    await eventually(lambda: consumer.health.ready)
    await publisher.publish("thing.made", {"id": "a", "number": 2})
    assert numbers(await witness.saw(1)) == [2]
    assert {part for part, _ in consumer.assigned} == {"late"}
    await consumer.stop()
    await publisher.stop()
    proxy.close()


async def test_a_producer_replaces_a_client_whose_broker_did_not_answer(bus: KafkaHarness) -> None:
    await bus.put(thing(bus.topic.name, 0))
    await bus.away()
    with pytest.raises(Unavailable):
        await bus.producer.check()
    (outcome,) = await bus.producer.send([thing(bus.topic.name, 1)])
    assert isinstance(outcome, Unavailable)
    assert isinstance(bus.producer, KafkaRecordProducer)
    assert bus.producer.health.state is State.WAITING
    await bus.back()
    await eventually(lambda: _is_ready(bus))
    (outcome,) = await bus.producer.send([thing(bus.topic.name, 2)])
    assert isinstance(outcome, Acknowledged)


async def test_a_record_that_is_too_large_is_refused_and_blocks_its_key_alone(bus: KafkaHarness) -> None:
    large = OutgoingRecord(bus.topic.name, b"a", bytes(1_100_000))
    records = [thing(bus.topic.name, 0), large, thing(bus.topic.name, 2), thing(bus.topic.name, 3, key="b")]
    outcomes = await bus.producer.send(records)
    assert [type(outcome) for outcome in outcomes] == [Acknowledged, Refused, Unavailable, Acknowledged]
    assert len(await bus.records(bus.topic.name)) == 2


async def test_a_dead_letter_that_would_be_too_large_leaves_its_value_behind(bus: KafkaHarness) -> None:
    witness = Witness()
    consumer = bus.consumer()
    consumer.register_handler("thing.made", witness.one)
    headers = tuple((f"h{n}", bytes(1000)) for n in range(20))
    nearly = OutgoingRecord(bus.topic.name, b"a", b"x" * 979_600, headers)
    assert await bus.put(nearly, thing(bus.topic.name, 1))
    await consumer.start()
    await witness.saw(1)
    (letter,) = await bus.dead_letters(1)
    assert letter.value == b""
    assert dict(letter.headers)["dead_letter.value_omitted"] == b"979600"
    assert dict(letter.headers)["dead_letter.offset"] == b"0"


async def test_a_member_that_vanished_is_followed_after_its_session(bus: KafkaHarness) -> None:
    """As after a kill: the group still counts the dead member, until its session time-out."""
    witness = Witness()
    consumer = bus.consumer()
    consumer.register_handler("thing.made", witness.one)
    await bus.put(thing(bus.topic.name, 0))
    await consumer.start()
    await witness.saw(1)
    await eventually(lambda: bus.committed())
    await _vanish(consumer)
    successor = bus.consumer()
    successor.register_handler("thing.made", witness.one)
    await successor.start()
    await bus.put(thing(bus.topic.name, 1))
    assert numbers(await witness.saw(2)) == [0, 1]


async def test_what_is_read_while_partitions_are_taken_away_is_of_no_epoch(bus: KafkaHarness) -> None:
    """aiokafka goes on with the former partitions until it has new ones; a consumer may be reading ahead."""
    source = KafkaRecordSource(bus.settings, bus.group, [bus.topic])

    async def on_revoked() -> None: ...

    async def something() -> Fetched:
        while not (fetched := await source.fetch()).records:
            pass
        return fetched

    await bus.put(thing(bus.topic.name, 0))
    await source.open(on_revoked)
    assert (await something()).epoch == source.epoch
    source.revoke()
    await bus.put(thing(bus.topic.name, 1))
    assert (await something()).epoch != source.epoch
    source.assign()
    await bus.put(thing(bus.topic.name, 2))
    assert (await something()).epoch == source.epoch
    await source.close()


@pytest.mark.parametrize("wrong", [{"delivery_timeout_s": 31.0}, {"rebalance_timeout_s": 30.0}])
def test_time_outs_that_contradict_each_other_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be less than request_timeout_s"):
        KafkaSettings("localhost:9092", **wrong)  # type: ignore[arg-type]


async def _vanish(consumer: object) -> None:
    source = consumer._source  # type: ignore[attr-defined]
    assert isinstance(source, KafkaRecordSource)
    client = source._consumer
    assert client is not None
    consumer._task.cancel()  # type: ignore[attr-defined]
    # No leave request goes out: the coordinator believes that it never joined.
    client._coordinator.generation = -1


async def _is_ready(bus: KafkaHarness) -> bool:
    assert isinstance(bus.producer, KafkaRecordProducer)
    return bus.producer.health.ready


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _forward(port: int, target: str) -> asyncio.Server:
    host, _, number = target.rpartition(":")

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(host, int(number))
        await asyncio.gather(pump(reader, back), pump(there, writer), return_exceptions=True)

    return await asyncio.start_server(serve, "127.0.0.1", port)
