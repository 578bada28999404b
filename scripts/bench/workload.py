"""What a benchmark is made of: a workload, those who do it side by side, and what must be reached."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeVar

from scripts.bench.ground import Ground

__all__ = ["Figures", "Growth", "LeftOut", "Measure", "Pace", "RoundFailed", "Target", "Workload"]

T = TypeVar("T")

Figures = Mapping[str, float]
"""What one round gave, by the names of the workload's measures. Others are kept in the JSON file only."""


class RoundFailed(RuntimeError):
    """A contestant died, or answered what it should not; the message says which, and ends with its log."""


class LeftOut(Exception):
    """What a workload needs is not on this machine; the message says what. Raised by `Workload.running`."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the first contestant's figure, divided by that of ``against``, must reach.

    It is the least ratio where more is better, and the greatest where less is.
    """

    against: str
    ratio: float


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of a round, such as ``Measure("rate", "requests/s")``, and its targets."""

    name: str
    unit: str
    more_is_better: bool = True
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Pace:
    """How thoroughly it is measured; what is quick is there to be run, not to be believed."""

    quick: bool = False

    def of(self, full: T, quick: T) -> T:
        """Choose between two numbers of seconds, rows, rounds."""
        return quick if self.quick else full


class Workload(ABC):
    """Work that several contestants do, each in its turn, round by round.

    The first contestant is what is held against the others: ``accord``, as a rule. ``rounds`` are those of a
    full run that count, after one to warm up; a quick run has two.
    """

    name: str
    """For ``--only``, and in the JSON file."""
    title: str
    """In the table: "POST /authors, 16 connections"."""
    contestants: Sequence[str]
    measures: Sequence[Measure]
    rounds: int = 5

    @abstractmethod
    def running(
        self, ground: Ground, pace: Pace
    ) -> AbstractContextManager[Mapping[str, Callable[[], Figures]]]:
        """Start what is needed; give each contestant's way to do one round; stop it all at the end.

        A round takes some seconds at most, leaves nothing running, and raises whatever goes wrong: it is told
        with the contestant's name (`accord.testing.process.ProcessFailed` has the end of the log).
        """


class Growth(ABC):
    """How figures of one or more contestants change while something grows; charted, and without a target."""

    name: str
    title: str
    size: str
    """What grows: "rows in the cache"."""
    contestants: Sequence[str]
    measures: Sequence[Measure]
    rounds: int = 3

    @abstractmethod
    def sizes(self, pace: Pace) -> Sequence[int]:
        """From the smallest to the greatest."""

    @abstractmethod
    def running(
        self, ground: Ground, pace: Pace
    ) -> AbstractContextManager[Mapping[str, Callable[[int], Figures]]]:
        """As of a workload; a call measures once at a size.

        Sizes come in their order, and each several times: the first call lets things grow.
        """
