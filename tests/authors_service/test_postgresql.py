"""What only a real PostgreSQL can show: schema, locks, races and outages."""

import asyncio
from dataclasses import asdict, replace
from typing import Final

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from accord.boundary import ContractViolation
from accord.bus.adapters.sql import OutboxPublisher
from accord.bus.adapters.sql_database import Database
from accord.bus.adapters.sql_statement import Statement
from accord.bus.errors import OutcomeUnknown, Unavailable
from accord.observability import correlation
from authors_service.domain.services import AuthorService
from authors_service.infrastructure.database.engine import open_database
from authors_service.infrastructure.database.migrate import create_engine, upgrade
from authors_service.infrastructure.database.schema import SchemaOutdated, check_schema
from authors_service.infrastructure.database.tables import metadata, outbox
from authors_service.infrastructure.database.unit_of_work import PostgreSQLUnitOfWork
from generated.authors import channels
from tests.authors_service.examples import LE_GUIN, MORNING, a_book
from tests.authors_service.fakes import TickingClock
from tests.authors_service.storing import count, silent_service

BACKEND: Final = Statement("SELECT pg_backend_pid()", int)


async def terminate(database: Database, pid: int) -> None:
    """End a connection, and give this process the time to notice."""
    await database.fetch(Statement(f"SELECT pg_terminate_backend({pid}, 2000)", bool), {})
    await asyncio.sleep(0.05)


async def lock_impatiently(database: Database, author_id: int) -> None:
    async with PostgreSQLUnitOfWork(database) as work:
        await work.session.fetch(Statement("SET LOCAL lock_timeout = '50ms'"))
        await work.authors.lock(author_id)


async def test_the_migrations_make_the_tables_that_the_code_works_with(engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return list(compare_metadata(context, metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_instances_that_migrate_at_once_take_turns(database: str) -> None:
    engines = [create_engine(database) for _ in range(3)]
    opened = open_database(database, pool_size=1)
    with pytest.raises(SchemaOutdated, match="at migration None"):
        await check_schema(opened)
    await asyncio.gather(*map(upgrade, engines))
    await check_schema(opened)
    async with engines[0].begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(SchemaOutdated, match="at migration 0000"):
        await check_schema(opened)
    await opened.close()


async def test_of_many_changes_at_once_each_gets_a_version_of_its_own(authors_db: Database) -> None:
    author = await silent_service(authors_db).create_author(LE_GUIN)
    changed = await asyncio.gather(
        *(silent_service(authors_db).change_author(author.author_id, {"name": f"Name {i}"}) for i in range(8))
    )
    assert sorted(one.version for one in changed) == list(range(2, 10))


async def test_a_lock_that_is_not_given_in_time_is_unavailable(authors_db: Database) -> None:
    author = await silent_service(authors_db).create_author(LE_GUIN)
    async with PostgreSQLUnitOfWork(authors_db) as holding:
        await holding.authors.lock(author.author_id)
        with pytest.raises(Unavailable):
            await lock_impatiently(authors_db, author.author_id)


async def test_a_deadlock_is_unavailable_to_one_and_nothing_to_the_other(authors_db: Database) -> None:
    first = await silent_service(authors_db).create_author(LE_GUIN)
    second = await silent_service(authors_db).create_author(LE_GUIN)
    reached = asyncio.Barrier(2)

    async def lock_both(one: int, other: int) -> None:
        async with PostgreSQLUnitOfWork(authors_db) as work:
            await work.session.fetch(Statement("SET LOCAL deadlock_timeout = '50ms'"))
            await work.authors.lock(one)
            await reached.wait()
            await work.authors.lock(other)

    outcomes = await asyncio.gather(
        lock_both(first.author_id, second.author_id),
        lock_both(second.author_id, first.author_id),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes if outcome] == [Unavailable]
    assert outcomes.count(None) == 1


async def test_a_database_that_is_away_is_unavailable() -> None:
    away = open_database("postgresql+asyncpg://nobody:nothing@127.0.0.1:1/nowhere", pool_size=1)
    with pytest.raises(Unavailable):
        await silent_service(away).get_author(1)
    with pytest.raises(Unavailable):
        await silent_service(away).take_over_books([a_book()])
    await away.close()


async def test_a_connection_lost_at_the_commit_leaves_the_outcome_unknown(authors_db: Database) -> None:
    async with PostgreSQLUnitOfWork(authors_db) as work:
        assert await work.authors.page(0, 1) == []
        await work.authors.add(LE_GUIN, MORNING)
        (pid,) = await work.session.fetch(BACKEND)
        await terminate(authors_db, pid)
        with pytest.raises(OutcomeUnknown):
            await work.commit()


async def test_a_pool_that_is_used_up_is_unavailable(authors_database_url: str, authors_db: Database) -> None:
    small = Database(authors_database_url, 1, pool_timeout_s=0.05)
    async with PostgreSQLUnitOfWork(small) as work:
        await work.authors.page(0, 1)
        with pytest.raises(Unavailable):
            await silent_service(small).get_author(1)
    await small.close()


async def test_a_connection_that_died_in_the_pool_is_replaced_before_anybody_gets_it(
    authors_db: Database,
) -> None:
    author = await silent_service(authors_db).create_author(LE_GUIN)
    (pid,) = await authors_db.fetch(BACKEND, {})
    killer = open_database(authors_db.url, pool_size=1)
    await terminate(killer, pid)
    await killer.close()
    changed = await silent_service(authors_db).change_author(author.author_id, {"name": "X"})
    assert changed.version == 2
    assert await authors_db.fetch(BACKEND, {}) != [pid]


async def test_a_change_and_its_events_are_committed_together_or_not_at_all(
    engine: AsyncEngine, authors_db: Database
) -> None:
    work = PostgreSQLUnitOfWork(authors_db)
    publisher = OutboxPublisher(channels.SENDS, work.session)
    with correlation("cause-1"):
        author = await AuthorService(work, publisher, TickingClock()).create_author(LE_GUIN)
    async with engine.connect() as connection:
        rows = (await connection.execute(select(outbox))).all()
    assert [(row.topic, row.key) for row in rows] == [("library.authors", b"1")]
    assert ["correlation_id", "cause-1"] in rows[0].headers
    envelope = channels.AUTHOR_CREATED.payload.parse_json(rows[0].value)
    assert (envelope.data.author_id, envelope.data.created_at) == (author.author_id, author.created_at)

    async def fail_half_way() -> None:
        async with PostgreSQLUnitOfWork(authors_db) as work:
            await work.authors.add(LE_GUIN, MORNING)
            publisher = OutboxPublisher(channels.SENDS, work.session)
            await publisher.publish("author.created", asdict(author))

    await fail_half_way()
    assert (await count(authors_db, "outbox"), await count(authors_db, "authors")) == (1, 1)


async def test_what_breaks_the_contract_is_neither_stored_nor_sent(authors_db: Database) -> None:
    work = PostgreSQLUnitOfWork(authors_db)
    publisher = OutboxPublisher(channels.SENDS, work.session)
    with pytest.raises(ContractViolation, match="#/data/name"):
        await AuthorService(work, publisher, TickingClock()).create_author(replace(LE_GUIN, name=""))
    assert (await count(authors_db, "outbox"), await count(authors_db, "authors")) == (0, 0)


async def test_the_events_of_one_author_leave_in_the_order_of_its_versions(
    engine: AsyncEngine, authors_db: Database
) -> None:
    author = await silent_service(authors_db).create_author(LE_GUIN)

    async def change(number: int) -> None:
        work = PostgreSQLUnitOfWork(authors_db)
        service = AuthorService(work, OutboxPublisher(channels.SENDS, work.session), TickingClock())
        await service.change_author(author.author_id, {"name": f"Name {number}"})

    await asyncio.gather(*(change(number) for number in range(10)))
    async with engine.connect() as connection:
        values = (await connection.execute(select(outbox.c.value).order_by(outbox.c.id))).scalars()
        versions = [channels.AUTHOR_UPDATED.payload.parse_json(value).data.version for value in values]
    assert versions == list(range(2, 12))
