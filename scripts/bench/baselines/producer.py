"""What a relay can reach: an idempotent producer that sends records which are ready as bytes."""

import json
import os
import time
from asyncio import Future
from collections import deque
from typing import Any

import asyncpg
import orjson
import uvloop
from aiokafka import AIOKafkaProducer

WINDOW = 5_000
"""Records that may wait for their acknowledgement."""


async def main() -> None:
    """Send all rows of the outbox, leaving them there; print rows per second and CPU microseconds per row."""
    database = await asyncpg.connect(os.environ["BENCH_DATABASE_URL"].replace("+asyncpg", ""))
    rows = await database.fetch("SELECT topic, key, value, headers FROM outbox ORDER BY id")
    await database.close()
    records = [
        (topic, value, key, [(name, text.encode()) for name, text in orjson.loads(headers)])
        for topic, key, value, headers in rows
    ]
    producer = AIOKafkaProducer(
        bootstrap_servers=os.environ["BENCH_KAFKA"],
        enable_idempotence=True,
        acks="all",
        max_batch_size=65_536,
    )
    async with producer:
        await producer.partitions_for(records[0][0])
        began, cpu = time.perf_counter(), time.process_time()
        waiting: deque[Future[Any]] = deque()
        for topic, value, key, headers in records:
            waiting.append(await producer.send(topic, value, key=key, headers=headers))
            if len(waiting) > WINDOW:
                await waiting.popleft()
        for acknowledged in waiting:
            await acknowledged
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(json.dumps({"rate": len(records) / seconds, "cpu": cpu / len(records) * 1e6}))


if __name__ == "__main__":
    uvloop.run(main())
