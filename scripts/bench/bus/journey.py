"""The way of a new author from one service to the other: as a whole, and in steps done by hand."""

import asyncio
import itertools
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Self

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from accord.bus.adapters.kafka_client import KafkaSettings
from accord.testing.process import GuardedProcess
from scripts.bench.bus.client import Client
from scripts.bench.bus.events import changes
from scripts.bench.bus.processes import process_of, until
from scripts.bench.bus.stage import Stage
from scripts.bench.ground import Ground
from scripts.bench.http.servers import Contestant

__all__ = ["Steps", "Whole", "pause"]

_TOPIC: Final = "steps"
AUTHOR: Final = {"name": "Ursula K. Le Guin", "nationality": "American", "biography": "Wrote of Earthsea."}

_GLANCE_SECONDS = 0.0005
"""Between two looks at the row that is to come."""

_NEWEST = "SELECT id, topic, key, value FROM outbox ORDER BY id DESC LIMIT 1"
_KNOWN = "SELECT EXISTS (SELECT FROM {0}s_cache WHERE {0}_id = $1)"
_UPSERT = """
    INSERT INTO books_cache (book_id, title, version, created_at, updated_at) VALUES ($1, $2, 1, now(), now())
    ON CONFLICT (book_id) DO UPDATE SET title = excluded.title, version = excluded.version,
        created_at = excluded.created_at, updated_at = excluded.updated_at, deleted_at = NULL
    WHERE books_cache.version < excluded.version
"""


async def pause(chance: random.Random) -> None:
    """Let everybody become idle, never for quite the same time: a poller must not be met in step."""
    await asyncio.sleep(chance.uniform(0.02, 0.06))


class Whole:
    """Creates an author at one service, and looks for it where the other one reads.

    No request of the Books Service gives an author that is linked to nothing, so the row that its requests
    would find is looked for, in its database.
    """

    def __init__(
        self, client: Client, database: asyncpg.Connection, services: Sequence[GuardedProcess]
    ) -> None:
        self._client = client
        self._database = database
        self._services = services

    @classmethod
    def over(cls, stage: Stage, ground: Ground) -> Self:
        """Start both services, and see an author arrive."""
        urls = {name: ground.database(name) for name in ("authors", "books")}
        services = {name: stage.service(name, url) for name, url in urls.items()}
        for each in services.values():
            each.wait_until_ready()
        client = Client(services["authors"].port)
        stage.at_end(client.close)
        whole = cls(client, stage.connect(urls["books"]), [process_of(each) for each in services.values()])
        stage.run(whole.take())
        return whole

    async def take(self) -> float:
        """Milliseconds from the request until the author can be read at the other side."""
        began = time.perf_counter()
        created = await self._client.create("/authors", AUTHOR)

        async def arrived() -> bool:
            return bool(await self._database.fetchval(_KNOWN.format("author"), created["author_id"]))

        await until(arrived, self._services, _GLANCE_SECONDS)
        return (time.perf_counter() - began) * 1e3


class Steps:
    """What cannot be left out, each step by itself while all others are idle.

    FastAPI over asyncpg answers the request; a listener is notified and reads a row of the outbox; a record
    is sent and acknowledged; an idle consumer has it; a row is written; and read.
    """

    def __init__(
        self,
        client: Client,
        outbox: tuple[asyncpg.Connection, asyncpg.Connection],
        cache: tuple[asyncpg.Connection, asyncpg.Connection],
        producer: AIOKafkaProducer,
        consumer: AIOKafkaConsumer,
    ) -> None:
        self._client = client
        self._teller, self._listener = outbox
        self._writer, self._reader = cache
        self._producer = producer
        self._consumer = consumer
        self._numbers = itertools.count(1)
        self._woken = asyncio.Event()

    @classmethod
    def over(cls, stage: Stage, bare: Contestant) -> Self:
        """Take the outbox of the baseline, and the cache of a service that does not run."""
        client = Client(bare.server.port)
        stage.at_end(client.close)
        outbox = stage.connect(bare.database), stage.connect(bare.database)
        url = stage.database()
        cache = stage.connect(url), stage.connect(url)
        servers = stage.kafka.bootstrap_servers
        producer = stage.run(_started(AIOKafkaProducer, bootstrap_servers=servers, enable_idempotence=True))
        stage.at_end(producer.stop)
        stage.topic(_TOPIC, _TOPIC).send(changes([1], 1))
        # As long as the service's own consumer lets the broker hold back an answer.
        wait_ms = int(KafkaSettings(servers).fetch_wait_s * 1000)
        consumer = stage.run(
            _started(
                AIOKafkaConsumer,
                _TOPIC,
                bootstrap_servers=servers,
                auto_offset_reset="earliest",
                fetch_max_wait_ms=wait_ms,
            )
        )
        stage.at_end(consumer.stop)
        stage.run(consumer.getone())
        steps = cls(client, outbox, cache, producer, consumer)
        stage.run(steps._listen())
        stage.at_end(steps._stop)
        return steps

    async def _listen(self) -> None:
        await self._listener.add_listener("steps", lambda *_: self._woken.set())
        # Asked for long before it comes: aiokafka fetches when somebody waits for a record.
        self._fetched = asyncio.create_task(self._consumer.getone())

    async def _stop(self) -> None:
        self._fetched.cancel()
        await asyncio.wait([self._fetched])

    async def take(self) -> dict[str, float]:
        """Milliseconds of each step."""
        steps: dict[str, float] = {}
        number = next(self._numbers)
        with _timed(steps, "post"):
            await self._client.create("/authors", AUTHOR)
        self._woken.clear()
        with _timed(steps, "wake"):
            await self._teller.execute("SELECT pg_notify('steps', '')")
            await self._woken.wait()
            row = await self._listener.fetchrow(_NEWEST)
        with _timed(steps, "produce"):
            await self._producer.send_and_wait(_TOPIC, row["value"].encode(), key=row["key"].encode())
        with _timed(steps, "fetch"):
            await self._fetched
        self._fetched = asyncio.create_task(self._consumer.getone())
        with _timed(steps, "upsert"):
            await self._writer.execute(_UPSERT, number, "A Wizard of Earthsea")
        with _timed(steps, "read"):
            await self._reader.fetchval(_KNOWN.format("book"), number)
        return steps


async def _started(kind: Any, *arguments: Any, **settings: Any) -> Any:
    """Clients of aiokafka want to be made while a loop runs."""
    client = kind(*arguments, **settings)
    await client.start()
    return client


@contextmanager
def _timed(steps: dict[str, float], name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    steps[name] = (time.perf_counter() - began) * 1e3
