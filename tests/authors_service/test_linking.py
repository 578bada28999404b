"""Links on a real PostgreSQL: who meets whom, what is told in which order, and how they are found."""

import asyncio
import json
from contextlib import suppress
from dataclasses import asdict
from random import Random

import pytest

from accord.bus.adapters.sql import OutboxPublisher
from accord.bus.adapters.sql_database import Database
from accord.bus.adapters.sql_statement import Statement
from accord.bus.errors import Unavailable
from authors_service.contracts.interfaces import Found
from authors_service.domain.errors import LinkNotFound, UnknownBooks
from authors_service.domain.services import AuthorService
from authors_service.infrastructure.database.unit_of_work import PostgreSQLUnitOfWork
from generated.authors import channels
from tests.authors_service.examples import LE_GUIN, a_book, a_link, later
from tests.authors_service.fakes import TickingClock
from tests.authors_service.storing import count, silent_service


def loud_service(database: Database) -> AuthorService:
    work = PostgreSQLUnitOfWork(database)
    return AuthorService(work, OutboxPublisher(channels.SENDS, work.session), TickingClock())


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
