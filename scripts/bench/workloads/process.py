"""What a process of the service costs: how long until it is ready, how much memory it takes under load."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import psutil

from scripts.bench.ground import Ground
from scripts.bench.http.load import Load
from scripts.bench.http.servers import Contestant, authors_service, contestants
from scripts.bench.memory import peak
from scripts.bench.workload import Figures, Measure, Pace, Target, Workload
from scripts.bench.workloads.serving import create, read
from scripts.service import ROOT

__all__ = ["Memory", "Start"]

IMPORTS = "import fastapi, sqlalchemy, aiokafka"
LOADS = ((create, 201, 128), (read, 200, 16))
SECONDS = (1.0, 0.2)


class Memory(Workload):
    """Fresh processes; the figure of a round is the largest resident set since the start."""

    name = "memory"
    title = "memory under POST and GET"
    contestants = ("accord", "plain")
    measures = (Measure("memory", "MiB", more_is_better=False, targets=(Target("plain", 1.0),)),)
    rounds = 3

    @contextmanager
    def running(self, ground: Ground, pace: Pace) -> Iterator[Mapping[str, Callable[[], Figures]]]:
        with contestants(ground, self.contestants) as found:
            yield {name: partial(_fill_memory, each, pace) for name, each in found.items()}


class Start(Workload):
    """From the start of the process until /health/ready answers 200; its database is migrated before."""

    name = "start"
    title = "start of a service until it is ready"
    contestants = ("accord", "imports")
    measures = (Measure("start", "s", more_is_better=False, targets=(Target("imports", 2.0),)),)

    @contextmanager
    def running(self, ground: Ground, pace: Pace) -> Iterator[Mapping[str, Callable[[], Figures]]]:
        yield {"accord": partial(_start, ground, ground.database("start")), "imports": _import}


def _fill_memory(contestant: Contestant, pace: Pace) -> Figures:
    for requests, status, connections in LOADS:
        contestant.answer(Load(contestant.server.port, requests(), status, connections, pace.of(*SECONDS)))
    now = contestant.process.memory_info().rss / 2**20
    return {"memory": peak(contestant.process.pid) or now, "now": now}


def _start(ground: Ground, database: str) -> Figures:
    """The consumer group is a new one, so that the service may be killed: nobody waits for it any more."""
    service = authors_service(ground, database)
    try:
        service.start()
        began = psutil.Process(service.process.pid if service.process else 0).create_time()
        service.wait_until_ready()
        return {"start": time.time() - began}
    finally:
        service.kill()


def _import() -> Figures:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", IMPORTS], check=True, cwd=ROOT)
    return {"start": time.perf_counter() - began}
