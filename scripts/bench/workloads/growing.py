"""What becomes of pace and memory while the cache and the outbox grow."""

import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import median

from scripts.bench.bus.events import changes
from scripts.bench.bus.journey import pause
from scripts.bench.bus.projection import Projection
from scripts.bench.bus.stage import Stage
from scripts.bench.ground import Ground
from scripts.bench.workload import Figures, Growth, Measure, Pace

__all__ = ["GrowingBacklog", "GrowingCache"]

EVENTS = 10_000
SINGLE_EVENTS = 15
WARMING_ROWS = 1_000


class GrowingCache(Growth):
    """Events change books from all over the cache; bound shows what is the database's own share."""

    name = "cache"
    title = "project events"
    size = "rows in the cache"
    contestants = ("accord", "bound")
    measures = (
        Measure("rate", "events/s"),
        Measure("latency", "ms from Kafka to the cache", more_is_better=False),
    )

    def sizes(self, pace: Pace) -> Sequence[int]:
        return pace.of((10_000, 100_000, 1_000_000), (1_000, 10_000))

    @contextmanager
    def running(self, ground: Ground, pace: Pace) -> Iterator[Mapping[str, Callable[[int], Figures]]]:
        with Stage(ground) as stage:
            projections = {
                "accord": stage.service_projection(),
                "bound": stage.baseline_projection("bound"),
            }
            for each in projections.values():
                stage.run(each.awake())

            def measure(projection: Projection) -> Callable[[int], Figures]:
                versions = itertools.count(2)
                return lambda size: stage.run(_change(projection, versions, size, pace))

            yield {name: measure(projection) for name, projection in projections.items()}


class GrowingBacklog(Growth):
    """The memory is the greatest that was seen while the backlog was sent."""

    name = "backlog"
    title = "relay a backlog"
    size = "rows in the outbox"
    contestants = ("accord",)
    measures = (Measure("rate", "rows/s"), Measure("memory", "MiB", more_is_better=False))
    rounds = 2

    def sizes(self, pace: Pace) -> Sequence[int]:
        return pace.of((1_000, 10_000, 100_000, 1_000_000), (1_000, 10_000))

    @contextmanager
    def running(self, ground: Ground, pace: Pace) -> Iterator[Mapping[str, Callable[[int], Figures]]]:
        with Stage(ground) as stage:
            outbox = stage.outbox()
            stage.run(outbox.drain(WARMING_ROWS))
            yield {"accord": lambda size: stage.run(outbox.drain(size))}


async def _change(projection: Projection, versions: Iterator[int], size: int, pace: Pace) -> Figures:
    chance = random.Random(size)
    await projection.grow(size)
    books = chance.sample(range(1, size + 1), min(EVENTS, size))
    figures = await projection.take_in(list(changes(books, next(versions))))
    latencies = []
    version = next(versions)
    for book_id in books[: pace.of(SINGLE_EVENTS, 3)]:
        await pause(chance)
        latencies.append(await projection.latency(book_id, version))
    return {**figures, "latency": median(latencies)}
