"""What the rounds say: one contestant against another, in medians and ratios with their spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from scripts.bench.report.record import Measured, Run
from scripts.bench.workload import Measure

__all__ = ["Comparison", "Spread", "comparisons", "spread"]


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some rounds, their least and their greatest figure."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure of the first contestant, held against that of another.

    ``ratio`` is taken in each round, in which all contestants see the same machine, and only then summed up.
    ``target`` is None where nothing must be reached.
    """

    title: str
    measure: Measure
    name: str
    figure: Spread
    against: str
    other: Spread
    ratio: Spread
    target: float | None

    @property
    def work(self) -> str:
        """The title of the workload, with the name of the measure where nothing else tells it."""
        told = self.measure.name == "rate" or self.measure.name in self.title
        return self.title if told else f"{self.title} ({self.measure.name})"

    @property
    def reached(self) -> float | None:
        """How much of the target is reached: 1.0 is just enough, 2.0 twice as good as needed."""
        if self.target is None:
            return None
        least, found = self.target, self.ratio.median
        return found / least if self.measure.more_is_better else least / found

    @property
    def met(self) -> bool | None:
        """Whether the median meets the target, if there is one."""
        return None if self.reached is None else self.reached >= 1


def comparisons(run: Run, *, every: bool = False) -> Sequence[Comparison]:
    """All targets, and each contestant by the workload's first measure, or by every measure."""
    return [
        _compare(measured, measure, name, against)
        for measured in run.measured
        for name, *others in [list(measured.rounds)]
        for number, measure in enumerate(measured.measures)
        for against in others
        if every or number == 0 or any(target.against == against for target in measure.targets)
    ]


def spread(figures: Sequence[float]) -> Spread:
    """Sum up rounds; raises ValueError if there are none."""
    return Spread(median(figures), min(figures), max(figures))


def _compare(measured: Measured, measure: Measure, name: str, against: str) -> Comparison:
    figures = [each[measure.name] for each in measured.rounds[name]]
    others = [each[measure.name] for each in measured.rounds[against]]
    return Comparison(
        measured.title,
        measure,
        name,
        spread(figures),
        against,
        spread(others),
        spread([figure / other for figure, other in zip(figures, others, strict=True)]),
        next((target.ratio for target in measure.targets if target.against == against), None),
    )
