"""`Faults`: carries out the plan, and undoes each blow after its time."""

import asyncio
import contextlib
import time
from collections import defaultdict
from dataclasses import dataclass

import httpx
import psutil

from accord.testing.apache_kafka import ApacheKafka
from accord.testing.process import ProcessFailed
from scripts.chaos.plan import Blow, Fault
from scripts.chaos.proxy import Mode
from scripts.chaos.system import Replica, System

__all__ = ["Faults", "Struck", "bring_up"]

ALIVE_SECONDS = 90.0
AT_ONCE = 2
MODES = {Blow.CUT: Mode.CUT, Blow.SILENCE: Mode.SILENCE, Blow.DELAY: Mode.DELAY}


@dataclass(frozen=True)
class Struck:
    """A fault as it was: seconds since the beginning, and why the target did not come back, if so."""

    fault: Fault
    began_s: float
    ended_s: float
    failure: str = ""


class Faults:
    """Up to `AT_ONCE` faults at a time, never two on one target."""

    def __init__(self, system: System) -> None:
        self.struck: list[Struck] = []
        self.under_way: dict[str, Fault] = {}
        self._system = system
        self._began = 0.0
        self._places: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._at_once = asyncio.Semaphore(AT_ONCE)

    async def carry_out(self, plan: list[Fault], seconds: float) -> None:
        """Return when all are undone; those whose time has run out before their turn came are left out."""
        self._began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for fault in plan:
                await asyncio.sleep(max(0.0, fault.at_s - self._now()))
                await self._at_once.acquire()
                if self._now() > seconds:
                    return
                group.create_task(self._one(fault))

    def _now(self) -> float:
        return time.monotonic() - self._began

    async def _one(self, fault: Fault) -> None:
        try:
            # A connection of a dead process is no target either.
            async with self._places[fault.target.partition("/")[0]]:
                began_s = self._now()
                self.under_way[fault.target] = fault
                failure = ""
                try:
                    await self._strike(fault)
                except (ProcessFailed, TimeoutError, psutil.Error) as error:
                    failure = str(error) or type(error).__name__
                finally:
                    self.under_way.pop(fault.target, None)
                self.struck.append(Struck(fault, began_s, self._now(), failure))
        finally:
            self._at_once.release()

    async def _strike(self, fault: Fault) -> None:
        process, _, end = fault.target.partition("/")
        replica = next((each for each in self._system.replicas if each.name == process), None)
        if end and replica is not None:
            await self._disturb(fault, replica, end)
        elif fault.blow is Blow.PAUSE:
            await self._pause(fault, replica)
        elif replica is not None:
            if replica.service.process:
                await asyncio.to_thread(replica.service.process.kill)
            await asyncio.sleep(fault.hold_s)
            await bring_up(replica)
        elif process == "postgres":
            await asyncio.to_thread(self._system.postgres.crash)
            await asyncio.sleep(fault.hold_s)
            await asyncio.to_thread(self._system.postgres.resume)
        elif isinstance(self._system.kafka, ApacheKafka):
            await asyncio.to_thread(self._system.kafka.kill)
            await asyncio.sleep(fault.hold_s)
            await asyncio.to_thread(self._system.kafka.restart)

    async def _disturb(self, fault: Fault, replica: Replica, end: str) -> None:
        proxy = replica.links[end]
        proxy.become(MODES[fault.blow], fault.delay_s)
        try:
            await asyncio.sleep(fault.hold_s)
        finally:
            proxy.become(Mode.PASS)

    async def _pause(self, fault: Fault, replica: Replica | None) -> None:
        server = self._system.kafka if fault.target == "kafka" else self._system.postgres
        pid = replica.pid if replica else server.pid if server else 0
        frozen = _family(pid)
        for process in frozen:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.suspend()
        try:
            await asyncio.sleep(fault.hold_s)
        finally:
            for process in frozen:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.resume()


async def bring_up(replica: Replica) -> None:
    """Start a service as a supervisor would, again and again, until it answers; raises TimeoutError."""
    async with asyncio.timeout(ALIVE_SECONDS), httpx.AsyncClient(timeout=1.0) as client:
        while True:
            if not replica.pid:
                await asyncio.to_thread(replica.service.start)
            try:
                if (await client.get(f"{replica.service.url}/health/live")).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


def _family(pid: int) -> list[psutil.Process]:
    """A process with its children, each of which PostgreSQL puts into a group of its own."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]
