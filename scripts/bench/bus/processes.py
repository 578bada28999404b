"""Contestants as processes: started, frozen, waited for, and what they cost."""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from accord.testing.process import GuardedProcess, ProcessFailed
from scripts.bench.workload import RoundFailed
from scripts.service import Service

__all__ = ["PATIENCE_SECONDS", "baseline", "cpu_seconds", "frozen", "process_of", "resident", "until"]

PATIENCE_SECONDS = 120.0
POLL_SECONDS = 0.005
"""Each look costs the servers something; rounds take a hundred times as long."""


@contextmanager
def baseline(name: str, log: Path, **settings: str) -> Iterator[GuardedProcess]:
    """Run a module of `scripts.bench.baselines` until the end of the block; a setting X is its BENCH_X."""
    environment = {f"BENCH_{key.upper()}": value for key, value in settings.items()}
    process = GuardedProcess(
        [sys.executable, "-m", f"scripts.bench.baselines.{name}"], log=log, env=os.environ | environment
    )
    try:
        yield process.start()
    finally:
        process.stop()


@contextmanager
def frozen(processes: Sequence[GuardedProcess]) -> Iterator[None]:
    """Stop them where they are, and let them go on at the end of the block."""
    for process in processes:
        process.pause()
    try:
        yield
    finally:
        for process in processes:
            process.resume()


def process_of(service: Service) -> GuardedProcess:
    """The process that a service which was started runs in."""
    if service.process is None:
        raise ProcessFailed(f"the service {service.name} was not started")
    return service.process


async def until(
    condition: Callable[[], Awaitable[bool]],
    processes: Sequence[GuardedProcess],
    poll_seconds: float = POLL_SECONDS,
) -> None:
    """Ask again and again; raises `ProcessFailed` if a process ends, `RoundFailed` after too long."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await condition():
        for process in processes:
            if process.poll() is not None:
                raise ProcessFailed(f"it ended with {process.poll()}:\n{process.last_words()}")
            if time.monotonic() > deadline:
                words = process.last_words()
                raise RoundFailed(f"not done after {PATIENCE_SECONDS:g} s; its last words:\n{words}")
        await asyncio.sleep(poll_seconds)


def cpu_seconds(processes: Sequence[GuardedProcess]) -> float:
    """What they have used of the processors until now, in user and in kernel mode."""
    times = [psutil.Process(process.pid).cpu_times() for process in processes]
    return float(sum(each.user + each.system for each in times))


def resident(process: GuardedProcess) -> float:
    """Its memory at this moment, in MiB."""
    return float(psutil.Process(process.pid).memory_info().rss / 2**20)
