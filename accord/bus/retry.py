"""How often and how long to try again, as frozen data, and the loop that does it."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from accord.boundary import ContractViolation
from accord.bus.errors import Poison, Unavailable

__all__ = ["Backoff", "Interrupted", "RetryPolicy", "is_our_end", "retried", "when_available"]

Result = TypeVar("Result")

Sleep = Callable[[float], Awaitable[None]]
"""Waits so many seconds; raises `Interrupted` to give up, when the owner stops for example."""

Report = Callable[[Exception | None], None]
"""Told of each attempt that found a server away, and with None of the first success after one."""

Retrying = Callable[[Exception, int, float], None]
"""Told of an error, the number of the retry that follows (from 1), and the seconds until then."""


class Interrupted(BaseException):
    """A wait has ended early and the work is given up; no error, so that no handler of errors takes it."""


def is_our_end(error: BaseException) -> bool:
    """Whether a line that ``error`` has reached shall end: its owner said so, or the process is to end.

    A cancellation that nobody asked this task for is neither. A library cancelled work of its own that was
    waited for here, aiokafka for instance when it hangs up, and the line goes on like after any other error.
    Nor need one that was asked for arrive as such: what was waited for may make another error of it.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        return True
    return not isinstance(error, Exception | asyncio.CancelledError)


@dataclass(frozen=True, slots=True)
class Backoff:
    """Delays that double from ``first_s`` to ``cap_s``; ``jitter`` is the share that chance takes away."""

    first_s: float = 0.1
    cap_s: float = 10.0
    factor: float = 2.0
    jitter: float = 0.5

    def __post_init__(self) -> None:
        if not (0 <= self.first_s <= self.cap_s and self.factor >= 1 and 0 <= self.jitter <= 1):
            raise ValueError(f"no backoff: {self}")

    def delay_s(self, attempt: int, chance: Callable[[], float] = random.random) -> float:
        """Seconds to wait after failed attempt number ``attempt``, which counts from 0."""
        # Beyond 64 doublings any cap is reached; a float power would overflow in a long outage.
        full = min(self.cap_s, self.first_s * self.factor ** min(attempt, 64))
        return full * (1 - self.jitter * chance())


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """``retries`` after the first attempt for a handler that raises; no limit while a server is away."""

    retries: int = 3
    backoff: Backoff = Backoff(first_s=0.1, cap_s=5.0)
    outage: Backoff = Backoff(first_s=0.1, cap_s=5.0)


async def when_available(
    work: Callable[[], Awaitable[Result]], backoff: Backoff, sleep: Sleep, report: Report
) -> Result:
    """Do ``work`` until it raises something else than `Unavailable`, or nothing; return its result."""
    attempt = 0
    while True:
        try:
            result = await work()
        except Unavailable as error:
            report(error)
            await sleep(backoff.delay_s(attempt))
            attempt += 1
        else:
            if attempt:
                report(None)
            return result


async def retried(
    work: Callable[[], Awaitable[Result]],
    policy: RetryPolicy,
    sleep: Sleep,
    report: Report,
    retrying: Retrying,
) -> Result:
    """Do ``work``, again after an error that may pass; raises the last one when the retries are used up.

    `Poison` and `ContractViolation` never pass and are raised at once; `Unavailable` is waited out.
    """
    failed = 0
    while True:
        try:
            return await when_available(work, policy.outage, sleep, report)
        except (Poison, ContractViolation):
            raise
        except Exception as error:
            if failed >= policy.retries:
                raise
            delay_s = policy.backoff.delay_s(failed)
            failed += 1
            retrying(error, failed, delay_s)
            await sleep(delay_s)
