"""Running the state machine: servers, seed and number of examples around it."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
import uvloop
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from accord.testing.postgres import EmbeddedPostgres
from tests.end_to_end.convergence.machine import Convergence
from tests.end_to_end.convergence.pair import open_pair

__all__ = ["STEPS", "prove"]

STEPS = 25
"""The most that happens in one example before everything arrives."""


def prove(
    postgres: EmbeddedPostgres,
    examples: int,
    number: int,
    on_example: Callable[[Counter[str]], None] = lambda counts: None,
    steps: int = STEPS,
) -> Counter[str]:
    """Try ``examples`` stories drawn from the seed ``number``; raises what the shortest bad one ends with.

    Answers what all of them together did, and tells ``on_example`` so after each one.
    """
    counts: Counter[str] = Counter()

    @seed(number)
    class Seeded(Convergence):
        pass

    authors_url = postgres.create_database("convergence_authors")
    books_url = postgres.create_database("convergence_books")
    with _silence(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        opened = open_pair(authors_url, books_url)
        Seeded.runner, Seeded.counts = runner, counts
        Seeded.on_example = lambda: on_example(counts)
        Seeded.pair = runner.run(opened.__aenter__())
        try:
            run_state_machine_as_test(
                Seeded,
                settings=settings(
                    max_examples=examples,
                    stateful_step_count=steps,
                    database=None,
                    deadline=None,
                    report_multiple_bugs=False,
                    phases=[Phase.generate, Phase.shrink],
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(opened.__aexit__(None, None, None))
            postgres.drop_database("convergence_authors")
            postgres.drop_database("convergence_books")
    return counts


@contextmanager
def _silence() -> Iterator[None]:
    """Log nothing: the story of a failure is told by its steps, and thousands of examples are many lines."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)
