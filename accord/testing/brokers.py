"""What every Kafka broker for tests can do, and the two kinds that there are."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, Protocol, Self

from accord.testing.apache_kafka import ApacheKafka
from accord.testing.kafka import EmbeddedKafka

__all__ = ["BROKERS", "KafkaBroker"]


class KafkaBroker(Protocol):
    """One broker on loopback; a context manager that leaves nothing behind."""

    @property
    def bootstrap_servers(self) -> str:
        """``host:port``, for any Kafka client."""

    @property
    def pid(self) -> int:
        """The process id of the broker."""

    def start(self) -> Self:
        """Return once the broker answers; raises `accord.testing.process.ProcessFailed`."""

    def stop(self) -> None:
        """End the broker; safe to call twice."""

    def kill(self) -> None:
        """End the broker at once, as a crash would."""

    def pause(self) -> None:
        """Freeze the broker."""

    def resume(self) -> None:
        """Let a frozen broker go on."""

    def poll(self) -> int | None:
        """Return the exit status of the broker, or None while it runs."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def _embedded(log: Path | None = None) -> KafkaBroker:
    return EmbeddedKafka(log=log)


def _apache(log: Path | None = None) -> KafkaBroker:
    return ApacheKafka(log=log)


BROKERS: Final[Mapping[str, Callable[..., KafkaBroker]]] = MappingProxyType(
    {"mock": _embedded, "apache": _apache}
)
"""By name: what makes a broker, not started yet, with temporary data; ``log`` is a file for what it says."""
