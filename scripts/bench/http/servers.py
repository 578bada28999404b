"""The contestants over HTTP: the Authors Service as it is, and the baselines under the same uvicorn."""

import secrets
import time
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psutil

from accord.testing.process import ProcessFailed
from scripts.bench.ground import Ground
from scripts.bench.http.database import ask, tell
from scripts.bench.http.load import Answers, Load, WrongAnswer, run
from scripts.logs import last_lines
from scripts.service import HOST, Server, Service

__all__ = ["AUTHORS", "BOOKS", "Contestant", "all_contestants", "authors_service", "contestants"]

AUTHORS, BOOKS = 10_000, 1_000
"""How many each database has from the beginning; their ids begin at 1."""

_FILL = """
INSERT INTO authors (name, nationality, biography, version, created_at, updated_at)
SELECT 'Author ' || n, 'American', 'Wrote of Earthsea and the Hainish worlds.', 1, now(), now()
FROM generate_series(1, {count}) AS n
"""
_BOOKS = {
    "accord": "INSERT INTO books_cache (book_id, title, version, created_at, updated_at) "
    f"SELECT n, 'Book ' || n, 1, now(), now() FROM generate_series(1, {BOOKS}) AS n",
    "plain": f"INSERT INTO books (title) SELECT 'Book ' || n FROM generate_series(1, {BOOKS}) AS n",
}
_UVICORN = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")
LAG_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Contestant:
    """A server and its database, the URL of which is empty if it has none."""

    name: str
    server: Server
    database: str

    def answer(self, load: Load) -> Mapping[str, float]:
        """One round: figures of the load, and microseconds of processor time that the server took a request.

        ``behind`` is how many seconds the outbox took afterwards to become empty; waiting for it keeps one
        contestant's leftovers out of the next one's round. Raises `ProcessFailed` with the end of its log.
        """
        process = self.process
        before = _spent(process)
        try:
            answers = run(load)
        except (OSError, WrongAnswer) as error:
            words = "\n".join(last_lines(self.server.log, 20))
            raise ProcessFailed(f"{error}\nThe end of {self.server.log}:\n{words}") from error
        spent = _spent(process) - before
        return _figures(answers, spent) | {"behind": self._settle()}

    @property
    def process(self) -> psutil.Process:
        """Raises `ProcessFailed` if it does not run."""
        found = self.server.process
        if found is None or found.poll() is not None:
            words = "\n".join(last_lines(self.server.log, 20))
            raise ProcessFailed(f"it has ended; the end of {self.server.log}:\n{words}")
        return psutil.Process(found.pid)

    def fill(self, authors: int) -> None:
        """Add authors."""
        tell(self.database, _FILL.format(count=authors))
        self.tidy()

    def tidy(self) -> None:
        """Let PostgreSQL do now what it would do later behind all that was written, in somebody's round."""
        if self.database:
            tell(self.database, "VACUUM (ANALYZE)", "CHECKPOINT")

    def _settle(self) -> float:
        """Wait until the relay of Accord has sent everything; of bare, which has none, empty the outbox."""
        began = time.monotonic()
        if self.name == "bare":
            tell(self.database, "TRUNCATE outbox")
        while self.name == "accord" and ask(self.database, "SELECT EXISTS (SELECT FROM outbox)"):
            if time.monotonic() - began > LAG_SECONDS:
                raise ProcessFailed(f"its outbox is not empty {LAG_SECONDS:g} s after the load")
            time.sleep(0.02)
        return time.monotonic() - began


@contextmanager
def all_contestants(ground: Ground) -> Iterator[Mapping[str, Contestant]]:
    """For `Ground.keep`: what all workloads share that do not ask for a fresh process."""
    with contestants(ground, ("accord", "plain", "bare", "asgi")) as found:
        yield found


@contextmanager
def contestants(ground: Ground, names: Collection[str]) -> Iterator[Mapping[str, Contestant]]:
    """Start them side by side, each over its own database with some authors and books in it."""
    found = {name: _contestant(ground, name) for name in names}
    with ExitStack() as running, ThreadPoolExecutor(len(found)) as threads:
        for each in found.values():
            running.callback(each.server.stop)
            each.server.start()
        list(threads.map(lambda each: each.server.wait_until_ready(), found.values()))
        for name, each in found.items():
            if each.database:
                each.fill(AUTHORS)
            if name in _BOOKS:
                tell(each.database, _BOOKS[name])
        yield found


def authors_service(ground: Ground, database: str) -> Service:
    """The real one, all of it switched on; its consumer group is its own, since several run at a time."""
    group = f"accord-{secrets.token_hex(4)}"
    settings = {
        "DATABASE_URL": database,
        "KAFKA_BOOTSTRAP_SERVERS": ground.kafka.bootstrap_servers,
        "CONSUMER_GROUP": group,
    }
    return Service("authors", settings=settings, preferred_port=0, log=ground.logs / f"{group}.log")


def _contestant(ground: Ground, name: str) -> Contestant:
    database = "" if name == "asgi" else ground.database(name)
    if name == "accord":
        return Contestant(name, authors_service(ground, database), database)
    module = f"scripts.bench.baselines.{name}"
    what = (f"{module}:app",) if name == "asgi" else (f"{module}:create_app", "--factory")
    environment = {
        "UVICORN_HOST": HOST,
        "DATABASE_URL": database,
        "KAFKA_BOOTSTRAP_SERVERS": ground.kafka.bootstrap_servers,
    }
    server = Server(
        name,
        ("-m", "uvicorn", *what, *_UVICORN),
        environment,
        port_variable="UVICORN_PORT",
        log=ground.logs / f"{name}.log",
    )
    return Contestant(name, server, database)


def _spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _figures(answers: Answers, spent: float) -> dict[str, float]:
    return {
        "rate": answers.rate,
        "p50": answers.p50,
        "p99": answers.p99,
        "cpu": spent / answers.count * 1e6,
        "load": answers.cost_us,
    }
