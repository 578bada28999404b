"""`Stage`: a broker and an event loop for one workload, and what is started there."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import asyncpg
import uvloop
from pydantic import SecretStr

from accord.testing.brokers import KafkaBroker
from accord.testing.kafka import EmbeddedKafka
from accord.testing.kafka_distribution import KafkaNotAvailable
from accord.testing.process import GuardedProcess, ProcessFailed
from authors_service.settings import Settings
from authors_service.upkeep import migrate_database
from scripts.bench.bus.outbox import Outbox
from scripts.bench.bus.processes import PATIENCE_SECONDS, baseline, process_of
from scripts.bench.bus.projection import Projection
from scripts.bench.bus.topic import Topic
from scripts.bench.ground import Ground
from scripts.bench.workload import Figures, LeftOut
from scripts.service import Service

__all__ = ["Stage"]

_AUTHORS: Final = "library.authors"
_BOOKS: Final = "library.books"
_GROUP: Final = "authors-service"

Result = TypeVar("Result")


class Stage:
    """A context manager; all of it ends with the workload, in the opposite order.

    The broker is of its own: what a workload leaves in a topic would be read by the services of the next.
    """

    def __init__(self, ground: Ground, kafka: KafkaBroker | None = None) -> None:
        self.kafka = kafka or EmbeddedKafka(log=ground.logs / "kafka-bus.log")
        self._ground = ground
        self._loop = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        self._started = ExitStack()
        self._logs: set[Path] = set()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do something that waits."""
        return self._loop.run(work)

    def at_end(self, stop: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Wait for this when the stage is taken down."""
        self._started.callback(lambda: self.run(stop()))

    def connect(self, url: str) -> asyncpg.Connection:
        """A connection for the measurement itself."""
        connection = self.run(asyncpg.connect(url.replace("+asyncpg", "")))
        self.at_end(connection.close)
        return connection

    def database(self) -> str:
        """Create a database with the tables of the Authors Service; return its URL."""
        url = self._ground.database("bus")
        settings = Settings(database_url=SecretStr(url), kafka_bootstrap_servers=self.kafka.bootstrap_servers)
        self.run(migrate_database(settings))
        return url

    def topic(self, name: str, group: str) -> Topic:
        """Look at a topic as an observer of a group."""
        return self._started.enter_context(Topic(self.kafka.bootstrap_servers, name, group))

    def baseline(self, name: str, **settings: str) -> GuardedProcess:
        """Start a module of `scripts.bench.baselines`; a setting X is its BENCH_X."""
        log = self._ground.logs / f"{name}.log"
        return self._started.enter_context(
            baseline(name, log, kafka=self.kafka.bootstrap_servers, **settings)
        )

    def figures_of(self, name: str, **settings: str) -> Figures:
        """Run a baseline that measures itself, to its end, and return what it printed."""
        log = self._ground.logs / f"{name}.log"
        with baseline(name, log, kafka=self.kafka.bootstrap_servers, **settings) as process:
            if process.wait(PATIENCE_SECONDS):
                raise ProcessFailed(process.last_words())
        figures: dict[str, float] = json.loads(log.read_text().splitlines()[-1])
        return figures

    def service(self, name: str, url: str, **settings: str) -> Service:
        """Start one of the two services, ready or not; a setting X is its AUTHORS_X or BOOKS_X."""
        everything = {
            "DATABASE_URL": url,
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka.bootstrap_servers,
            **{key.upper(): value for key, value in settings.items()},
        }
        log = self._ground.logs / f"{name}-bus.log"
        self._logs.add(log)
        service = Service(name, settings=everything, preferred_port=0, log=log)
        self._started.callback(service.stop)
        service.start()
        return service

    def baseline_projection(self, name: str) -> Projection:
        """Start a baseline as the reader of a topic of its own."""
        url, topic, group = self.database(), f"{name}.books", f"{name}-service"
        process = self.baseline(name, database_url=url, topic=topic, group=group)
        return Projection(process, self.connect(url), self.topic(topic, group))

    def service_projection(self, url: str | None = None) -> Projection:
        """Start the Authors Service as the reader of books."""
        url = url or self.database()
        process = process_of(self.service("authors", url))
        return Projection(process, self.connect(url), self.topic(_BOOKS, _GROUP))

    def outbox(self) -> Outbox:
        """Start the Authors Service for its relay; return when it is ready."""
        url = self.database()
        # A group of its own: the embedded broker takes one member into each.
        service = self.service("authors", url, consumer_group="authors-relay")
        service.wait_until_ready()
        return Outbox(process_of(service), self.connect(url), self.topic(_AUTHORS, _GROUP))

    def __enter__(self) -> Self:
        try:
            self.kafka.start()
        except KafkaNotAvailable as missing:
            raise LeftOut(str(missing)) from None
        self._started.callback(self._loop.close)
        self._started.callback(self.kafka.stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._started.close()
        if kind is None:
            # A line for each of some million events, and all was well.
            for log in self._logs:
                log.unlink(missing_ok=True)
