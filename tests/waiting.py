"""Waiting for what happens elsewhere, with a bound."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from accord.http.client import Failure, UnexpectedResponse

__all__ = ["eventually"]


async def eventually(true: Callable[[], Awaitable[bool]], within: float = 15.0) -> None:
    """Return once ``true()`` holds; a refusal by a service counts as not yet.

    Raises AssertionError if that takes longer than ``within`` seconds.
    """
    deadline = time.monotonic() + within
    last = "it never held"
    while time.monotonic() < deadline:
        try:
            if await true():
                return
        except (Failure, UnexpectedResponse) as error:
            last = str(error)
        await asyncio.sleep(0.05)
    raise AssertionError(f"not within {within:g} s: {last}")
