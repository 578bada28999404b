"""`Ground`: the servers that all contestants share, PostgreSQL and Kafka, for the whole run."""

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from accord.testing.kafka import EmbeddedKafka
from accord.testing.postgres import EmbeddedPostgres

__all__ = ["Ground"]

T = TypeVar("T")


class Ground:
    """A context manager; what is asked for is started then, and all of it ends with the run.

    ``logs`` is a folder that gets a log of each process; those of former runs go.
    """

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self._running = ExitStack()
        self._kept: dict[Callable[[Ground], AbstractContextManager[Any]], object] = {}

    @cached_property
    def postgres(self) -> EmbeddedPostgres:
        """A server that waits for the disk before it says that something is committed, as in production."""
        return self._running.enter_context(EmbeddedPostgres(durable=True, log=self.logs / "postgres.log"))

    @cached_property
    def kafka(self) -> EmbeddedKafka:
        """A broker that keeps about the last 5 MB of a partition; start another where that is too little."""
        return self._running.enter_context(EmbeddedKafka(log=self.logs / "kafka.log"))

    def database(self, name: str) -> str:
        """Create an empty database of a name that begins so; return its URL for SQLAlchemy and asyncpg."""
        return self.postgres.create_database(f"{name}_{secrets.token_hex(4)}")

    def keep(self, make: "Callable[[Ground], AbstractContextManager[T]]") -> T:
        """What several workloads share: made when one first asks for it, and ended with the run."""
        if make not in self._kept:
            self._kept[make] = self._running.enter_context(make(self))
        return cast(T, self._kept[make])

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        for log in self.logs.glob("*.log"):
            log.unlink()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()
