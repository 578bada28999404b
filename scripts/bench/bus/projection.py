"""`Projection`: running consumers of book events and their cache, and how fast they take events in."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import asyncpg

from accord.testing.process import GuardedProcess
from scripts.bench.bus.events import BookEvent, changes
from scripts.bench.bus.processes import cpu_seconds, frozen, until
from scripts.bench.bus.topic import Sent, Topic
from scripts.bench.workload import Figures, RoundFailed

__all__ = ["Projection"]

_MARKER = 10**12
"""The book that shows that somebody is awake; those of rounds are below."""

_SETTLED_SECONDS = 0.7
"""After which the broker's answer to the last fetch is there (by default it may wait half a second)."""

_GLANCE_SECONDS = 0.0005
"""Between two looks at one row."""

_FILL = f"""
    INSERT INTO books_cache (book_id, title, publication_year, version, created_at, updated_at)
    SELECT n, 'Tales from Earthsea, ' || n, 2001, 1, now(), now()
    FROM generate_series(1 + (SELECT count(*) FROM books_cache WHERE book_id < {_MARKER}), $1) AS n
"""
_ARRIVED = """
    SELECT count(*) FROM unnest($1::bigint[], $2::bigint[]) AS sent (id, version)
    JOIN books_cache ON book_id = sent.id AND books_cache.version >= sent.version
"""


class Projection:
    """Members of one group that write the table ``books_cache`` of one database.

    They are frozen while the topic is filled, and wake before a full one. So neither their start nor the
    joining of the group counts: only the time from the first fetch until the last event of each partition is
    in the cache and its offset committed, seen from outside, in the same way whoever it is.
    """

    def __init__(self, member: GuardedProcess, database: asyncpg.Connection, topic: Topic) -> None:
        self.members = [member]
        self._database = database
        self._topic = topic

    async def awake(self) -> None:
        """Return once an event came through."""
        await self._settled(self._topic.send(changes([_MARKER], 1)))

    async def joined(self, member: GuardedProcess) -> None:
        """Take in another member; return once each of them has partitions of the topic."""
        self.members.append(member)

        async def shared() -> bool:
            return self._topic.readers() == len(self.members)

        await until(shared, self.members)

    async def grow(self, size: int) -> None:
        """See to it that the cache has the books from 1 to ``size`` at least."""
        await self._database.execute(_FILL, size)
        # Nothing of that shall go on while it is measured.
        for statement in ("VACUUM ANALYZE books_cache", "CHECKPOINT"):
            await self._database.execute(statement)

    async def clear(self) -> None:
        """Forget all books."""
        await self._database.execute("TRUNCATE books_cache")

    async def content(self) -> list[tuple[Any, ...]]:
        """All books of the events that were taken in, as the cache has them, by their ids."""
        rows = await self._database.fetch(f"SELECT * FROM books_cache WHERE book_id < {_MARKER} ORDER BY 1")
        return [tuple(row) for row in rows]

    async def take_in(self, events: Sequence[BookEvent]) -> Figures:
        """Measure a backlog; raises `RoundFailed` unless the cache then holds the last state of each book."""
        with frozen(self.members):
            began = time.perf_counter()
            sent = self._topic.send(events)
            await asyncio.sleep(_SETTLED_SECONDS - (time.perf_counter() - began))
            cpu = cpu_seconds(self.members)
            began = time.perf_counter()
        await self._settled(sent)
        seconds = time.perf_counter() - began
        cpu = cpu_seconds(self.members) - cpu
        if not await self._there(list({event.book_id: event for event in events}.values())):
            raise RoundFailed("events are missing in the cache although their offsets are committed")
        return {"rate": len(events) / seconds, "cpu": cpu / len(events) * 1e6}

    async def latency(self, book_id: int, version: int) -> float:
        """Milliseconds from the sending of one event until its state can be read."""
        (event,) = changes([book_id], version)
        began = time.perf_counter()
        self._topic.send([event])
        await until(lambda: self._there([event]), self.members, _GLANCE_SECONDS)
        return (time.perf_counter() - began) * 1e3

    async def _settled(self, sent: Sent) -> None:
        last = [event for event, _ in sent.values()]

        async def settled() -> bool:
            return await self._there(last) and self._topic.is_committed(sent)

        await until(settled, self.members)

    async def _there(self, events: Sequence[BookEvent]) -> bool:
        """Tell whether the cache has these states, or later ones."""
        books, versions = [each.book_id for each in events], [each.version for each in events]
        return bool(await self._database.fetchval(_ARRIVED, books, versions) == len(events))
