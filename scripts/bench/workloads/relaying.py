"""Sending a backlog of the outbox to Kafka."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from scripts.bench.bus.stage import Stage
from scripts.bench.ground import Ground
from scripts.bench.workload import Figures, Measure, Pace, Target, Workload
from scripts.measure import add_rows

__all__ = ["Relaying"]

ROWS = 100_000


class Relaying(Workload):
    """The producer has the same records as bytes, and need not look for them, log them or delete them."""

    name = "relaying"
    title = f"relay {ROWS:,} outbox rows"
    contestants = ("accord", "producer")
    measures = (
        Measure("rate", "rows/s", targets=(Target("producer", 0.6),)),
        Measure("cpu", "CPU µs/row", more_is_better=False),
    )

    @contextmanager
    def running(self, ground: Ground, pace: Pace) -> Iterator[Mapping[str, Callable[[], Figures]]]:
        """The service runs all the time; the producer is started for each round."""
        rows = pace.of(ROWS, ROWS // 5)
        with Stage(ground) as stage:
            outbox, prepared = stage.outbox(), stage.database()
            stage.run(add_rows(stage.connect(prepared), rows))
            yield {
                "accord": lambda: stage.run(outbox.drain(rows)),
                "producer": lambda: stage.figures_of("producer", database_url=prepared),
            }
