"""`System`: servers, replicas of both services, and a proxy on every connection between them."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from accord.testing.apache_kafka import ApacheKafka
from accord.testing.kafka import EmbeddedKafka
from accord.testing.postgres import EmbeddedPostgres
from scripts.chaos.ledger import SIDES
from scripts.chaos.proxy import Proxy
from scripts.service import Service

__all__ = ["Replica", "System"]

PREFERRED_PORTS = {"authors": 8101, "books": 8201}
HOST = "127.0.0.1"


@dataclass
class Replica:
    """One process of a service; ``links`` are its connections, by what is at the other end."""

    name: str
    service: Service
    links: dict[str, Proxy]

    @property
    def pid(self) -> int:
        """The process id of the service, 0 while there is none."""
        process = self.service.process
        return process.pid if process and process.poll() is None else 0


class System:
    """An async context manager; all of it ends with the process that holds it, even when killed.

    On Apache Kafka each service has two replicas, and so each consumer group two members. The mock bears one
    member per group, forgets all when it is killed, and cannot be reached through a proxy.
    """

    def __init__(self, folder: Path, kafka: str, replicas: int = 2) -> None:
        self.logs = folder / "logs"
        self.real = kafka == "apache"
        self.replicas: list[Replica] = []
        self.postgres = EmbeddedPostgres(durable=True, log=self.logs / "postgres.log")
        self.kafka: ApacheKafka | EmbeddedKafka | None = None
        self._count = replicas if self.real else 1
        self._running = AsyncExitStack()

    def urls(self, side: str) -> list[str]:
        """Where the replicas of a service listen at present."""
        return [each.service.url for each in self.replicas if each.service.name == side]

    @property
    def bootstrap_servers(self) -> str:
        """The broker, without a proxy."""
        if self.kafka is None:
            raise RuntimeError("the system was not started")
        return self.kafka.bootstrap_servers

    async def start(self, progress: Callable[[str], None] = lambda _: None) -> Self:
        """Return once every replica is ready; raises `accord.testing.process.ProcessFailed`."""
        self.logs.mkdir(parents=True, exist_ok=True)
        for log in self.logs.glob("*.log"):
            log.unlink()
        try:
            names = [(side, number) for side in SIDES for number in range(1, self._count + 1)]
            links = {name: await self._make_links() for name in names}
            progress("PostgreSQL and Kafka")
            await self._start_servers([link["kafka"] for link in links.values() if "kafka" in link])
            progress("the services")
            for (side, number), own in links.items():
                await self._start_replica(side, number, own)
        except BaseException:
            await self.stop()
            raise
        return self

    async def stop(self) -> None:
        """End everything, the services first; safe to call twice."""
        await self._running.aclose()

    async def _make_links(self) -> dict[str, Proxy]:
        others = ("postgres", "kafka") if self.real else ("postgres",)
        return {other: await self._running.enter_async_context(Proxy()) for other in others}

    async def _start_servers(self, proxies: list[Proxy]) -> None:
        log = self.logs / "kafka.log"
        if self.real:
            self.kafka = ApacheKafka(proxies=[proxy.address for proxy in proxies], log=log)
        else:
            self.kafka = EmbeddedKafka(log=log)
        for server in (self.postgres, self.kafka):
            self._running.push_async_callback(asyncio.to_thread, server.stop)
        await asyncio.gather(*(asyncio.to_thread(server.start) for server in (self.postgres, self.kafka)))
        for side in SIDES:
            await asyncio.to_thread(self.postgres.create_database, f"{side}_db")
        if isinstance(self.kafka, ApacheKafka):
            for proxy, upstream in zip(proxies, self.kafka.upstreams, strict=True):
                host, _, port = upstream.rpartition(":")
                proxy.upstream = (host, int(port))

    async def _start_replica(self, side: str, number: int, links: dict[str, Proxy]) -> None:
        links["postgres"].upstream = (HOST, self.postgres.port)
        direct = self.postgres.url(f"{side}_db")
        service = Service(
            side,
            settings={
                "DATABASE_URL": direct.replace(f":{self.postgres.port}/", f":{links['postgres'].port}/"),
                "KAFKA_BOOTSTRAP_SERVERS": links["kafka"].address
                if "kafka" in links
                else self.bootstrap_servers,
            },
            preferred_port=PREFERRED_PORTS[side] + number,
            log=self.logs / f"{side}-{number}.log",
        )
        self._running.push_async_callback(asyncio.to_thread, service.stop)
        self.replicas.append(Replica(f"{side}-{number}", service, links))
        await asyncio.to_thread(service.start)
        await asyncio.to_thread(service.wait_until_ready)

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
