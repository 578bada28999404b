"""Whoever is cancelled while aiokafka connects, asks or hangs up leaves no connection open."""

import asyncio
import gc
import itertools
import types
import warnings
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from aiokafka.conn import AIOKafkaConnection

from accord.bus.adapters import kafka_connecting
from accord.bus.adapters.kafka_client import KafkaSettings, ensure_topics
from accord.bus.adapters.kafka_connecting import abandon_consumer, abandon_producer
from accord.bus.adapters.kafka_producer import KafkaRecordProducer
from accord.bus.adapters.kafka_reader import KafkaTopicReader
from accord.bus.adapters.kafka_source import KafkaRecordSource
from accord.bus.contract import Topic
from accord.testing.brokers import KafkaBroker
from tests.toolkit.bus.harness import eventually, settings

Work = Callable[[KafkaSettings], Coroutine[Any, Any, None]]


@types.coroutine
def cancelled_at(step: int, work: Coroutine[Any, Any, None]) -> Generator[Any, Any, None]:
    """Await ``work``; the task that does so is cancelled when it waits for the ``step``th time, from 0."""
    task = asyncio.current_task()
    assert task is not None
    go_on, value = work.send, None
    for number in itertools.count():
        try:
            awaited = go_on(value)
        except StopIteration:
            return
        if number == step:
            asyncio.get_running_loop().call_soon(task.cancel)
        try:
            go_on, value = work.send, (yield awaited)
        except BaseException as error:  # noqa: BLE001  # handed on, as by a coroutine
            go_on, value = work.throw, error


@asynccontextmanager
async def nothing_stays_open() -> AsyncIterator[None]:
    """What was opened inside is closed, both what can still be reached and what was lost."""
    gc.collect()
    # What is older is neither looked at nor through.
    gc.freeze()
    try:
        with warnings.catch_warnings(record=True) as lost:
            warnings.simplefilter("always", ResourceWarning)
            yield
            # A transport closes its socket when the loop comes round.
            await asyncio.sleep(0)
            gc.collect()
        assert [str(each.message) for each in lost] == []
        assert [each for each in gc.get_objects() if is_open_connection(each)] == []
    finally:
        gc.unfreeze()


def is_open_connection(found: Any) -> bool:
    return type(found) is AIOKafkaConnection and bool(found.connected())


async def administer(settings: KafkaSettings) -> None:
    await ensure_topics(settings, [Topic("things-of-nobody", partitions=1)])


async def produce(settings: KafkaSettings) -> None:
    await abandon_producer(await KafkaRecordProducer(settings)._connect())


def member(settings: KafkaSettings) -> KafkaRecordSource:
    return KafkaRecordSource(settings, f"group-{uuid4().hex[:8]}", [Topic("things-of-nobody")])


async def join(settings: KafkaSettings) -> None:
    source = member(settings)
    consumer = source._client()
    consumer.subscribe(["things-of-nobody"])
    try:
        await source._join(consumer)
    finally:
        await abandon_consumer(consumer)


async def consume(settings: KafkaSettings) -> None:
    source = member(settings)
    try:
        await source.open(lambda: asyncio.sleep(0))
        await source.fetch()
    finally:
        await source.close()


async def read(settings: KafkaSettings) -> None:
    await administer(settings)
    async for _ in KafkaTopicReader(settings).read("things-of-nobody"):
        pass


ALL = pytest.mark.parametrize("work", [administer, produce, join, consume, read])


@ALL
async def test_a_cancellation_at_any_time_leaves_nothing_open(work: Work, kafka: KafkaBroker) -> None:
    step, cancelled = 0, True
    while cancelled:
        async with nothing_stays_open():
            task = asyncio.create_task(cancelled_at(step, work(settings(kafka.bootstrap_servers))))
            await asyncio.wait([task])
            cancelled = task.cancelled()
        step += 1
    task.result()
    assert step > 5


@ALL
async def test_a_cancellation_while_the_broker_is_frozen_leaves_nothing_open(
    work: Work, kafka: KafkaBroker
) -> None:
    kafka.pause()
    try:
        async with nothing_stays_open(), asyncio.timeout(3):
            task = asyncio.create_task(work(settings(kafka.bootstrap_servers)))
            await asyncio.sleep(0.2)
            task.cancel()
            await asyncio.wait([task])
    finally:
        kafka.resume()


async def test_what_connects_while_its_client_is_dropped_is_closed(kafka: KafkaBroker) -> None:
    producer = await KafkaRecordProducer(settings(kafka.bootstrap_servers))._connect()
    kafka.pause()
    try:
        async with nothing_stays_open():
            node = producer.client.get_random_node()
            connecting = asyncio.create_task(producer.client.ready(node, group="another"))
            await asyncio.sleep(0.2)
            await abandon_producer(producer)
            del producer
            kafka.resume()
            await connecting
            del connecting
    finally:
        kafka.resume()


async def test_a_consumer_without_its_coordinator_is_dropped_with_all_its_tasks(
    kafka: KafkaBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_connecting, "_LEAVE_TIMEOUT_S", 0.5)
    before = asyncio.all_tasks()
    source = member(settings(kafka.bootstrap_servers))
    await source.open(lambda: asyncio.sleep(0))
    while not source.assigned:
        await source.fetch()
    kafka.pause()
    try:
        coordinator: Any = source._consumer._coordinator  # type: ignore[union-attr]
        await eventually(lambda: coordinator.coordinator_id is None)
        async with asyncio.timeout(3):
            await source.close()
    finally:
        kafka.resume()
    await eventually(lambda: asyncio.all_tasks() <= before)
