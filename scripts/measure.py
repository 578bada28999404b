"""Measure a service: under a backlog, without Kafka, when its twin dies, and when it is told to end."""

import asyncio
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import click
import psutil

from accord.http.client import ClientError
from generated.authors.client import AuthorsClient
from generated.authors.schemas import AuthorCreate
from scripts.service import Service
from scripts.stack import Stack

__all__ = ["main"]

ROW = """
    INSERT INTO outbox (topic, key, value, headers)
    SELECT 'library.authors', convert_to(n::text, 'UTF8'), convert_to(json_build_object(
        'event_type', 'author.updated', 'event_id', gen_random_uuid(),
        'timestamp', '2026-01-05T09:30:00.000000Z', 'correlation_id', gen_random_uuid(),
        'data', json_build_object('author_id', n, 'name', 'Author ' || n, 'nationality', null,
            'biography', null, 'version', 1, 'created_at', '2026-01-05T09:30:00.000000Z',
            'updated_at', '2026-01-05T09:30:00.000000Z'))::text, 'UTF8'),
        jsonb_build_array(jsonb_build_array('event_type', 'author.updated'),
            jsonb_build_array('event_id', gen_random_uuid()),
            jsonb_build_array('correlation_id', gen_random_uuid()))
    FROM generate_series($1::bigint, $2::bigint) AS n
"""

CHUNK = 50_000
CLIENTS = 8
HOUR_S = 3600.0


class Memory:
    """Samples the resident memory of a process until it is asked for the peak, in megabytes."""

    def __init__(self, service: Service) -> None:
        self._process = psutil.Process(service.process.pid if service.process else 0)
        self.peak = 0.0

    def look(self) -> float:
        now: float = self._process.memory_info().rss / 1e6
        self.peak = max(self.peak, now)
        return now


async def empty(database: asyncpg.Connection, look: Callable[[], object] = lambda: None) -> None:
    """Wait until the relay has sent everything."""
    while await database.fetchval("SELECT EXISTS (SELECT 1 FROM outbox)"):
        look()
        await asyncio.sleep(0.1)


async def add_rows(
    database: asyncpg.Connection, rows: int, look: Callable[[], object] = lambda: None
) -> None:
    """Put events of so many authors into the outbox, as many transactions would have."""
    for first in range(1, rows + 1, CHUNK):
        await database.execute(ROW, first, min(first + CHUNK - 1, rows))
        look()


async def backlog(stack: Stack, database: asyncpg.Connection, rows: int) -> str:
    service = stack.services["authors"]
    service.stop()
    await add_rows(database, rows)
    service.start()
    await asyncio.to_thread(service.wait_until_ready)
    memory = Memory(service)
    before = memory.look()
    waiting = await database.fetchval("SELECT count(*) FROM outbox")
    began = time.monotonic()
    await empty(database, memory.look)
    seconds = time.monotonic() - began
    return (
        f"{rows:,} rows waited: {waiting / seconds:,.0f} sent per second over {seconds:.0f} s,"
        f" memory {before:.0f} MB when ready, {memory.peak:.0f} MB at most"
    )


async def outage(stack: Stack, database: asyncpg.Connection, seconds: float) -> AsyncIterator[str]:
    """Kafka away for an hour, in short: load for ``seconds``, then by SQL the rest of its rows."""
    service = stack.services["authors"]
    memory = Memory(service)
    before, created, early = memory.look(), 0, 0.0
    stack.kafka.pause()
    try:
        began = time.monotonic()

        async def create() -> None:
            nonlocal created, early
            async with AuthorsClient(service.url, retries=0) as client:
                while (passed := time.monotonic() - began) < seconds:
                    try:
                        await client.create_author(AuthorCreate(name="Ursula K. Le Guin"))
                        created += 1
                    except ClientError as error:
                        click.echo(f"a create was refused: {error}", err=True)
                    if memory.look() and passed < seconds / 3:
                        early = memory.peak

        await asyncio.gather(*(create() for _ in range(CLIENTS)))
        under_load = memory.peak
        await add_rows(database, int(created * (HOUR_S / seconds - 1)), memory.look)
        waiting = await database.fetchval("SELECT count(*) FROM outbox")
    finally:
        stack.kafka.resume()
    yield (
        f"Kafka frozen for {seconds:.0f} s under {created:,} creates ({created / seconds:,.0f} a second):"
        f" memory {before:.0f} MB before, at most {early:.0f} MB in the first third,"
        f" {under_load:.0f} MB in all of it"
    )
    began = time.monotonic()
    await empty(database, memory.look)
    yield (
        f"with the rest of an hour's load {waiting:,} rows waited:"
        f" gone {time.monotonic() - began:.0f} s after Kafka came back, memory {memory.peak:.0f} MB at most"
    )


async def hand_over(stack: Stack, database: asyncpg.Connection) -> str:
    """Kill the leader while the standby waits."""
    settings = {
        "DATABASE_URL": stack.addresses.authors_database_url,
        "KAFKA_BOOTSTRAP_SERVERS": stack.addresses.kafka_bootstrap_servers,
        # The embedded broker takes no second member into a group; it is the relay that is looked at.
        "CONSUMER_GROUP": "authors-standby",
    }
    taken = []
    for _ in range(3):
        log = stack.logs / "standby.log"
        standby = Service("authors", settings=settings, preferred_port=0, log=log)
        standby.start()
        try:
            await asyncio.to_thread(standby.wait_until_ready)
            stack.services["authors"].kill()
            began = time.monotonic()
            await database.execute(ROW, 1, 1)
            await empty(database)
            taken.append(time.monotonic() - began)
            stack.services["authors"].start()
            await asyncio.to_thread(stack.services["authors"].wait_until_ready)
        finally:
            standby.stop()
    return f"leader killed: the standby had sent {', '.join(f'{each:.1f} s' for each in taken)} after"


async def shutdown(service: Service) -> str:
    if service.process is None:
        raise RuntimeError("the service does not run")
    began = time.monotonic()
    service.process.send_signal(signal.SIGTERM)
    status = await asyncio.to_thread(service.process.wait, 60)
    return f"status {status} after {time.monotonic() - began:.1f} s"


async def shutdowns(stack: Stack) -> AsyncIterator[str]:
    """With all that it needs, without Kafka, without PostgreSQL."""
    service = stack.services["authors"]
    cases: list[tuple[str, Callable[[], object], Callable[[], object]]] = [
        ("all is well", lambda: None, lambda: None),
        ("Kafka is frozen", stack.kafka.pause, stack.kafka.resume),
        ("PostgreSQL is dead", stack.postgres.crash, stack.postgres.resume),
    ]
    for what, leave, come_back in cases:
        leave()
        yield f"SIGTERM while {what}: {await shutdown(service)}"
        come_back()
        service.start()
        await asyncio.to_thread(service.wait_until_ready)


async def measure(rows: int, seconds: float, folder: Path) -> None:
    with Stack(folder, {"LOG_LEVEL": "warning"}) as stack:
        async for line in shutdowns(stack):
            click.echo(line)
        url = stack.addresses.authors_database_url.replace("+asyncpg", "")
        database = await asyncpg.connect(url)
        click.echo(await hand_over(stack, database))
        async for line in outage(stack, database, seconds):
            click.echo(line)
        click.echo(await backlog(stack, database, rows))
        await database.close()


@click.command()
@click.option("--rows", default=1_000_000, show_default=True, help="How many rows wait in the outbox.")
@click.option(
    "--outage",
    "seconds",
    type=click.FloatRange(min=1, max=HOUR_S),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long Kafka is away under load; the rest of an hour's rows are added at once.",
)
def main(rows: int, seconds: float) -> None:
    """Measure on a stack of its own, which ends with it; prints one line for each figure."""
    with tempfile.TemporaryDirectory(prefix="measure") as folder:
        asyncio.run(measure(rows, seconds, Path(folder)))


if __name__ == "__main__":
    main()
