"""Taking events of the other side into the cache, from a topic in which they stand."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from scripts.bench.bus.events import BookEvent, mixed
from scripts.bench.bus.projection import Projection
from scripts.bench.bus.stage import Stage
from scripts.bench.ground import Ground
from scripts.bench.workload import Figures, Measure, Pace, Target, Workload

__all__ = ["Projecting"]

EVENTS = 30_000
"""What the embedded broker keeps of a topic, about."""

FEW_EVENTS = 2_000
"""For whom takes them one by one: rates are compared."""


class Projecting(Workload):
    """Events are created and updated books; the same bytes for all, in topics of their own."""

    name = "projecting"
    title = "project events into the cache"
    contestants = ("accord", "faststream", "bound")
    measures = (
        Measure("rate", "events/s", targets=(Target("faststream", 25), Target("bound", 0.6))),
        Measure("cpu", "CPU µs/event", more_is_better=False),
    )

    @contextmanager
    def running(self, ground: Ground, pace: Pace) -> Iterator[Mapping[str, Callable[[], Figures]]]:
        """Each has its own database and consumer group, and runs all the time: idle while others work."""
        many, few = mixed(pace.of(EVENTS, EVENTS // 3)), mixed(pace.of(FEW_EVENTS, FEW_EVENTS // 4))
        with Stage(ground) as stage:

            def round_of(projection: Projection, events: list[BookEvent]) -> Callable[[], Figures]:
                def project() -> Figures:
                    stage.run(projection.clear())
                    return stage.run(projection.take_in(events))

                return project

            accord = stage.service_projection()
            faststream, bound = (stage.baseline_projection(name) for name in ("faststream", "bound"))
            for each in (accord, faststream, bound):
                stage.run(each.awake())
            yield {
                "accord": round_of(accord, many),
                "faststream": round_of(faststream, few),
                "bound": round_of(bound, many),
            }
