"""`Faults`: carries out the plan, and undoes each blow after its time."""

import asyncio
import contextlib
import random
import time
from collections import defaultdict
from dataclasses import dataclass

import httpx
import psutil

from accord.testing.apache_kafka import ApacheKafka
from accord.testing.process import ProcessFailed
from scripts.chaos.plan import Blow, Fault
from scripts.chaos.proxy import Mode
from scripts.chaos.streams import repeat, rewind
from scripts.chaos.system import Replica, System

__all__ = ["Faults", "Struck", "bring_up"]

ALIVE_SECONDS = 90.0
CATCH_SECONDS = 30.0
"""Until a transaction comes by; the database may be away for other reasons."""

AT_ONCE = 2
TEARS = (Blow.KILL_OPEN, Blow.KILL_DONE, Blow.CUT_OPEN, Blow.CUT_DONE)
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

    async def repeat_at_last(self) -> None:
        """When nobody writes any more, nothing hides what an old record has done."""
        await self._at_once.acquire()
        await self._one(Fault(Blow.REPEAT, "kafka", self._now(), 0.0))

    def _now(self) -> float:
        return time.monotonic() - self._began

    async def _one(self, fault: Fault) -> None:
        try:
            async with contextlib.AsyncExitStack() as held:
                for place in self._touched(fault):
                    await held.enter_async_context(self._places[place])
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

    def _touched(self, fault: Fault) -> list[str]:
        """A connection of a dead process is no target either."""
        if fault.blow is Blow.REWIND:
            return [each.name for each in self._of(fault.target)]
        return [fault.target.partition("/")[0]]

    def _of(self, side: str) -> list[Replica]:
        return [each for each in self._system.replicas if each.service.name == side]

    async def _strike(self, fault: Fault) -> None:
        process, _, end = fault.target.partition("/")
        replica = next((each for each in self._system.replicas if each.name == process), None)
        if fault.blow is Blow.REPEAT:
            await asyncio.to_thread(repeat, self._system.bootstrap_servers, random.Random(repr(fault)))
        elif fault.blow is Blow.REWIND:
            await self._rewind(fault)
        elif replica is not None and fault.blow in TEARS:
            await self._tear(fault, replica)
        elif end and replica is not None:
            await self._disturb(fault, replica, end)
        elif fault.blow is Blow.PAUSE:
            await self._pause(fault, replica)
        elif replica is not None:
            await asyncio.to_thread(replica.service.kill)
            await self._come_back(replica, fault.hold_s)
        elif process == "postgres":
            await asyncio.to_thread(self._system.postgres.crash)
            await asyncio.sleep(fault.hold_s)
            await asyncio.to_thread(self._system.postgres.resume)
        elif isinstance(self._system.kafka, ApacheKafka):
            await asyncio.to_thread(self._system.kafka.kill)
            await asyncio.sleep(fault.hold_s)
            await asyncio.to_thread(self._system.kafka.restart)

    @staticmethod
    async def _come_back(replica: Replica, hold_s: float) -> None:
        await asyncio.sleep(hold_s)
        await bring_up(replica)

    async def _tear(self, fault: Fault, replica: Replica) -> None:
        """Catch transactions at their COMMIT, or at the answer to it, and let nobody hear of it."""
        proxy, until = replica.links["postgres"], time.monotonic() + fault.hold_s
        deadly = fault.blow in (Blow.KILL_OPEN, Blow.KILL_DONE)
        while True:
            try:
                async with asyncio.timeout(CATCH_SECONDS):
                    await proxy.catch_commit(passed_on=fault.blow in (Blow.KILL_DONE, Blow.CUT_DONE))
                if deadly:
                    await asyncio.to_thread(replica.service.kill)
            except TimeoutError:
                raise TimeoutError(f"no transaction came by in {CATCH_SECONDS:g} s") from None
            finally:
                proxy.release()
            if deadly:
                await self._come_back(replica, fault.hold_s)
            if time.monotonic() > until:
                return

    async def _rewind(self, fault: Fault) -> None:
        replicas = self._of(fault.target)
        await asyncio.gather(*(asyncio.to_thread(each.service.stop) for each in replicas))
        try:
            dice = random.Random(repr(fault))
            await asyncio.to_thread(rewind, self._system.bootstrap_servers, fault.target, dice)
            await asyncio.sleep(fault.hold_s)
        finally:
            await asyncio.gather(*(bring_up(each) for each in replicas))

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
