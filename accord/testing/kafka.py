"""`EmbeddedKafka`: librdkafka's mock cluster in its own process, speaking the real protocol on loopback."""

import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from accord.testing import broker
from accord.testing.installation import private_folder
from accord.testing.process import GuardedProcess, ProcessFailed

__all__ = ["EmbeddedKafka"]

START_SECONDS = 30.0


class EmbeddedKafka:
    """One broker that keeps its records in memory and forgets them when it stops.

    ``topics`` exist from the start, each with four partitions as every topic here; others appear on first
    use. It bears one live member per consumer group, drops the oldest records of a partition beyond about 5
    MB, compacts nothing, and offers no administration of topics.
    """

    def __init__(self, topics: Sequence[str] = (), *, log: Path | None = None) -> None:
        self._topics = tuple(topics)
        self._address = ""
        self._log = log
        self._folder: Path | None = None
        self._process: GuardedProcess | None = None

    @property
    def bootstrap_servers(self) -> str:
        """``host:port``, for any Kafka client; raises `ProcessFailed` unless the broker was started."""
        if not self._address:
            raise ProcessFailed("Kafka is not running")
        return self._address

    @property
    def pid(self) -> int:
        """The process id of the broker."""
        return self._process.pid if self._process else 0

    def start(self) -> Self:
        """Return once the broker answers; raises `ProcessFailed`."""
        self._folder = private_folder("accord-kafka-")
        try:
            self._start(self._folder)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End the broker, and all records with it; safe to call twice."""
        process, folder = self._process, self._folder
        if process:
            process.stop()
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        self._process = self._folder = None
        self._address = ""

    def kill(self) -> None:
        """End the broker at once, as a crash would."""
        if self._process:
            self._process.kill()
        self.stop()

    def pause(self) -> None:
        """Freeze the broker: connections stay open, and nothing is answered."""
        if self._process:
            self._process.pause()

    def resume(self) -> None:
        """Let a frozen broker go on, with all its records."""
        if self._process:
            self._process.resume()

    def poll(self) -> int | None:
        """Return the exit status of the broker, or None while it runs."""
        return self._process.poll() if self._process else None

    def _start(self, folder: Path) -> None:
        address = folder / "address"
        topics = [f"--topic={topic}" for topic in self._topics]
        # The notice that librdkafka prints about its mock goes to the log with the rest.
        self._process = process = GuardedProcess(
            [sys.executable, "-m", broker.__name__, f"--address-file={address}", *topics],
            log=self._log or folder / "log",
            stop_timeout=2.0,
            remove=[folder],
        )
        process.start()
        deadline = time.monotonic() + START_SECONDS
        while not address.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise ProcessFailed(f"Kafka did not start:\n{process.last_words()}")
            time.sleep(0.01)
        self._address = address.read_text()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
