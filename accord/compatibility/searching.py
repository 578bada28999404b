"""Bounded search for a value of a schema that a predicate accepts: Hypothesis over Schemathesis' generator.

Both are heavy and optional (the extra ``witnesses``), so they are imported when the first search begins. The
generator is no public interface of Schemathesis, so it is called in one place only.
"""

import time
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from accord.compatibility.documents import OutOfReach
from accord.compatibility.formats import ASSERTED, texts

__all__ = ["search", "values_of"]

EXAMPLES: Final = 200
SECONDS: Final = 0.8
"""A search ends after this many values or seconds, whatever comes first; most need a few milliseconds."""


def search(document: dict[str, Any], wanted: Callable[[Any], bool], seconds: float = SECONDS) -> Any:
    """Return the smallest value found; raises `OutOfReach` where none was found, or nothing could search."""
    try:
        values = values_of(document)
    except ImportError:
        raise OutOfReach(
            "Hypothesis and Schemathesis are not installed to search: pip install 'accord[witnesses]'"
        ) from None
    return _find(values, wanted, time.monotonic() + seconds)


def values_of(document: dict[str, Any]) -> Any:
    """The strategy for the values of a schema; raises `OutOfReach`. Only this knows the generator."""
    from schemathesis.core.errors import InvalidSchema, UnsupportedSchema
    from schemathesis.generation.jsonschema.builder import build

    try:
        return build(document, draft=20, formats=_formats())
    except (InvalidSchema, UnsupportedSchema) as error:
        raise OutOfReach("no values can be generated for it") from error


@cache
def _formats() -> dict[str, Any]:
    from hypothesis import strategies

    lengths = frozenset({*range(1, 12), 20, 40, 80})
    return {name: strategies.sampled_from(list(texts(name, lengths))) for name in sorted(ASSERTED)}


class _TimeIsUp(BaseException):
    """No `Exception`, which Hypothesis would take for a value of interest and shrink."""


def _find(values: Any, wanted: Callable[[Any], bool], deadline: float) -> Any:
    from hypothesis import HealthCheck, Phase, find, settings
    from hypothesis.errors import HypothesisException
    from hypothesis.strategies import composite

    best: list[Any] = []

    @composite
    def in_time(draw: Callable[[Any], Any]) -> Any:
        if time.monotonic() > deadline:
            raise _TimeIsUp
        return draw(values)

    def condition(value: Any) -> bool:
        if wanted(value):
            best[:] = [value]
            return True
        return False

    quiet = settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        # The other health checks end a search whose values are too slow or too rare.
        suppress_health_check=[HealthCheck.nested_given],
    )
    try:
        return find(in_time(), condition, settings=quiet)
    except (_TimeIsUp, HypothesisException, ValueError, RecursionError):
        if best:
            return best[0]
    raise OutOfReach(f"no value was found that shows a difference, among {EXAMPLES} at most")
