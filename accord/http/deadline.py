"""Waiting until a deadline, which is set only where there is something to wait for."""

import asyncio
from collections.abc import Awaitable, Generator
from functools import partial
from types import coroutine
from typing import Any, TypeVar

__all__ = ["wait_until"]

Result = TypeVar("Result")


async def wait_until(deadline: float, awaitable: Awaitable[Result]) -> Result:
    """Await it; raises TimeoutError if that takes until ``deadline``, a time of the loop.

    What is there at once takes no timer: `asyncio.timeout_at` costs more than the reading of a small body.
    """
    begun = awaitable.__await__()
    try:
        waits_for = begun.send(None)
    except StopIteration as ended:
        result: Result = ended.value
        return result
    async with asyncio.timeout_at(deadline):
        return await _rest(begun, waits_for)


@coroutine
def _rest(begun: Generator[Any, None, Result], waits_for: Any) -> Generator[Any, None, Result]:
    """What is left of something that was begun, and waits for this."""
    while True:
        try:
            yield waits_for
        except BaseException as error:  # noqa: BLE001  # a cancellation, say: it is for what was begun
            go_on = partial(begun.throw, error)
        else:
            go_on = partial(begun.send, None)
        try:
            waits_for = go_on()
        except StopIteration as ended:
            result: Result = ended.value
            return result
