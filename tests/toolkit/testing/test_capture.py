"""Capturing what arrives on Kafka."""

import pytest
from confluent_kafka import Producer

from accord.testing.brokers import KafkaBroker
from accord.testing.capture import EventCapture, NotCaptured
from accord.testing.plugin import CaptureEvents


def send(kafka: KafkaBroker, topic: str, *values: str) -> None:
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "linger.ms": 0})
    for value in values:
        producer.produce(topic, key="17", value=value, headers=[("event_type", b"author.created")])
    assert producer.flush(10) == 0


async def test_records_sent_after_the_start_are_captured_in_order(
    kafka: KafkaBroker, events: CaptureEvents
) -> None:
    send(kafka, "capture.order", "before")
    captured = await events("capture.order")
    send(kafka, "capture.order", "first", "second")

    records = await captured.wait_for_all(lambda record: record.key == b"17", 2)

    assert [record.value for record in records] == [b"first", b"second"]
    assert records[1].offset == records[0].offset + 1
    assert records[0].partition == records[1].partition
    assert records[0].headers == (("event_type", b"author.created"),)


async def test_a_capture_from_the_start_sees_what_was_there_before(kafka: KafkaBroker) -> None:
    send(kafka, "capture.start", *map(str, range(2500)))

    async with EventCapture(kafka.bootstrap_servers, ["capture.start"], from_start=True) as captured:
        records = await captured.catch_up()

    assert [record.value for record in records] == [str(number).encode() for number in range(2500)]


async def test_waiting_in_vain_tells_what_did_arrive(kafka: KafkaBroker, events: CaptureEvents) -> None:
    captured = await events("capture.vain")
    send(kafka, "capture.vain", "something else")

    with pytest.raises(NotCaptured, match=r"0 of 1 .* 0\.5 s(.|\n)*something else"):
        await captured.wait_for(lambda record: record.value == b"this", within=0.5)


async def test_a_topic_that_nobody_has_used_yet_can_be_captured(
    kafka: KafkaBroker, events: CaptureEvents
) -> None:
    captured = await events("capture.new", "capture.other")
    send(kafka, "capture.new", "here")

    assert (await captured.wait_for(lambda record: True)).topic == "capture.new"
