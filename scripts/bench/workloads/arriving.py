"""From a create at one service until the other one can read it, while nothing else happens."""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from statistics import median, quantiles

from accord.testing.brokers import BROKERS
from scripts.bench.bus.journey import Steps, Whole, pause
from scripts.bench.bus.stage import Stage
from scripts.bench.ground import Ground
from scripts.bench.http.servers import contestants
from scripts.bench.workload import Figures, Measure, Pace, Target, Workload

__all__ = ["Arriving"]

CREATES = 70
"""A round; 210 in the three that count."""


class Arriving(Workload):
    """Both services, beside the sum of the steps that nobody can leave out.

    The embedded broker holds back each answer to a fetch as long as the client allows, whatever comes
    meanwhile, to both contestants alike; Apache Kafka answers at once.
    """

    contestants = ("accord", "steps")
    measures = tuple(
        Measure(name, "ms", more_is_better=False, targets=(Target("steps", 2.0),)) for name in ("p50", "p99")
    )
    rounds = 3

    def __init__(self, name: str, title: str, broker: str) -> None:
        self.name = name
        self.title = title
        self._broker = broker

    @contextmanager
    def running(self, ground: Ground, pace: Pace) -> Iterator[Mapping[str, Callable[[], Figures]]]:
        creates = pace.of(CREATES, 8)
        kafka = BROKERS[self._broker](log=ground.logs / f"{self.name}-kafka.log")
        with Stage(ground, kafka) as stage, contestants(ground, ("bare",)) as found:
            whole, steps = Whole.over(stage, ground), Steps.over(stage, found["bare"])
            yield {
                "accord": lambda: stage.run(_whole(whole, creates)),
                "steps": lambda: stage.run(_sum(steps, creates)),
            }


async def _whole(whole: Whole, creates: int) -> Figures:
    chance, taken = random.Random(creates), []
    for _ in range(creates):
        await pause(chance)
        taken.append(await whole.take())
    return _percentiles(taken)


async def _sum(steps: Steps, creates: int) -> Figures:
    """Percentiles of the sums, not sums of percentiles: no journey has the bad luck of all steps."""
    chance, taken = random.Random(creates), []
    for _ in range(creates):
        await pause(chance)
        taken.append(await steps.take())
    middle = {name: median(each[name] for each in taken) for name in taken[0]}
    return {**_percentiles([sum(each.values()) for each in taken]), **middle}


def _percentiles(milliseconds: list[float]) -> dict[str, float]:
    cuts = quantiles(milliseconds, n=100, method="inclusive")
    return {"p50": cuts[49], "p99": cuts[98]}
