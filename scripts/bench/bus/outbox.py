"""`Outbox`: a service whose outbox holds a backlog, and how fast its relay empties it."""

import asyncio
import time

import asyncpg

from accord.testing.process import GuardedProcess
from scripts.bench.bus.processes import cpu_seconds, frozen, resident, until
from scripts.bench.bus.topic import Topic
from scripts.bench.workload import Figures
from scripts.measure import add_rows

__all__ = ["Outbox"]

_STALE_SECONDS = 1.2
"""A relay that was frozen for longer than its polling interval looks for rows as soon as it wakes."""


_LONGEST_POLL_SECONDS = 0.02
_ROWS_PER_LOOK = 1_000_000
"""Looks are so far apart that they neither disturb nor miss the end by more than a few hundredths."""


class Outbox:
    """The relay is frozen while rows are put in, so that neither its start nor theirs counts."""

    def __init__(self, process: GuardedProcess, database: asyncpg.Connection, topic: Topic) -> None:
        self._process = process
        self._database = database
        self.topic = topic

    async def drain(self, rows: int) -> Figures:
        """Measure from the wakening until no row is left; rates in rows, memory in MiB."""
        with frozen([self._process]):
            began = time.monotonic()
            await self._database.execute("TRUNCATE outbox")
            await add_rows(self._database, rows)
            end = self.topic.end() + rows
            await asyncio.sleep(_STALE_SECONDS - (time.monotonic() - began))
            cpu, began = cpu_seconds([self._process]), time.perf_counter()
        peak = 0.0

        async def is_empty() -> bool:
            nonlocal peak
            peak = max(peak, resident(self._process))
            # Kafka is asked first: looking for rows among many just deleted would disturb the relay.
            sent = self.topic.end() >= end
            return sent and not await self._database.fetchval("SELECT EXISTS (SELECT 1 FROM outbox)")

        await until(is_empty, [self._process], min(rows / _ROWS_PER_LOOK, _LONGEST_POLL_SECONDS))
        seconds = time.perf_counter() - began
        cpu = cpu_seconds([self._process]) - cpu
        return {"rate": rows / seconds, "cpu": cpu / rows * 1e6, "memory": peak}
