"""`ApacheKafka`: one broker of Apache Kafka in KRaft mode, on loopback, with its data on disk."""

import fcntl
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from accord.testing.installation import free_port, private_folder
from accord.testing.kafka_distribution import find_java, jars
from accord.testing.process import GuardedProcess, ProcessFailed

__all__ = ["ApacheKafka"]

HOST = "127.0.0.1"
ATTEMPTS = 3
"""How often other ports are tried where somebody takes the free ones first."""

PARTITIONS = 4
"""Of a topic that nobody described, as on the embedded broker."""

START_SECONDS = 120.0
STOP_SECONDS = 20.0
CLUSTER_ID = "YWNjb3JkLWthZmthLTAwMQ"

# The storage is formatted in the process that the guard watches, so that nothing runs unguarded.
FORMAT_AND_SERVE = """
java=$1 settings=$2 data=$3 cluster=$4; shift 4
test -s "$data/meta.properties" ||
    "$java" "$@" -Xmx64m kafka.tools.StorageTool format --cluster-id "$cluster" --config "$settings" || exit
exec "$java" "$@" kafka.Kafka "$settings"
"""

# Small and quick to start: the machine has other things to do.
JAVA_OPTIONS = (
    *("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError"),
    *("-Djava.awt.headless=true", "-Dlog4j2.level=INFO"),
)

SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "num.partitions": str(PARTITIONS),
    "auto.create.topics.enable": "true",
    "group.initial.rebalance.delay.ms": "0",
    # After a crash the controller waits so long for the former broker before it takes the new one.
    "broker.session.timeout.ms": "6000",
    "broker.heartbeat.interval.ms": "500",
    "offsets.topic.num.partitions": "4",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
}


class _PortTaken(Exception):
    """Somebody else was faster; another port may do."""


class ApacheKafka:
    """One broker that bears consumer groups of any size, compacts, and survives its own death.

    It has the surface of `accord.testing.kafka.EmbeddedKafka`; but what it was told stays on disk when it is
    killed, and `restart` serves it again at the same address. The data go with `stop`, unless a ``folder``
    was given for them. ``topics`` exist from the start with four partitions; others appear on first use.

    Each of ``proxies`` is the ``host:port`` of a proxy that forwards to the address of the same place in
    `upstreams`: a client that comes through it is told to come back through it.
    """

    def __init__(
        self,
        topics: Sequence[str] = (),
        *,
        folder: Path | None = None,
        port: int = 0,
        log: Path | None = None,
        proxies: Sequence[str] = (),
    ) -> None:
        self._topics = tuple(topics)
        self._proxies = tuple(proxies)
        self._given_folder = folder
        self._wanted_port = port
        self._log = log
        self._ports: tuple[int, ...] = ()
        self._folder: Path | None = None
        self._lock: IO[str] | None = None
        self._process: GuardedProcess | None = None

    @property
    def bootstrap_servers(self) -> str:
        """``host:port``, for any Kafka client; raises `ProcessFailed` unless the broker was started."""
        if not self._ports:
            raise ProcessFailed("Kafka is not running")
        return f"{HOST}:{self._ports[0]}"

    @property
    def upstreams(self) -> tuple[str, ...]:
        """Where the proxies must forward to, once the broker was started."""
        return tuple(f"{HOST}:{port}" for port in self._ports[2:])

    @property
    def pid(self) -> int:
        """The process id of the broker."""
        return self._process.pid if self._process else 0

    def start(self) -> Self:
        """Return once the broker answers; raises `ProcessFailed`, or `KafkaNotAvailable` without Java."""
        find_java()
        jars()
        if self._wanted_port and free_port(HOST, self._wanted_port) != self._wanted_port:
            raise ProcessFailed(f"port {self._wanted_port} is taken; choose another one")
        for _ in range(ATTEMPTS):
            try:
                self._start()
            except _PortTaken:
                self.stop()
            except BaseException:
                self.stop()
                raise
            else:
                return self
        raise ProcessFailed("found no free ports for Kafka")

    def stop(self) -> None:
        """End the broker in order, and its data unless they have a folder; safe to call twice."""
        if self._process:
            self._process.stop()
        if self._folder and self._given_folder is None:
            shutil.rmtree(self._folder, ignore_errors=True)
        if self._lock:
            self._lock.close()
        self._process = self._folder = self._lock = None
        self._ports = ()

    def kill(self) -> None:
        """End the broker at once, as a crash would; its address and its data stay for `restart`."""
        if self._process:
            self._process.kill()

    def restart(self) -> None:
        """Serve the same data at the same address again, ending the broker in order first if it runs.

        Raises `ProcessFailed`, also if the port was taken meanwhile.
        """
        if self._folder is None:
            raise ProcessFailed("Kafka was not started")
        if self._process:
            self._process.stop()
        try:
            self._serve(self._folder)
        except _PortTaken:
            raise ProcessFailed(f"a port of {', '.join(map(str, self._ports))} was taken meanwhile") from None

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

    def _start(self) -> None:
        self._ports = _free_ports(self._wanted_port, 2 + len(self._proxies))
        self._folder = self._given_folder or private_folder("accord-kafka-")
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(self._folder / "lock")
        (self._folder / "log").write_bytes(b"")
        self._serve(self._folder)
        self._create_topics()

    def _serve(self, folder: Path) -> None:
        settings, data = folder / "server.properties", folder / "data"
        settings.write_text("".join(f"{name}={value}\n" for name, value in self._settings(data).items()))
        self._process = process = GuardedProcess(
            [
                *("/bin/sh", "-c", FORMAT_AND_SERVE, "sh"),
                *(find_java(), str(settings), str(data), CLUSTER_ID),
                *(*JAVA_OPTIONS, "-cp", f"{jars()}/*"),
            ],
            log=self._log or folder / "log",
            stop_timeout=STOP_SECONDS,
            remove=[] if self._given_folder else [folder],
        )
        process.start()
        self._await_ready(process)

    def _settings(self, data: Path) -> dict[str, str]:
        direct, controller, *proxied = self._ports
        own = f"PLAINTEXT://{HOST}:{direct}"
        names = [f"PROXY{number}" for number in range(len(proxied))]
        listeners = [f"{name}://{HOST}:{port}" for name, port in zip(names, proxied, strict=True)]
        advertised = [f"{name}://{proxy}" for name, proxy in zip(names, self._proxies, strict=True)]
        protocols = [f"{name}:PLAINTEXT" for name in ("PLAINTEXT", "CONTROLLER", *names)]
        return SETTINGS | {
            "listeners": ",".join([own, f"CONTROLLER://{HOST}:{controller}", *listeners]),
            "advertised.listeners": ",".join([own, *advertised]),
            "listener.security.protocol.map": ",".join(protocols),
            "inter.broker.listener.name": "PLAINTEXT",
            "controller.quorum.voters": f"1@{HOST}:{controller}",
            "log.dirs": str(data.resolve()),
        }

    def _await_ready(self, process: GuardedProcess) -> None:
        deadline = time.monotonic() + START_SECONDS
        client = AdminClient({"bootstrap.servers": self.bootstrap_servers, "log_level": 0})
        while process.poll() is None and time.monotonic() < deadline:
            try:
                if client.list_topics(timeout=0.5).brokers:
                    return
            except KafkaException:
                time.sleep(0.05)
        words = process.last_words(40)
        if "Address already in use" in words:
            raise _PortTaken
        raise ProcessFailed(f"Kafka did not start:\n{words}")

    def _create_topics(self) -> None:
        if not self._topics:
            return
        client = AdminClient({"bootstrap.servers": self.bootstrap_servers, "log_level": 0})
        wanted = [NewTopic(name, num_partitions=PARTITIONS, replication_factor=1) for name in self._topics]
        for name, created in client.create_topics(wanted).items():
            try:
                created.result(10)
            except KafkaException as error:
                if "TOPIC_ALREADY_EXISTS" not in str(error):
                    raise ProcessFailed(f"the topic {name} was not created: {error}") from error

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _free_ports(wanted: int, count: int) -> tuple[int, ...]:
    """Return ``wanted``, or another one if it is 0, and free ones to go with it, all different."""
    ports = [wanted or free_port(HOST)]
    while len(ports) < count:
        ports += {free_port(HOST)} - set(ports)
    return tuple(ports)


def _locked(path: Path) -> IO[str]:
    """Keep others out while the file is open; raises `ProcessFailed` if somebody else is in."""
    lock = path.open("a+")
    try:
        # The kernel lets go of it when this process ends, however it ends.
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise ProcessFailed(f"another broker uses {path.parent} already; end that one first") from None
    return lock
