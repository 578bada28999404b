"""Running contestants side by side: in turn, round by round, so that all of them see the same machine."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random

from scripts.bench.ground import Ground
from scripts.bench.report.record import Grown, Measured, Point
from scripts.bench.workload import Figures, Growth, LeftOut, Pace, RoundFailed, Workload

__all__ = ["Progress", "grow", "measure", "steps"]

QUICK_ROUNDS = 2
"""Two, so that medians and spreads are computed as in a full run."""

Progress = Callable[[str], None]
"""Told what begins."""


def measure(workload: Workload, ground: Ground, pace: Pace, progress: Progress) -> Measured:
    """Measure a workload; raises `RoundFailed`.

    The first round warms up, and does not count. The order is drawn anew for each, and the same in every run:
    what one contestant leaves behind, in caches or on the disk, does not always meet the same one.
    """
    names, began = list(workload.contestants), time.monotonic()
    drawn = Random(workload.name)
    found: dict[str, list[Figures]] = {name: [] for name in names}
    with _named(workload.title), workload.running(ground, pace) as contestants:
        for number in range(_rounds(workload, pace) + 1):
            for name in drawn.sample(names, len(names)):
                progress(f"{workload.title}: {name}")
                with _named(f"{workload.title}: {name}"):
                    figures = dict(contestants[name]())
                if number:
                    found[name].append(figures)
    took = time.monotonic() - began
    return Measured(workload.name, workload.title, tuple(workload.measures), found, took)


def grow(growth: Growth, ground: Ground, pace: Pace, progress: Progress) -> Grown:
    """Measure a growth, all contestants at each size before the next; raises `RoundFailed`."""
    began = time.monotonic()
    points: dict[str, list[Point]] = {name: [] for name in growth.contestants}
    with _named(growth.title), growth.running(ground, pace) as contestants:
        for size in growth.sizes(pace):
            found: dict[str, list[Figures]] = {name: [] for name in points}
            for _ in range(_rounds(growth, pace)):
                for name, figures in found.items():
                    progress(f"{growth.title}, {size:,}: {name}")
                    with _named(f"{growth.title}, {size:,}: {name}"):
                        figures.append(dict(contestants[name](size)))
            for name, figures in found.items():
                points[name].append(Point(size, figures))
    took = time.monotonic() - began
    return Grown(growth.name, growth.title, growth.size, tuple(growth.measures), points, took)


def steps(work: Workload | Growth, pace: Pace) -> int:
    """How often the progress will be told."""
    rounds, contestants = _rounds(work, pace), len(work.contestants)
    return contestants * (rounds * len(work.sizes(pace)) if isinstance(work, Growth) else rounds + 1)


def _rounds(work: Workload | Growth, pace: Pace) -> int:
    return pace.of(work.rounds, QUICK_ROUNDS)


@contextmanager
def _named(what: str) -> Iterator[None]:
    """Whatever goes wrong becomes `RoundFailed`, with its place in front."""
    try:
        yield
    except (LeftOut, _Named):
        raise
    except Exception as error:
        raise _Named(f"{what}: {str(error) or type(error).__name__}") from error


class _Named(RoundFailed):
    """Says already where it happened."""
