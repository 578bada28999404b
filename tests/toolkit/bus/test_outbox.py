"""The outbox in PostgreSQL: transactions, announcements, and a server that goes away and comes back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import create_async_engine

from accord.boundary import ContractViolation
from accord.bus.adapters.kafka_producer import KafkaRecordProducer
from accord.bus.adapters.memory import MemoryBroker, MemoryRecordProducer
from accord.bus.adapters.sql import OutboxPublisher, unavailable_when_away
from accord.bus.adapters.sql_database import Database
from accord.bus.adapters.sql_session import Session
from accord.bus.adapters.sql_statement import Statement
from accord.bus.errors import Unavailable
from accord.bus.health import State
from accord.bus.relay import OutboxRelay
from accord.bus.retry import Backoff
from accord.testing.brokers import KafkaBroker
from accord.testing.capture import EventCapture
from accord.testing.postgres import EmbeddedPostgres
from tests.toolkit.bus.harness import eventually, settings
from tests.toolkit.bus.lamps import CONTRACTS as LAMPS
from tests.toolkit.bus.outboxes import CONTRACTS, SqlBox
from tests.toolkit.bus.relaying import number_of, sent

FAST = Backoff(0.01, 0.1)


@pytest.fixture
async def box(database: str) -> AsyncIterator[SqlBox]:
    box = SqlBox(database)
    await box.create()
    yield box
    await box.close()


@pytest.fixture
def own_postgres() -> Iterator[EmbeddedPostgres]:
    """A server that the test may end."""
    with EmbeddedPostgres() as server:
        yield server


def relay_to(memory: MemoryBroker, box: SqlBox) -> OutboxRelay:
    producer = MemoryRecordProducer(memory)
    return OutboxRelay(box.store(), producer, poll_interval_s=0.1, outage=FAST, stop_timeout_s=5.0)


async def test_a_transaction_that_is_rolled_back_sends_nothing(box: SqlBox) -> None:
    memory = MemoryBroker()
    relay = relay_to(memory, box)
    await relay.start()
    async with box.session() as session:
        publisher = OutboxPublisher(CONTRACTS, session)
        await publisher.publish("thing.made", {"id": "a", "number": 1})
        assert await session.fetch(Statement("SELECT count(*) FROM outbox", int)) == [1]
    await box.commit(2)
    await eventually(lambda: len(memory.records("things")))
    await relay.stop()
    assert sent(memory) == [("a", 2)]


async def test_data_that_breaks_the_contract_leaves_no_row_and_the_transaction_usable(box: SqlBox) -> None:
    async with box.session() as session:
        publisher = OutboxPublisher(CONTRACTS, session)
        with pytest.raises(ContractViolation):
            await publisher.publish("thing.made", {"id": "a", "number": -1})
        await publisher.publish("thing.made", {"id": "a", "number": 1})
        await session.commit()
    assert await box.size() == 1


async def test_many_events_are_published_in_their_order_and_look_like_single_ones(box: SqlBox) -> None:
    memory = MemoryBroker()
    relay = relay_to(memory, box)
    await relay.start()
    events = [("thing.made", {"id": "a", "number": number}) for number in range(1, 600)]
    async with box.session() as session:
        publisher = OutboxPublisher(CONTRACTS, session)
        await publisher.publish("thing.made", {"id": "a", "number": 0})
        await publisher.publish_many(events)
        await publisher.publish_many([])
        await session.commit()
    await eventually(lambda: len(memory.records("things")), 600)
    await relay.stop()
    assert sent(memory) == [("a", number) for number in range(600)]
    one, *_, last = memory.records("things")
    assert [name for name, _ in one.headers] == [name for name, _ in last.headers]


async def test_many_events_of_which_one_breaks_the_contract_leave_no_row(box: SqlBox) -> None:
    async with box.session() as session:
        publisher = OutboxPublisher(CONTRACTS, session)
        with pytest.raises(ContractViolation):
            await publisher.publish_many(
                [("thing.made", {"id": "a", "number": 1}), ("thing.made", {"id": "a", "number": -1})]
            )
        await session.commit()
    assert await box.size() == 0


async def test_a_message_without_our_envelope_goes_through_the_outbox_as_it_is(box: SqlBox) -> None:
    memory = MemoryBroker()
    relay = relay_to(memory, box)
    await relay.start()
    async with box.session() as session:
        publisher = OutboxPublisher(LAMPS, session)
        said: dict[str, Any] = {"key": 7, "headers": {"app": "ä", "hops": 2}, "parameters": {"street": "elm"}}
        await publisher.send("measured", {"lumens": 4}, **said)
        await publisher.send("broken", {"fault": "dark"}, parameters={"street": "elm"})
        await session.commit()
    await eventually(lambda: len(memory.records("lamps.elm.state")), 2)
    await relay.stop()
    found = {record.key: record for record in memory.records("lamps.elm.state")}
    assert found[b"7"].value == b'{"lumens":4}'
    assert found[b"7"].headers == (("app", "ä".encode()), ("hops", b"2"))
    assert found[None].value == b'{"fault":"dark"}'
    assert await box.size() == 0


async def test_rows_without_a_key_are_left_out_as_those_of_any_key(box: SqlBox) -> None:
    async with box.session() as session:
        publisher = OutboxPublisher(LAMPS, session)
        for street, key in (("elm", 7), ("elm", None), ("main", None)):
            said: dict[str, Any] = {"parameters": {"street": street}}
            if key is None:
                await publisher.send("broken", {"fault": "dark"}, **said)
            else:
                await publisher.send("measured", {"lumens": 4}, key=key, headers={"app": "a"}, **said)
        await session.commit()
    store = box.store()
    assert await store.acquire(lambda: None)

    async def left(*without: tuple[str, bytes | None]) -> list[tuple[str, bytes | None]]:
        return [
            (row.record.topic, row.record.key) async for rows in store.batches(10, without) for row in rows
        ]

    elm, main = "lamps.elm.state", "lamps.main.state"
    assert await left() == [(elm, b"7"), (elm, None), (main, None)]
    assert await left((elm, None)) == [(elm, b"7"), (main, None)]
    assert await left((elm, b"7")) == [(elm, None), (main, None)]
    assert await left((elm, b"7"), (main, None)) == [(elm, None)]
    await store.release()


async def test_a_row_that_is_committed_late_with_a_lower_id_is_sent_too(box: SqlBox) -> None:
    memory = MemoryBroker()
    relay = relay_to(memory, box)
    await relay.start()
    async with box.session() as slow:
        await OutboxPublisher(CONTRACTS, slow).publish("thing.made", {"id": "slow", "number": 1})
        assert await slow.fetch(Statement("SELECT count(*) FROM outbox", int)) == [1]
        await box.commit(2, 3, key="fast")
        await eventually(lambda: len(memory.records("things")), 2)
        await slow.commit()
    await eventually(lambda: len(memory.records("things")), 3)
    await relay.stop()
    assert sorted(sent(memory)) == [("fast", 2), ("fast", 3), ("slow", 1)]
    assert await box.size() == 0


async def test_a_commit_of_another_process_wakes_the_relay(box: SqlBox) -> None:
    memory = MemoryBroker()
    relay = OutboxRelay(box.store(), MemoryRecordProducer(memory), poll_interval_s=60.0)
    await relay.start()
    await eventually(lambda: relay.health.state is State.RUNNING)
    elsewhere = Database(box.database.url, 1)
    session = Session(elsewhere)
    await OutboxPublisher(CONTRACTS, session).publish("thing.made", {"id": "a", "number": 1})
    await session.commit()
    await eventually(lambda: len(memory.records("things")))
    await elsewhere.close()
    await relay.stop()


async def test_a_relay_whose_connection_is_cut_takes_the_lead_again(box: SqlBox) -> None:
    memory = MemoryBroker()
    relay = relay_to(memory, box)
    await relay.start()
    await box.commit(1)
    await eventually(lambda: _is_empty(box))
    async with box.engine.connect() as connection:
        holders = text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        assert (await connection.execute(holders)).scalars().all() == [True]
    await box.commit(2)
    await eventually(lambda: len(memory.records("things")), 2)
    await eventually(lambda: relay.health.state is State.RUNNING)
    await relay.stop()
    assert sent(memory) == [("a", 1), ("a", 2)]


async def test_the_relay_waits_for_a_database_that_is_away(own_postgres: EmbeddedPostgres) -> None:
    box = SqlBox(own_postgres.create_database("away"))
    await box.create()
    await box.commit(1)
    own_postgres.halt()
    memory = MemoryBroker()
    relay = relay_to(memory, box)
    await relay.start()
    await eventually(lambda: relay.health.state is State.WAITING)
    assert "database is away" in str(relay.health.reason)
    await asyncio.to_thread(own_postgres.resume)
    await eventually(lambda: len(memory.records("things")))
    await eventually(lambda: relay.health.ready)
    await asyncio.to_thread(own_postgres.halt)
    await eventually(lambda: relay.health.state is State.WAITING)
    with pytest.raises(Unavailable), unavailable_when_away():
        await box.commit(2)
    await asyncio.to_thread(own_postgres.resume)
    await eventually(lambda: relay.health.ready)
    await box.commit(3)
    await eventually(lambda: len(memory.records("things")), 2)
    await relay.stop()
    await box.close()
    assert sent(memory) == [("a", 1), ("a", 3)]


async def test_rows_reach_kafka_in_order_also_when_it_does_not_answer_for_a_while(
    box: SqlBox, own_kafka: KafkaBroker
) -> None:
    producer = KafkaRecordProducer(settings(own_kafka.bootstrap_servers, delivery_timeout_s=1.0))
    relay = OutboxRelay(box.store(), producer, poll_interval_s=0.1, outage=FAST, stop_timeout_s=5.0)
    async with EventCapture(own_kafka.bootstrap_servers, ["things"]) as capture:
        await relay.start()
        await box.commit(*range(10))
        await capture.wait_for_all(lambda _: True, 10)
        await eventually(lambda: _is_empty(box))
        own_kafka.pause()
        await box.commit(*range(10, 20))
        await eventually(lambda: relay.health.state is State.WAITING)
        assert "broker" in str(relay.health.reason)
        assert await box.size() == 10
        own_kafka.resume()
        await eventually(lambda: relay.health.ready)
        await eventually(lambda: _is_empty(box))
        await relay.stop()
        numbers = [number_of(record) for record in await capture.catch_up()]
    # What was under way when the time was up may have arrived as well; then it comes twice, as a block.
    assert [number for index, number in enumerate(numbers) if number not in numbers[:index]] == list(
        range(20)
    )
    repeated = [index for index in range(1, len(numbers)) if numbers[index] <= numbers[index - 1]]
    assert all(numbers[index] == 10 for index in repeated)


async def test_a_broken_statement_is_not_taken_for_an_absence(box: SqlBox) -> None:
    async with box.engine.connect() as connection:
        with pytest.raises(ProgrammingError), unavailable_when_away():
            await connection.execute(text("SELECT * FROM nowhere"))
    async with box.engine.connect() as connection:
        with pytest.raises(DBAPIError), unavailable_when_away():
            await connection.execute(text("SELECT CAST(:n AS integer)"), {"n": "no number"})
    async with box.engine.connect() as connection:
        await connection.execute(text("CREATE TABLE one (id int PRIMARY KEY)"))
        with pytest.raises(IntegrityError), unavailable_when_away():
            await connection.execute(text("INSERT INTO one VALUES (1), (1)"))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT pg_terminate_backend(pg_backend_pid())",
        "DO $$ BEGIN RAISE SQLSTATE '53300'; END $$",
        "DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$",
        "SET statement_timeout = 20; SELECT pg_sleep(5)",
    ],
)
async def test_a_server_that_ends_the_work_is_away(box: SqlBox, statement: str) -> None:
    *before, last = statement.split("; S") if statement.startswith("SET") else [statement]
    async with box.engine.connect() as connection:
        for each in before:
            await connection.execute(text(each))
        with pytest.raises(Unavailable), unavailable_when_away():
            await connection.execute(text(last if last == statement else "S" + last))


async def test_a_server_that_is_not_there_and_an_exhausted_pool_are_away(database: str) -> None:
    nowhere = create_async_engine("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    with pytest.raises(Unavailable, match="the database is away"), unavailable_when_away():
        await nowhere.connect()
    small = Database(database, 1, pool_timeout_s=0.05)
    async with small.pool.lend():
        with pytest.raises(Unavailable):
            await small.fetch(Statement("SELECT 1", int), {})
    await small.close()


async def _is_empty(box: SqlBox) -> bool:
    return await box.size() == 0
