"""Waiting until a deadline is plain awaiting, but for the deadline."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.http.deadline import wait_until


def soon() -> float:
    return asyncio.get_running_loop().time() + 0.02


async def steps(count: int, end: Any) -> Any:
    for number in range(count):
        await asyncio.sleep(0 if number % 2 else 0.0001)
    if isinstance(end, Exception):
        raise end
    return end


@settings(deadline=None)
@given(st.integers(0, 4), st.integers() | st.builds(LookupError))
async def test_the_outcome_is_that_of_what_is_awaited(count: int, end: Any) -> None:
    deadline = asyncio.get_running_loop().time() + 10
    outcomes = await asyncio.gather(
        wait_until(deadline, steps(count, end)), steps(count, end), return_exceptions=True
    )
    assert list(outcomes) == [end, end]


async def test_what_does_not_come_is_a_timeout_and_gives_up_what_it_holds() -> None:
    lock = asyncio.Lock()

    async def hold() -> None:
        async with lock:
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await wait_until(soon(), hold())
    assert not lock.locked()


async def test_what_is_there_at_once_comes_even_after_the_deadline() -> None:
    assert await wait_until(0, steps(0, 7)) == 7


async def test_a_cancellation_arrives_where_it_waits_and_is_no_timeout() -> None:
    seen: list[BaseException] = []

    async def wait() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError as error:
            seen.append(error)
            await asyncio.sleep(0)  # whoever is cancelled may tidy up first
            raise

    task = asyncio.create_task(wait_until(asyncio.get_running_loop().time() + 60, wait()))
    await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(seen) == 1
