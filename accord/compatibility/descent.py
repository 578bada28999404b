"""What the parts of the descent share: an answer, and the questions that they may ask while they go down."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from accord.compatibility.alternatives import Alternative, Parts
from accord.compatibility.arbiter import Arbiter
from accord.compatibility.documents import Schema
from accord.compatibility.samples import Sampler

__all__ = ["COVERED", "Answer", "Descent", "all_of"]


@dataclass(frozen=True, slots=True)
class Answer:
    """``covered`` is a proof, ``refuted`` a value that tells the two apart; else ``reason`` says why not.

    ``path`` leads to the place that stayed open, ``*`` standing for any item or name.
    """

    covered: bool = False
    refuted: tuple[Any, ...] = ()
    reason: str = ""
    path: tuple[str, ...] = ()

    def below(self, *step: str) -> "Answer":
        """The same, seen from one level further out."""
        return replace(self, path=(*step, *self.path))


COVERED: Final = Answer(covered=True)


class Descent(Protocol):
    """The questions; ``one`` is always an alternative of the writer, at the level of the reader's schema."""

    arbiter: Arbiter
    sampler: Sampler

    def covers(self, reader: Schema, writer: Parts) -> Answer:
        """Whether the reader's schema admits all that the writer's parts admit, for a value further down."""
        ...

    def within(self, reader: Schema, one: Alternative) -> Answer:
        """Whether the reader's schema admits all of the alternative, for the same value."""
        ...

    def expand(self, parts: Parts) -> list[Alternative]:
        """The alternatives of parts; raises `OutOfReach`."""
        ...

    def extended(self, one: Alternative, node: Schema) -> list[Alternative]:
        """The alternative with one more demand; raises `OutOfReach`."""
        ...

    def disjoint(self, one: Alternative, node: Schema) -> bool:
        """Whether it is certain that no value fits both."""
        ...

    def shown_by(self, candidates: Iterable[Any], reader: Schema, one: Alternative) -> Answer | None:
        """The first candidate that the writer admits and the reader refuses."""
        ...

    def undecided(self, reader: Schema, one: Alternative, reason: str) -> Answer:
        """What is left where structure does not decide: the algebra, then search."""
        ...


def all_of(answers: Iterable[Answer]) -> Answer:
    """Covered if all are; the first that is refuted ends it, one that is open waits for that."""
    waiting: Answer | None = None
    for answer in answers:
        if answer.refuted:
            return answer
        if not answer.covered and waiting is None:
            waiting = answer
    return waiting or COVERED
