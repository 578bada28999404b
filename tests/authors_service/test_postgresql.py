"""What only a real PostgreSQL can show: schema, locks, races and outages."""

import asyncio
import json
from contextlib import suppress
from dataclasses import asdict, replace
from random import Random
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
from authors_service.contracts.interfaces import Found
from authors_service.domain.errors import LinkNotFound, UnknownBooks
from authors_service.domain.services import AuthorService
from authors_service.infrastructure.database.engine import open_database
from authors_service.infrastructure.database.migrate import create_engine, upgrade
from authors_service.infrastructure.database.schema import SchemaOutdated, check_schema
from authors_service.infrastructure.database.tables import metadata, outbox
from authors_service.infrastructure.database.unit_of_work import PostgreSQLUnitOfWork
from generated.authors import channels
from tests.authors_service.examples import LE_GUIN, MORNING, a_book, a_link, later
from tests.authors_service.fakes import TickingClock


def silent_service(database: Database) -> AuthorService:
    return AuthorService(PostgreSQLUnitOfWork(database), None, TickingClock())


def loud_service(database: Database) -> AuthorService:
    work = PostgreSQLUnitOfWork(database)
    return AuthorService(work, OutboxPublisher(channels.SENDS, work.session), TickingClock())


BACKEND: Final = Statement("SELECT pg_backend_pid()", int)


async def terminate(database: Database, pid: int) -> None:
    """End a connection, and give this process the time to notice."""
    await database.fetch(Statement(f"SELECT pg_terminate_backend({pid}, 2000)", bool), {})
    await asyncio.sleep(0.05)


async def count(database: Database, table: str) -> int:
    return (await database.fetch(Statement(f"SELECT count(*) FROM {table}", int), {}))[0]


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


async def test_a_link_and_the_tombstone_of_its_book_never_pass_each_other(authors_db: Database) -> None:
    author = await silent_service(authors_db).create_author(LE_GUIN)
    await silent_service(authors_db).take_over_books([a_book(4)])
    async with PostgreSQLUnitOfWork(authors_db) as linking:
        await linking.authors.lock(author.author_id)
        assert await linking.books.hold([4]) == {4: True}
        burying = asyncio.create_task(silent_service(authors_db).take_over_books(gone=[later(a_book(4))]))
        await asyncio.sleep(0.2)
        assert not burying.done()
        await linking.links.put([a_link(author.author_id, 4)])
        await linking.commit()
    await burying
    assert await count(authors_db, "author_books") == 0


async def test_a_link_that_comes_second_to_the_tombstone_is_refused(authors_db: Database) -> None:
    author = await silent_service(authors_db).create_author(LE_GUIN)
    await silent_service(authors_db).take_over_books([a_book(4)])
    async with PostgreSQLUnitOfWork(authors_db) as burying:
        await burying.books.bury([later(a_book(4))])
        linking = asyncio.create_task(silent_service(authors_db).link_books(author.author_id, [4]))
        received = asyncio.create_task(
            silent_service(authors_db).take_over_links([a_link(author.author_id, 4)])
        )
        await asyncio.sleep(0.2)
        assert not linking.done()
        assert not received.done()
        await burying.commit()
    with pytest.raises(UnknownBooks):
        await linking
    await received
    assert await count(authors_db, "author_books") == 0


@pytest.mark.parametrize("book_ids", [[4], [4, 5]], ids=["one", "several"])
async def test_a_change_that_waits_until_a_link_is_told_once_more_is_told_after_it(
    authors_db: Database, book_ids: list[int]
) -> None:
    author = await silent_service(authors_db).create_author(LE_GUIN)
    removed = [a_link(author.author_id, book_id, linked=False) for book_id in book_ids]
    await silent_service(authors_db).take_over_books(map(a_book, book_ids))
    await silent_service(authors_db).take_over_links(removed)
    async with PostgreSQLUnitOfWork(authors_db) as telling:
        await telling.links.share((0, 0), 10)
        linking = asyncio.create_task(loud_service(authors_db).link_books(author.author_id, book_ids))
        await asyncio.sleep(0.2)
        assert not linking.done()
        told_again = asdict(removed[0])
        del told_again["linked"]
        publisher = OutboxPublisher(channels.SENDS, telling.session)
        await publisher.publish("author_book.unlinked", told_again)
        await telling.commit()
    await linking
    told = Statement(
        "SELECT convert_from(value, 'UTF8')::jsonb ->> 'event_type' FROM outbox ORDER BY id", str
    )
    assert await authors_db.fetch(told, {}) == [
        "author_book.unlinked",
        *["author_book.linked"] * len(book_ids),
    ]


async def test_a_link_that_comes_second_to_the_deletion_of_its_author_changes_nothing(
    authors_db: Database,
) -> None:
    author = await silent_service(authors_db).create_author(LE_GUIN)
    async with PostgreSQLUnitOfWork(authors_db) as deleting:
        await deleting.authors.lock(author.author_id)
        received = asyncio.create_task(
            silent_service(authors_db).take_over_links([a_link(author.author_id, 4)])
        )
        await asyncio.sleep(0.2)
        assert not received.done()
        await deleting.authors.remove(author)
        await deleting.commit()
    await received
    assert await count(authors_db, "author_books") == 0


async def test_of_many_changes_at_once_each_gets_a_version_of_its_own(authors_db: Database) -> None:
    author = await silent_service(authors_db).create_author(LE_GUIN)
    changed = await asyncio.gather(
        *(silent_service(authors_db).change_author(author.author_id, {"name": f"Name {i}"}) for i in range(8))
    )
    assert sorted(one.version for one in changed) == list(range(2, 10))


async def test_one_author_linked_twice_at_once_gets_one_link(authors_db: Database) -> None:
    author = await silent_service(authors_db).create_author(LE_GUIN)
    for book_id in range(1, 9):
        await silent_service(authors_db).take_over_books([a_book(book_id)])
    await asyncio.gather(
        *(silent_service(authors_db).link_books(author.author_id, range(1, 9)) for _ in range(4)),
        *(silent_service(authors_db).take_over_links([a_link(author.author_id, i)]) for i in range(1, 9)),
    )
    async with PostgreSQLUnitOfWork(authors_db).reading() as work:
        found = await work.links.find(author.author_id, range(1, 9))
    assert found is not None
    links = found.links
    assert {(link.version, link.linked) for link in links.values()} <= {(1, True), (2, True)}
    assert len(links) == 8


async def test_whoever_changes_links_at_once_every_version_is_told_in_its_order(authors_db: Database) -> None:
    author = await silent_service(authors_db).create_author(LE_GUIN)
    book_ids = range(4, 7)
    await silent_service(authors_db).take_over_books(map(a_book, book_ids))

    async def change(chance: Random) -> None:
        loud, silent = loud_service(authors_db), silent_service(authors_db)
        for _ in range(25):
            book_id, version = chance.choice(book_ids), chance.randint(1, 40)
            with suppress(LinkNotFound):
                match chance.randrange(4):
                    case 0:
                        await loud.link_books(author.author_id, chance.sample(book_ids, 2))
                    case 1:
                        await loud.unlink_book(author.author_id, book_id)
                    case 2:
                        await loud.republish_links((0, 0), 10)
                    case _:
                        received = a_link(author.author_id, book_id, version, linked=chance.random() < 0.5)
                        await silent.take_over_links([received])

    await asyncio.gather(*(change(Random(seed)) for seed in range(6)))
    told: dict[int, list[tuple[int, str, bool]]] = {}
    values = Statement("SELECT convert_from(value, 'UTF8') FROM outbox ORDER BY id", str)
    for value in await authors_db.fetch(values, {}):
        event = json.loads(value)
        data = event["data"]
        linked = event["event_type"] == "author_book.linked"
        told.setdefault(data["book_id"], []).append((data["version"], data["origin"], linked))
    found = await find(authors_db, author.author_id, *book_ids)
    assert found is not None
    for book_id, states in told.items():
        assert [state[:2] for state in states] == sorted(state[:2] for state in states)
        assert len(set(states)) == len({state[:2] for state in states})
        link = found.links[book_id]
        if link.origin == "authors":
            assert states[-1] == (link.version, link.origin, link.linked)


async def test_batches_that_meet_wait_for_each_other_and_never_in_a_circle(authors_db: Database) -> None:
    authors = [(await silent_service(authors_db).create_author(LE_GUIN)).author_id for _ in range(6)]
    for number in range(4):
        books = [a_book(1_000 * number + each) for each in range(300)]
        links = [a_link(author_id, book.book_id) for author_id in authors[:2] for book in books]
        await silent_service(authors_db).take_over_books(books)
        outcomes = await asyncio.gather(
            silent_service(authors_db).take_over_links(links),
            silent_service(authors_db).take_over_books(gone=map(later, books[::2])),
            silent_service(authors_db).take_over_links(reversed(links)),
            silent_service(authors_db).take_over_books(gone=map(later, reversed(books[::3]))),
            silent_service(authors_db).link_books(authors[1], [book.book_id for book in reversed(books)]),
            silent_service(authors_db).delete_author(authors.pop(0)),
            return_exceptions=True,
        )
        assert not [outcome for outcome in outcomes if isinstance(outcome, Unavailable)]


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


@pytest.mark.parametrize("few", [0, 60])
async def test_a_link_is_found_alone_although_there_were_few_when_it_was_planned(
    authors_db: Database, few: int
) -> None:
    async def add(first: int, last: int) -> None:
        await silent_service(authors_db).take_over_books(map(a_book, range(first, last)))
        links = (a_link(author.author_id, book_id) for book_id in range(first, last))
        await silent_service(authors_db).take_over_links(links)

    async def rows_read() -> int:
        """By the one connection that is used while nobody else needs one."""
        await authors_db.fetch(Statement("SELECT pg_stat_force_next_flush()"), {})
        return (await authors_db.fetch(read, {}))[0]

    read = Statement(
        "SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_user_tables"
        " WHERE relname IN ('books_cache', 'author_books')",
        int,
    )
    author = await silent_service(authors_db).create_author(LE_GUIN)
    await add(1, few)
    async with authors_db.pool.lend() as connection:
        await connection.execute("VACUUM (ANALYZE)")
    for _ in range(10):  # from the sixth time on, one plan is for all values
        await find(authors_db, author.author_id, 2, 3)
    await add(max(1, few), 2_000)
    before = await rows_read()
    await find(authors_db, author.author_id, 700, 2_001)
    assert await rows_read() - before <= 4


async def find(database: Database, author_id: int, *book_ids: int) -> Found | None:
    async with PostgreSQLUnitOfWork(database).reading() as work:
        return await work.links.find(author_id, book_ids)


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
