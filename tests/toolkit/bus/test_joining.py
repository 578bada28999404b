"""A member of a group is ready before the group has given it partitions, if that does not take long."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from aiokafka.errors import GroupCoordinatorNotAvailableError

from accord.bus.adapters import kafka_source
from accord.bus.adapters.kafka_connecting import connect
from accord.bus.adapters.kafka_source import KafkaRecordSource
from accord.bus.contract import Topic
from accord.bus.errors import Unavailable
from accord.testing.brokers import KafkaBroker
from tests.toolkit.bus.harness import eventually, settings

REFUSED = "the group assigns no partitions"


@pytest.fixture
async def source(kafka: KafkaBroker) -> AsyncIterator[KafkaRecordSource]:
    impatient = settings(kafka.bootstrap_servers, rebalance_timeout_s=0.8)
    source = KafkaRecordSource(impatient, f"group-{uuid4().hex[:8]}", [Topic("things-to-join", 4)])
    yield source
    await source.close()


async def open_it(source: KafkaRecordSource) -> None:
    await source.open(lambda: asyncio.sleep(0))


async def test_to_wait_for_partitions_is_no_trouble_until_it_takes_too_long(
    source: KafkaRecordSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    admitted = asyncio.Event()

    async def connect_later(client: Any) -> None:
        await admitted.wait()
        await connect(client)

    async def has_partitions() -> bool:
        return (await source.fetch()).trouble is None and bool(source.assigned)

    monkeypatch.setattr(kafka_source, "connect", connect_later)
    await open_it(source)
    assert (await source.fetch()).trouble is None
    assert not source.assigned
    await source.fetch()
    assert (await source.fetch()).trouble == REFUSED
    await open_it(source)
    assert (await source.fetch()).trouble == REFUSED
    admitted.set()
    await eventually(has_partitions)


async def test_a_group_that_lets_nobody_in_is_away(
    source: KafkaRecordSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_client: Any) -> None:
        raise GroupCoordinatorNotAvailableError

    monkeypatch.setattr(kafka_source, "connect", refuse)
    await open_it(source)
    with pytest.raises(Unavailable, match="GroupCoordinatorNotAvailableError"):
        await source.fetch()
