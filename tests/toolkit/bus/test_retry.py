"""Backoff and retries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.bus.errors import Poison, Unavailable
from accord.bus.retry import Backoff, RetryPolicy, retried

SECONDS = st.floats(0, 1000)


@given(SECONDS, SECONDS, st.floats(1, 10), st.floats(0, 1), st.integers(0, 10_000), st.floats(0, 1))
def test_a_delay_never_exceeds_the_cap_and_never_falls_below_what_jitter_takes(
    first: float, more: float, factor: float, jitter: float, attempt: int, chance: float
) -> None:
    backoff = Backoff(first, first + more, factor, jitter)
    delay = backoff.delay_s(attempt, lambda: chance)
    assert first * (1 - jitter) * 0.999 <= delay <= first + more


def test_delays_double_up_to_the_cap() -> None:
    backoff = Backoff(first_s=1, cap_s=10, jitter=0)
    assert [backoff.delay_s(attempt) for attempt in range(6)] == [1, 2, 4, 8, 10, 10]


@pytest.mark.parametrize("wrong", [(-1, 1), (2, 1), (1, 1, 0.5), (1, 1, 2, 1.5)])
def test_a_backoff_that_makes_no_sense_is_refused(wrong: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="no backoff"):
        Backoff(*wrong)


@given(st.lists(st.sampled_from(["error", "away", "poison", "fine"]), max_size=12), st.integers(0, 4))
async def test_errors_are_counted_and_absence_is_not(script: list[str], retries: int) -> None:
    """Tries stop at the first poison or success, or at error number retries + 1; absence never stops them."""
    errors = {"error": RuntimeError(), "away": Unavailable(), "poison": Poison()}
    ahead = [*script, "fine"]
    tries: list[str] = []
    reports: list[bool] = []
    slept = 0

    async def work() -> str:
        tries.append(ahead.pop(0))
        if tries[-1] != "fine":
            raise errors[tries[-1]]
        return "done"

    async def sleep(_seconds: float) -> None:
        nonlocal slept
        slept += 1

    def report(error: Exception | None) -> None:
        reports.append(error is not None)

    policy = RetryPolicy(retries=retries)
    try:
        outcome = await retried(work, policy, sleep, report, lambda *_: None)
    except (RuntimeError, Poison) as error:
        outcome = type(error).__name__
    expected = {"fine": "done", "error": "RuntimeError", "poison": "Poison"}[tries[-1]]
    assert outcome == expected
    assert tries.count("error") <= retries + 1
    if outcome == "RuntimeError":
        assert tries.count("error") == retries + 1
    assert slept == len(tries) - 1
    assert reports.count(True) == tries.count("away")
