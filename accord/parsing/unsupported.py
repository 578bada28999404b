"""What stops one part of a spec from being generated, while the rest is."""

from collections.abc import Iterator
from contextlib import contextmanager

from accord.parsing.nodes import Node
from accord.parsing.references import Specs

__all__ = ["Unsupported", "leaving_out"]


class Unsupported(Exception):
    """The part around ``place`` cannot be generated; the sentence says why, and the remedy."""

    def __init__(self, place: Node, sentence: str) -> None:
        self.place = place
        self.sentence = sentence
        super().__init__(sentence)


@contextmanager
def leaving_out(specs: Specs, what: str) -> Iterator[None]:
    """Note as a warning what is unsupported in the body; ``what`` is left out because of it."""
    try:
        yield
    except Unsupported as error:
        specs.warn(error.place.location, "unsupported", f"{error.sentence}; {what} is left out")
