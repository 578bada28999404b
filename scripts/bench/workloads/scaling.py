"""Whether a second process of the service helps: as a consumer, and as a server."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import asyncpg

from accord.testing.apache_kafka import ApacheKafka
from scripts.bench.bus.events import mixed
from scripts.bench.bus.processes import process_of, until
from scripts.bench.bus.stage import Stage
from scripts.bench.ground import Ground
from scripts.bench.http.load import Answers, Load, send
from scripts.bench.workload import Figures, Growth, Measure, Pace
from scripts.bench.workloads.serving import create
from scripts.service import Service

__all__ = ["MoreConsumers", "MoreServers"]

EVENTS = 30_000
CONNECTIONS = 16
SIZES = (1, 2)


class MoreConsumers(Growth):
    """Members of one group with a share of the partitions each; on Apache Kafka, which bears several."""

    name = "consumers"
    title = "project events, Apache Kafka"
    size = "consumers of one group"
    contestants = ("accord",)
    measures = (Measure("rate", "events/s"),)

    def sizes(self, pace: Pace) -> Sequence[int]:
        return SIZES

    @contextmanager
    def running(self, ground: Ground, pace: Pace) -> Iterator[Mapping[str, Callable[[int], Figures]]]:
        events = mixed(pace.of(EVENTS, EVENTS // 10))
        with Stage(ground, ApacheKafka(log=ground.logs / "consumers-kafka.log")) as stage:
            url = stage.database()
            projection = stage.service_projection(url)

            def project(size: int) -> Figures:
                while len(projection.members) < size:
                    stage.run(projection.joined(process_of(stage.service("authors", url))))
                stage.run(projection.clear())
                return stage.run(projection.take_in(events))

            yield {"accord": project}


class MoreServers(Growth):
    """Processes over one database, each on a port of its own, with half of the connections each."""

    name = "servers"
    title = f"POST /authors, {CONNECTIONS} connections"
    size = "processes of the service"
    contestants = ("accord",)
    measures = (Measure("rate", "/s"), Measure("p99", "ms", more_is_better=False))

    def sizes(self, pace: Pace) -> Sequence[int]:
        return SIZES

    @contextmanager
    def running(self, ground: Ground, pace: Pace) -> Iterator[Mapping[str, Callable[[int], Figures]]]:
        with Stage(ground) as stage:
            url = ground.database("servers")
            database = stage.connect(url)
            services: list[Service] = []

            def load(size: int) -> Figures:
                while len(services) < size:
                    # The embedded broker takes no second member into a group; consuming is not measured here.
                    group = f"authors-{len(services)}"
                    services.append(stage.service("authors", url, consumer_group=group))
                    services[-1].wait_until_ready()
                seconds, share = pace.of(1.5, 0.3), CONNECTIONS // size
                loads = [Load(each.port, create(), 201, share, seconds) for each in services]
                answers = stage.run(_all(loads))
                stage.run(until(lambda: _is_sent(database), [process_of(each) for each in services]))
                return {"rate": sum(each.rate for each in answers), "p99": max(each.p99 for each in answers)}

            yield {"accord": load}


async def _all(loads: Sequence[Load]) -> Sequence[Answers]:
    return await asyncio.gather(*map(send, loads))


async def _is_sent(database: asyncpg.Connection) -> bool:
    """What one round leaves in the outbox would be sent in the next."""
    return not await database.fetchval("SELECT EXISTS (SELECT FROM outbox)")
