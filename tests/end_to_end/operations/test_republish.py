"""Everything is told once more, and whoever lost it is whole again."""

import asyncio
from datetime import timedelta

import pytest

import authors_service.infrastructure.database.republish as authors_republish
import books_service.infrastructure.database.republish as books_republish
from authors_service.domain.entities import AuthorDetails
from authors_service.infrastructure.database import tables
from tests.end_to_end.operations.pair import Pair, now, rows, some_history


async def republish(pair: Pair) -> None:
    await authors_republish.Republication(pair.authors, pair.author_services).run(None, lambda _: None)
    await books_republish.Republication(pair.books, pair.book_services).run(None, lambda _: None)


async def forget(pair: Pair) -> None:
    """Lose all that was heard of the other side."""
    async with pair.authors.pool.lend() as connection:
        await connection.execute("TRUNCATE books_cache, author_books")
    async with pair.books.pool.lend() as connection:
        await connection.execute("TRUNCATE authors_cache")


async def test_a_cache_that_was_lost_is_whole_again_after_a_republication_though_the_streams_are_gone(
    pair: Pair,
) -> None:
    await some_history(pair)
    await forget(pair)
    pair.broker = type(pair.broker)()
    await republish(pair)
    await pair.settle(replay=True)
    await pair.agrees()


async def test_a_deletion_that_a_cache_has_lost_is_told_again_and_takes_the_links_along(pair: Pair) -> None:
    await some_history(pair)
    async with pair.books.pool.lend() as connection:
        await connection.execute(
            "UPDATE authors_cache SET version = 1, deleted_at = NULL WHERE author_id = 4"
        )
        await connection.execute(
            "INSERT INTO book_authors SELECT book_id, 4, 1, 'authors', true, now() FROM books LIMIT 2"
        )
    async with pair.authors.pool.lend() as connection:
        await connection.execute("UPDATE books_cache SET version = 1, deleted_at = NULL WHERE book_id = 5")
    pair.broker = type(pair.broker)()
    await republish(pair)
    await pair.settle(replay=True)
    await pair.agrees()
    told = [
        record
        for record in pair.broker.records("library.authors")
        if b"author.deleted" in (record.value or b"")
    ]
    assert [record.key for record in told] == [b"4"]


async def test_a_cache_that_was_lost_is_whole_again_after_reading_from_offset_0(pair: Pair) -> None:
    await some_history(pair)
    async with pair.books.pool.lend() as connection:
        await connection.execute("TRUNCATE authors_cache, book_authors")
    await republish(pair)
    await pair.settle(replay=True)
    await pair.agrees()


async def test_who_knows_everything_learns_nothing_new(pair: Pair) -> None:
    await some_history(pair)
    engines = ((pair.authors, tables.books_cache), (pair.authors, tables.author_books))
    before = [await rows(engine, table) for engine, table in engines]
    for _ in range(2):
        await republish(pair)
        await pair.settle()
    assert [await rows(engine, table) for engine, table in engines] == before
    await pair.agrees()


async def test_no_older_state_is_told_behind_a_newer_one(pair: Pair) -> None:
    """Or a compacted stream would keep it."""
    await some_history(pair)

    async def change() -> None:
        for number in range(30):
            async with pair.author_services() as authors:
                await authors.change_author(1 + number % 3, {"name": f"Name {number}"})

    await asyncio.gather(change(), *(republish(pair) for _ in range(3)))
    await pair.settle()
    last: dict[bytes | None, int] = {}
    for record in pair.broker.records("library.authors"):
        version = int((record.value or b"").split(b'"version":')[1].split(b",")[0])
        assert version >= last.get(record.key, 0)
        last[record.key] = version


async def test_only_what_changed_since_a_moment_is_told(pair: Pair) -> None:
    await some_history(pair)
    moment = now()
    async with pair.author_services() as authors:
        await authors.change_author(6, {"name": "Changed"})
    await pair.settle()
    before = len(pair.broker.records("library.authors")), len(pair.broker.records("library.author-books"))
    republication = authors_republish.Republication(pair.authors, pair.author_services)
    await republication.run(moment, lambda _: None)
    await pair.settle()
    assert len(pair.broker.records("library.authors")) == before[0] + 1
    assert len(pair.broker.records("library.author-books")) == before[1]
    async with pair.author_services() as authors:
        await authors.delete_author(6)
    await pair.settle()
    assert len(pair.broker.records("library.authors")) == before[0] + 2
    await republication.run(moment, lambda _: None)
    await pair.settle()
    assert len(pair.broker.records("library.authors")) == before[0] + 3, "the deletion alone"
    await republication.run(moment + timedelta(days=1), lambda _: None)
    await pair.settle()
    assert len(pair.broker.records("library.authors")) == before[0] + 3


async def test_it_waits_while_the_outbox_is_full(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    async with pair.author_services() as authors:
        await authors.create_author(AuthorDetails("Author", None, None))
    full = asyncio.Event()
    async with pair.authors.pool.lend() as connection:
        await connection.execute(
            "INSERT INTO outbox (topic, key, value, headers) SELECT topic, key, value, headers"
            " FROM outbox, generate_series(1, $1)",
            authors_republish.MAX_WAITING,
        )
    republication = authors_republish.Republication(pair.authors, pair.author_services)
    running = asyncio.create_task(republication.run(None, lambda _: None, full.set))
    await asyncio.wait_for(full.wait(), 10)
    assert not running.done()
    async with pair.authors.pool.lend() as connection:
        await connection.execute("DELETE FROM outbox")
    await asyncio.wait_for(running, 10)
    assert len(await rows(pair.authors, tables.outbox)) == 1
