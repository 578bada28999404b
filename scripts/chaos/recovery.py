"""Waiting, within bounds, until all that was written has arrived everywhere."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
import httpx
from confluent_kafka import Consumer, KafkaException, TopicPartition

from scripts.chaos.faults import bring_up
from scripts.chaos.ledger import SIDES
from scripts.chaos.streams import READ
from scripts.chaos.system import System

__all__ = ["Recovery", "databases", "recover"]

REQUEST_SECONDS = 10.0
LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Recovery:
    """How long it took, and what still was outstanding when patience ended."""

    seconds: float
    outstanding: tuple[str, ...] = ()
    fallen: tuple[str, ...] = ()
    """Services that had ended without being killed."""


def databases(system: System) -> dict[str, str]:
    """The URL of each side's database, without proxy and driver."""
    return {side: system.postgres.url(f"{side}_db", "postgresql") for side in SIDES}


async def recover(system: System, patience_s: float) -> Recovery:
    """Return once all are ready, outboxes empty and consumers caught up, or ``patience_s`` seconds passed."""
    began = time.monotonic()
    fallen = [replica.name for replica in system.replicas if not replica.pid]
    for replica in system.replicas:
        if not replica.pid:
            await bring_up(replica)
    while True:
        outstanding = [*await _not_ready(system), *await _waiting(system), *await _behind(system)]
        passed = time.monotonic() - began
        if not outstanding or passed > patience_s:
            return Recovery(passed, tuple(outstanding), tuple(fallen))
        await asyncio.sleep(LOOK_SECONDS)


async def _not_ready(system: System) -> list[str]:
    found: list[str] = []
    async with httpx.AsyncClient(timeout=REQUEST_SECONDS) as client:
        for replica in system.replicas:
            try:
                answer = await client.get(f"{replica.service.url}/health/ready")
            except httpx.TransportError as error:
                found.append(f"{replica.name} does not answer: {error!r}")
            else:
                if answer.status_code != httpx.codes.OK:
                    found.append(f"{replica.name} is not ready: {answer.text}")
    return found


async def _waiting(system: System) -> list[str]:
    found: list[str] = []
    for side, url in databases(system).items():
        try:
            connection = await asyncpg.connect(url, timeout=REQUEST_SECONDS)
        except (OSError, asyncpg.PostgresError) as error:
            found.append(f"the database of {side} does not answer: {error!r}")
            continue
        try:
            rows = await connection.fetchval("SELECT count(*) FROM outbox")
        finally:
            await connection.close()
        if rows:
            found.append(f"{rows} rows wait in the outbox of {side}")
    return found


async def _behind(system: System) -> list[str]:
    try:
        lags = await asyncio.to_thread(_lags, system.bootstrap_servers)
    except KafkaException as error:
        return [f"the broker does not answer: {error}"]
    return [f"the {side} service is {lag} records behind" for side, lag in lags.items() if lag]


def _lags(bootstrap_servers: str) -> Mapping[str, int]:
    lags: dict[str, int] = {}
    for side, topics in READ.items():
        group = Consumer(
            {"bootstrap.servers": bootstrap_servers, "group.id": f"{side}-service", "log_level": 0}
        )
        try:
            lags[side] = sum(_lag(group, topic) for topic in topics)
        finally:
            group.close()
    return lags


def _lag(group: Consumer, topic: str) -> int:
    partitions = group.list_topics(topic, timeout=REQUEST_SECONDS).topics[topic].partitions
    committed = group.committed(
        [TopicPartition(topic, number) for number in partitions], timeout=REQUEST_SECONDS
    )
    lag = 0
    for place in committed:
        low, high = group.get_watermark_offsets(place, timeout=REQUEST_SECONDS)
        lag += high - max(low, place.offset)
    return lag
