"""`Run`: load, faults, recovery and judgement, one after the other."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from scripts.chaos.clients import Clients
from scripts.chaos.faults import Faults, Struck
from scripts.chaos.judge import judge
from scripts.chaos.ledger import Ledger
from scripts.chaos.plan import draw
from scripts.chaos.recovery import Recovery, databases, recover
from scripts.chaos.snapshot import take
from scripts.chaos.system import System
from scripts.chaos.verdict import Verdict
from scripts.chaos.world import World
from scripts.chaos.writer import Writer

__all__ = ["Options", "Result", "Run"]

BREATH_S = 0.1
"""How long a client rests after nobody answered it, or with 503 alone."""


@dataclass(frozen=True)
class Options:
    """What was asked for; ``rate`` is in requests per second over all clients."""

    seconds: float
    seed: int
    clients: int
    rate: float
    kafka: str
    folder: Path
    patience_s: float
    """How long a recovery may take."""


@dataclass
class Result:
    """What came of a run; ``whole`` tells if the streams could be judged from their beginning."""

    options: Options
    struck: list[Struck]
    ledger: Ledger
    load_s: float
    recovery: Recovery
    verdict: Verdict
    whole: bool

    @property
    def failures(self) -> list[str]:
        """What went wrong besides the five counts."""
        lines = [
            f"{each.fault.kind} {each.fault.target}: {each.failure}" for each in self.struck if each.failure
        ]
        lines += [f"after {self.recovery.seconds:.0f} s: {line}" for line in self.recovery.outstanding]
        return lines + [f"{name} had ended by itself" for name in self.recovery.fallen]

    @property
    def holds(self) -> bool:
        """Whether the promise was kept."""
        return self.verdict.holds and not self.failures


@dataclass
class Run:
    """One run over a system that is up; its attributes tell how far it is."""

    options: Options
    system: System
    ledger: Ledger = field(default_factory=Ledger)
    phase: str = "load"

    def __post_init__(self) -> None:
        self.faults = Faults(self.system)

    async def carry_out(self, show: Callable[["Run"], None]) -> Result:
        """Return the result; ``show`` is called again and again meanwhile."""
        showing = asyncio.create_task(self._show(show))
        try:
            await self._load_and_break()
            load_s = self.elapsed_s
            self.phase = "recovery"
            recovery = await recover(self.system, self.options.patience_s)
            self.phase = "judgement"
            snapshot = await take(databases(self.system), self.system.bootstrap_servers)
            verdict = await asyncio.to_thread(judge, self.ledger, snapshot)
        finally:
            showing.cancel()
        return Result(
            self.options,
            self.faults.struck,
            self.ledger,
            load_s,
            recovery,
            verdict,
            snapshot.whole,
        )

    @property
    def elapsed_s(self) -> float:
        """Seconds since the first write."""
        return time.monotonic() - self.ledger.began

    async def _load_and_break(self) -> None:
        links = [f"{replica.name}/{end}" for replica in self.system.replicas for end in replica.links]
        plan = draw(
            self.options.seed,
            self.options.seconds,
            [replica.name for replica in self.system.replicas],
            links,
            real=self.system.real,
        )
        world = World()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.faults.carry_out(plan, self.options.seconds))
            for number in range(self.options.clients):
                group.create_task(self._client(number, world))
        await self.faults.repeat_at_last()

    async def _client(self, number: int, world: World) -> None:
        """Keep its share of the rate, without making up for what an outage took."""
        pause_s = self.options.clients / self.options.rate
        dice = random.Random(f"{self.options.seed} {number}")
        due = self.ledger.began + pause_s * dice.random()
        async with Clients(self.system.urls, first=number) as clients:
            writer = Writer(clients, self.ledger, world, dice)
            while self.elapsed_s < self.options.seconds:
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                answered = await writer.write()
                if not answered:
                    await asyncio.sleep(BREATH_S)
                due = max(due + pause_s, time.monotonic() - 1.0)

    async def _show(self, show: Callable[["Run"], None]) -> None:
        while True:
            show(self)
            await asyncio.sleep(0.5)
