"""`Run`: all rounds of a run as they were, and their JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from scripts.bench.workload import Figures, Measure

__all__ = ["Grown", "Measured", "NoRun", "Point", "Run", "load", "save"]


class NoRun(ValueError):
    """The file is not what `save` wrote."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A workload: by contestant, the figures of each round that counts; round n of all is one moment.

    ``seconds`` is how long all of it took.
    """

    name: str
    title: str
    measures: tuple[Measure, ...]
    rounds: Mapping[str, Sequence[Figures]]
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Point:
    """The figures of each round at one size."""

    size: int
    rounds: Sequence[Figures]


@dataclass(frozen=True, slots=True)
class Grown:
    """A growth: by contestant, its points from the smallest size to the greatest."""

    name: str
    title: str
    size: str
    measures: tuple[Measure, ...]
    points: Mapping[str, Sequence[Point]]
    seconds: float = 0.0


@dataclass(slots=True)
class Run:
    """When, what and on which machine it was, and what was found."""

    date: str
    commit: str
    quick: bool
    machine: Mapping[str, str]
    measured: list[Measured] = field(default_factory=list)
    grown: list[Grown] = field(default_factory=list)


_RUN = TypeAdapter(Run)


def save(run: Run, path: Path) -> None:
    """Write the file, and its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_RUN.dump_json(run, indent=1) + b"\n")


def load(path: Path) -> Run:
    """Read what `save` wrote; raises `NoRun`, or OSError."""
    try:
        return _RUN.validate_json(path.read_bytes())
    except ValidationError as error:
        raise NoRun(f"{path} is no result of this benchmark: {error}") from None
