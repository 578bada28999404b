"""Links on a real PostgreSQL: who meets whom, what is told in which order, and how they are found."""

import asyncio
import json
from contextlib import suppress
from dataclasses import asdict, replace
from random import Random

import pytest

from accord.bus.adapters.sql import OutboxPublisher
from accord.bus.adapters.sql_database import Database
from accord.bus.adapters.sql_statement import Statement
from accord.bus.errors import Unavailable
from books_service.contracts.interfaces import Found
from books_service.domain.errors import LinkNotFound, UnknownAuthors
from books_service.domain.services import BookService
from books_service.infrastructure.database.unit_of_work import PostgreSQLUnitOfWork
from generated.books import channels
from tests.books_service.examples import EARTHSEA, a_link, an_author, later
from tests.books_service.fakes import TickingClock
from tests.books_service.storing import count, silent_service


def loud_service(database: Database) -> BookService:
    work = PostgreSQLUnitOfWork(database)
    return BookService(work, OutboxPublisher(channels.SENDS, work.session), TickingClock())


async def test_a_link_and_the_tombstone_of_its_author_never_pass_each_other(books_db: Database) -> None:
    book = await silent_service(books_db).create_book(EARTHSEA)
    await silent_service(books_db).take_over_authors([an_author(4)])
    async with PostgreSQLUnitOfWork(books_db) as linking:
        await linking.books.lock(book.book_id)
        assert await linking.authors.hold([4]) == {4: True}
        burying = asyncio.create_task(silent_service(books_db).take_over_authors(gone=[later(an_author(4))]))
        await asyncio.sleep(0.2)
        assert not burying.done()
        await linking.links.put([a_link(book.book_id, 4)])
        await linking.commit()
    await burying
    assert await count(books_db, "book_authors") == 0


async def test_a_link_that_comes_second_to_the_tombstone_is_refused(books_db: Database) -> None:
    book = await silent_service(books_db).create_book(EARTHSEA)
    await silent_service(books_db).take_over_authors([an_author(4)])
    async with PostgreSQLUnitOfWork(books_db) as burying:
        await burying.authors.bury([later(an_author(4))])
        linking = asyncio.create_task(silent_service(books_db).link_authors(book.book_id, [4]))
        received = asyncio.create_task(silent_service(books_db).take_over_links([a_link(book.book_id, 4)]))
        await asyncio.sleep(0.2)
        assert not linking.done()
        assert not received.done()
        await burying.commit()
    with pytest.raises(UnknownAuthors):
        await linking
    await received
    assert await count(books_db, "book_authors") == 0


@pytest.mark.parametrize("author_ids", [[4], [4, 5]], ids=["one", "several"])
async def test_a_change_that_waits_until_a_link_is_told_once_more_is_told_after_it(
    books_db: Database, author_ids: list[int]
) -> None:
    book = await silent_service(books_db).create_book(EARTHSEA)
    removed = [a_link(book.book_id, author_id, linked=False) for author_id in author_ids]
    await silent_service(books_db).take_over_authors(map(an_author, author_ids))
    await silent_service(books_db).take_over_links(removed)
    async with PostgreSQLUnitOfWork(books_db) as telling:
        await telling.links.share((0, 0), 10)
        linking = asyncio.create_task(loud_service(books_db).link_authors(book.book_id, author_ids))
        await asyncio.sleep(0.2)
        assert not linking.done()
        told_again = asdict(removed[0])
        del told_again["linked"]
        publisher = OutboxPublisher(channels.SENDS, telling.session)
        await publisher.publish("book_author.unlinked", told_again)
        await telling.commit()
    await linking
    told = Statement(
        "SELECT convert_from(value, 'UTF8')::jsonb ->> 'event_type' FROM outbox ORDER BY id", str
    )
    assert await books_db.fetch(told, {}) == [
        "book_author.unlinked",
        *["book_author.linked"] * len(author_ids),
    ]


async def test_a_link_that_comes_second_to_the_deletion_of_its_book_changes_nothing(
    books_db: Database,
) -> None:
    book = await silent_service(books_db).create_book(EARTHSEA)
    async with PostgreSQLUnitOfWork(books_db) as deleting:
        await deleting.books.lock(book.book_id)
        received = asyncio.create_task(silent_service(books_db).take_over_links([a_link(book.book_id, 4)]))
        await asyncio.sleep(0.2)
        assert not received.done()
        await deleting.books.remove(book)
        await deleting.commit()
    await received
    assert await count(books_db, "book_authors") == 0


async def test_one_book_linked_twice_at_once_gets_one_link(books_db: Database) -> None:
    book = await silent_service(books_db).create_book(EARTHSEA)
    for author_id in range(1, 9):
        await silent_service(books_db).take_over_authors([an_author(author_id)])
    await asyncio.gather(
        *(silent_service(books_db).link_authors(book.book_id, range(1, 9)) for _ in range(4)),
        *(silent_service(books_db).take_over_links([a_link(book.book_id, i)]) for i in range(1, 9)),
    )
    async with PostgreSQLUnitOfWork(books_db).reading() as work:
        found = await work.links.find(book.book_id, range(1, 9))
    assert found is not None
    links = found.links
    assert {(link.version, link.linked) for link in links.values()} <= {(1, True), (2, True)}
    assert len(links) == 8


async def test_whoever_changes_links_at_once_every_version_is_told_in_its_order(books_db: Database) -> None:
    book = await silent_service(books_db).create_book(EARTHSEA)
    author_ids = range(4, 7)
    await silent_service(books_db).take_over_authors(map(an_author, author_ids))

    async def change(chance: Random) -> None:
        loud, silent = loud_service(books_db), silent_service(books_db)
        for _ in range(25):
            author_id, version = chance.choice(author_ids), chance.randint(1, 40)
            with suppress(LinkNotFound):
                match chance.randrange(4):
                    case 0:
                        await loud.link_authors(book.book_id, chance.sample(author_ids, 2))
                    case 1:
                        await loud.unlink_author(book.book_id, author_id)
                    case 2:
                        await loud.republish_links((0, 0), 10)
                    case _:
                        received = a_link(book.book_id, author_id, version, linked=chance.random() < 0.5)
                        await silent.take_over_links([received])

    await asyncio.gather(*(change(Random(seed)) for seed in range(6)))
    told: dict[int, list[tuple[int, str, bool]]] = {}
    values = Statement("SELECT convert_from(value, 'UTF8') FROM outbox ORDER BY id", str)
    for value in await books_db.fetch(values, {}):
        event = json.loads(value)
        data = event["data"]
        linked = event["event_type"] == "book_author.linked"
        told.setdefault(data["author_id"], []).append((data["version"], data["origin"], linked))
    found = await find(books_db, book.book_id, *author_ids)
    assert found is not None
    for author_id, states in told.items():
        assert [state[:2] for state in states] == sorted(state[:2] for state in states)
        assert len(set(states)) == len({state[:2] for state in states})
        link = found.links[author_id]
        if link.origin == "books":
            assert states[-1] == (link.version, link.origin, link.linked)


async def test_batches_that_meet_wait_for_each_other_and_never_in_a_circle(books_db: Database) -> None:
    books = [
        (await silent_service(books_db).create_book(replace(EARTHSEA, isbn=None))).book_id for _ in range(6)
    ]
    for number in range(4):
        authors = [an_author(1_000 * number + each) for each in range(300)]
        links = [a_link(book_id, author.author_id) for book_id in books[:2] for author in authors]
        await silent_service(books_db).take_over_authors(authors)
        outcomes = await asyncio.gather(
            silent_service(books_db).take_over_links(links),
            silent_service(books_db).take_over_authors(gone=map(later, authors[::2])),
            silent_service(books_db).take_over_links(reversed(links)),
            silent_service(books_db).take_over_authors(gone=map(later, reversed(authors[::3]))),
            silent_service(books_db).link_authors(
                books[1], [author.author_id for author in reversed(authors)]
            ),
            silent_service(books_db).delete_book(books.pop(0)),
            return_exceptions=True,
        )
        assert not [outcome for outcome in outcomes if isinstance(outcome, Unavailable)]


@pytest.mark.parametrize("few", [0, 60])
async def test_a_link_is_found_alone_although_there_were_few_when_it_was_planned(
    books_db: Database, few: int
) -> None:
    async def add(first: int, last: int) -> None:
        await silent_service(books_db).take_over_authors(map(an_author, range(first, last)))
        links = (a_link(book.book_id, author_id) for author_id in range(first, last))
        await silent_service(books_db).take_over_links(links)

    async def rows_read() -> int:
        """By the one connection that is used while nobody else needs one."""
        await books_db.fetch(Statement("SELECT pg_stat_force_next_flush()"), {})
        return (await books_db.fetch(read, {}))[0]

    read = Statement(
        "SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_user_tables"
        " WHERE relname IN ('authors_cache', 'book_authors')",
        int,
    )
    book = await silent_service(books_db).create_book(EARTHSEA)
    await add(1, few)
    async with books_db.pool.lend() as connection:
        await connection.execute("VACUUM (ANALYZE)")
    for _ in range(10):  # from the sixth time on, one plan is for all values
        await find(books_db, book.book_id, 2, 3)
    await add(max(1, few), 2_000)
    before = await rows_read()
    await find(books_db, book.book_id, 700, 2_001)
    assert await rows_read() - before <= 4


async def find(database: Database, book_id: int, *author_ids: int) -> Found | None:
    async with PostgreSQLUnitOfWork(database).reading() as work:
        return await work.links.find(book_id, author_ids)
