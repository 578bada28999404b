"""What the chaos runs do on purpose: tearing transactions, repeating records, going back to older offsets."""

import asyncio
import random
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from confluent_kafka import Consumer, Producer, TopicPartition

from accord.testing.brokers import KafkaBroker
from accord.testing.capture import EventCapture
from accord.testing.postgres import EmbeddedPostgres
from scripts.chaos import streams
from scripts.chaos.proxy import Proxy


@pytest_asyncio.fixture
async def proxy(postgres: EmbeddedPostgres) -> AsyncIterator[Proxy]:
    async with Proxy(("127.0.0.1", postgres.port)) as proxy:
        yield proxy


@pytest.mark.parametrize("by_itself", [False, True])
@pytest.mark.parametrize("passed_on", [False, True])
async def test_a_transaction_that_is_caught_at_its_commit_is_undone_and_one_at_the_answer_is_done(
    passed_on: bool, by_itself: bool, proxy: Proxy, postgres: EmbeddedPostgres, database: str
) -> None:
    url = database.replace("+asyncpg", "")
    direct = await asyncpg.connect(url)
    await direct.execute("CREATE TABLE t (n int)")
    torn = await asyncpg.connect(url.replace(f":{postgres.port}/", f":{proxy.port}/"))

    async def write(connection: asyncpg.Connection, number: int) -> None:
        if not by_itself:
            await connection.execute("BEGIN")
        await connection.execute("INSERT INTO t VALUES ($1)", number)
        if not by_itself:
            await connection.execute("COMMIT")

    await write(torn, 1)
    catching = asyncio.create_task(proxy.catch_commit(passed_on=passed_on))
    await asyncio.sleep(0)
    writing = asyncio.create_task(write(torn, 2))
    async with asyncio.timeout(5):
        await catching
    assert not writing.done()
    rows = [1, 2] if passed_on else [1]
    assert [row["n"] for row in await direct.fetch("SELECT n FROM t ORDER BY n")] == rows
    proxy.release()
    with pytest.raises((ConnectionError, asyncpg.PostgresError, asyncpg.InterfaceError)):
        await writing
    again = await asyncpg.connect(url.replace(f":{postgres.port}/", f":{proxy.port}/"))
    await write(again, 3)
    assert [row["n"] for row in await direct.fetch("SELECT n FROM t ORDER BY n")] == [*rows, 3]
    for connection in (again, direct):
        await connection.close()


async def test_a_trap_whose_catch_is_gone_catches_the_next(
    proxy: Proxy, postgres: EmbeddedPostgres, database: str
) -> None:
    url = database.replace("+asyncpg", "").replace(f":{postgres.port}/", f":{proxy.port}/")
    first, second = await asyncpg.connect(url), await asyncpg.connect(url)
    catching = asyncio.create_task(proxy.catch_commit(passed_on=False))
    await asyncio.sleep(0)
    hanging = asyncio.create_task(first.execute("COMMIT;"))
    async with asyncio.timeout(5):
        await catching
    first.terminate()
    with pytest.raises((ConnectionError, asyncpg.PostgresError, asyncpg.InterfaceError)):
        await hanging
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(second.execute("COMMIT;"), 0.5)
    proxy.release()


@pytest.fixture
def stream(kafka: KafkaBroker, monkeypatch: pytest.MonkeyPatch) -> str:
    """A stream of a test's own with twenty records, which the chaos runs take for the only one."""
    name = f"repeated-{random.randrange(10**9)}"
    monkeypatch.setattr(streams, "STREAMS", (name,))
    monkeypatch.setattr(streams, "READ", {name: (name,)})
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers})
    for number in range(20):
        headers: list[tuple[str, str | bytes | None]] = [("n", str(number))]
        producer.produce(name, f"value {number}", f"key {number}", headers=headers)
    assert producer.flush(10) == 0
    return name


async def test_repeated_records_are_those_that_were_there_in_the_same_partition(
    kafka: KafkaBroker, stream: str
) -> None:
    repeated = 0
    for seed in range(3):
        await asyncio.to_thread(streams.repeat, kafka.bootstrap_servers, random.Random(seed))
    async with EventCapture(kafka.bootstrap_servers, [stream], from_start=True) as capture:
        found = await capture.catch_up()
    seen: dict[bytes | None, object] = {}
    for each in found:
        said = (each.partition, each.key, each.value, each.headers)
        repeated += said in seen.values()
        assert seen.setdefault(each.key, said) == said
    assert len(seen) == 20
    assert repeated == len(found) - 20 > 0


async def test_a_group_without_members_begins_again_at_older_offsets(kafka: KafkaBroker, stream: str) -> None:
    client = Consumer({"bootstrap.servers": kafka.bootstrap_servers, "group.id": f"{stream}-service"})
    partitions = [
        TopicPartition(stream, n) for n in client.list_topics(stream, timeout=10).topics[stream].partitions
    ]
    ends = {each.partition: client.get_watermark_offsets(each, timeout=10)[1] for each in partitions}
    client.commit(
        offsets=[TopicPartition(stream, number, end) for number, end in ends.items()], asynchronous=False
    )
    await asyncio.to_thread(streams.rewind, kafka.bootstrap_servers, stream, random.Random(1))
    offsets = {each.partition: each.offset for each in client.committed(partitions, timeout=10)}
    client.close()
    assert sum(offsets.values()) < sum(ends.values())
    assert all(0 <= offsets[number] <= end for number, end in ends.items())
