"""Running a command as a whole process, and what it cost."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.bench.memory import peak

__all__ = ["Contestant", "Cost", "measure"]

LIMIT = 300
"""Seconds; a command that takes longer is given up."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock, and the largest resident set of the process in MiB; no children of its own."""

    seconds: float
    memory: float


@dataclass(frozen=True, slots=True)
class Contestant:
    """A command that runs in a folder; ``before`` brings the folder into the state that is measured.

    ``fine`` are the exit statuses of a run that did its work: a comparison that finds something ends with 1.
    """

    name: str
    command: Sequence[str]
    folder: Path
    before: Callable[[], None] = lambda: None
    fine: tuple[int, ...] = (0,)

    def run(self) -> Cost:
        """Run it once; raises RuntimeError with what it printed if it fails."""
        self.before()
        with (self.folder / "printed.log").open("w+b") as printed:
            began = time.perf_counter()
            process = subprocess.Popen(self.command, cwd=self.folder, stdout=printed, stderr=printed)
            deadline = began + LIMIT
            memory = 0.0
            while True:
                memory = max(memory, peak(process.pid))
                waited, status, usage = os.wait4(process.pid, os.WNOHANG)
                if waited:
                    break
                if time.perf_counter() > deadline:
                    process.kill()
                time.sleep(0.001)
            seconds = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode not in self.fine:
                printed.seek(0)
                said = printed.read().decode(errors="replace")[-2_000:]
                raise RuntimeError(f"{self.name} ended with {process.returncode}:\n{said}")
        # What the kernel sums up at the end includes what the process was before it became the command: a
        # copy of this one.
        return Cost(seconds, memory or usage.ru_maxrss / 1024)


def measure(contestants: Sequence[Contestant], rounds: int, progress: Callable[[], None]) -> dict[str, Cost]:
    """Run all of them in turn, round by round, once to warm up; return medians by name."""
    costs: dict[str, list[Cost]] = {contestant.name: [] for contestant in contestants}
    for number in range(rounds + 1):
        for contestant in contestants:
            cost = contestant.run()
            if number:
                costs[contestant.name].append(cost)
            progress()
    return {
        name: Cost(
            statistics.median(cost.seconds for cost in found),
            statistics.median(cost.memory for cost in found),
        )
        for name, found in costs.items()
    }
