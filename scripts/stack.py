"""`Stack`: PostgreSQL, Kafka and both services on this machine, up together and down together."""

import fcntl
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from accord.testing.brokers import KafkaBroker
from accord.testing.kafka import EmbeddedKafka
from accord.testing.postgres import EmbeddedPostgres
from accord.testing.process import GuardedProcess
from scripts.addresses import Addresses
from scripts.service import ROOT, Service

__all__ = ["FOLDER", "AlreadyRunning", "Stack"]

FOLDER = ROOT / ".accord"
PREFERRED_PORTS = {"authors": 8001, "books": 8002}


class AlreadyRunning(RuntimeError):
    """Another stack uses the same folder."""


class Stack:
    """A context manager; everything in it ends with it, and with the process that holds it, even when killed.

    ``folder`` gets ``stack.env`` while the stack is up, and the logs. All data are temporary: Kafka keeps its
    records in memory, and databases that remembered more than the streams do would contradict them.
    ``settings`` go to both services, such as ``{"LOG_LEVEL": "debug"}``; ``kafka`` is another broker to start
    and stop with the rest instead of the embedded one. ``ports`` are taken where they are free.
    """

    def __init__(
        self,
        folder: Path = FOLDER,
        settings: Mapping[str, str] | None = None,
        kafka: KafkaBroker | None = None,
        ports: Mapping[str, int] = PREFERRED_PORTS,
    ) -> None:
        self.folder = folder
        self.logs = folder / "logs"
        self.services: dict[str, Service] = {}
        self._settings = dict(settings or {})
        self._ports = dict(ports)
        self._addresses: Addresses | None = None
        self.postgres = EmbeddedPostgres(durable=True, log=self.logs / "postgres.log")
        self.kafka: KafkaBroker = kafka or EmbeddedKafka(log=self.logs / "kafka.log")
        self._running = ExitStack()

    @property
    def addresses(self) -> Addresses:
        """Where everything is, once it was started."""
        if self._addresses is None:
            raise RuntimeError("the stack was not started")
        return self._addresses

    @property
    def env_file(self) -> Path:
        """The addresses as variables for a shell."""
        return self.folder / "stack.env"

    def start(self, progress: Callable[[str], None] = lambda _: None) -> Self:
        """Return once both services are ready; ``progress`` is told what is being waited for.

        Raises `AlreadyRunning`, or `accord.testing.process.ProcessFailed` with the last words of what failed.
        """
        with ExitStack() as starting:
            starting.callback(self.stop)
            self._lock()
            self._clear_logs()
            progress("PostgreSQL and Kafka")
            self._start_servers()
            progress("the Authors and the Books Service")
            self._start_services()
            self._publish_addresses()
            starting.pop_all()
        return self

    def stop(self) -> None:
        """End everything, the services first; safe to call twice."""
        self._running.close()

    def dead(self) -> Mapping[str, int]:
        """Name what ended by itself, with its exit status."""
        processes: dict[str, EmbeddedPostgres | KafkaBroker | GuardedProcess] = {
            "postgres": self.postgres,
            "kafka": self.kafka,
        }
        processes |= {name: service.process for name, service in self.services.items() if service.process}
        statuses = {name: process.poll() for name, process in processes.items()}
        return {name: status for name, status in statuses.items() if status is not None}

    def _lock(self) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        lock = self._running.enter_context((self.folder / "lock").open("a+"))
        try:
            # The kernel lets go of it when this process ends, however it ends.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise AlreadyRunning(
                f"A stack is running here already (process {holder}); end that one first."
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()

    def _clear_logs(self) -> None:
        for name in ("postgres", "kafka", *self._ports):
            (self.logs / f"{name}.log").write_bytes(b"")

    def _start_servers(self) -> None:
        self._running.callback(self.kafka.stop)
        self._running.callback(self.postgres.stop)
        _all_at_once(self.kafka.start, self._start_postgres)

    def _start_postgres(self) -> None:
        self.postgres.start()
        for name in self._ports:
            self.postgres.create_database(f"{name}_db")

    def _start_services(self) -> None:
        for name, port in self._ports.items():
            self.services[name] = service = Service(
                name,
                settings={
                    "DATABASE_URL": self.postgres.url(f"{name}_db"),
                    "KAFKA_BOOTSTRAP_SERVERS": self.kafka.bootstrap_servers,
                    **self._settings,
                },
                preferred_port=port,
                log=self.logs / f"{name}.log",
                remove=[self.env_file],
            )
            self._running.callback(service.stop)
            service.start()
        _all_at_once(*(service.wait_until_ready for service in self.services.values()))

    def _publish_addresses(self) -> None:
        self._addresses = Addresses(
            authors_url=self.services["authors"].url,
            books_url=self.services["books"].url,
            authors_database_url=self.postgres.url("authors_db"),
            books_database_url=self.postgres.url("books_db"),
            kafka_bootstrap_servers=self.kafka.bootstrap_servers,
        )
        self._running.callback(self.env_file.unlink, missing_ok=True)
        self._addresses.write(self.env_file)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _all_at_once(*tasks: Callable[[], object]) -> None:
    """Run the tasks side by side and wait for all, or until one fails or somebody wants to end."""
    threads = ThreadPoolExecutor(len(tasks))
    try:
        for done in as_completed([threads.submit(task) for task in tasks]):
            done.result()
    finally:
        # Whoever still waits for a server finds it gone, once the stack has been stopped.
        threads.shutdown(wait=False, cancel_futures=True)
