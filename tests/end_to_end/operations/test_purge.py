"""Old tombstones go, and nothing that was removed comes back for it."""

from datetime import timedelta

import authors_service.infrastructure.database.purge as authors_purge
import books_service.infrastructure.database.purge as books_purge
from accord.bus.adapters.memory import MemoryBroker
from accord.bus.messages import OutgoingRecord
from authors_service.infrastructure.database import tables as authors_tables
from books_service.infrastructure.database import tables as books_tables
from tests.end_to_end.operations.pair import Pair, rows, some_history

RETENTION = timedelta(days=30)


async def grow_older(pair: Pair, days: int) -> None:
    """Let all tombstones be older by so many days."""
    for engine, cache, links in (
        (pair.authors, "books_cache", "author_books"),
        (pair.books, "authors_cache", "book_authors"),
    ):
        owned = "authors" if engine is pair.authors else "books"
        async with engine.pool.lend() as connection:
            age = f"interval '{days} days'"
            await connection.execute(f"UPDATE deleted_{owned} SET updated_at = updated_at - {age}")
            await connection.execute(f"UPDATE {cache} SET deleted_at = deleted_at - {age}")
            await connection.execute(f"UPDATE {links} SET changed_at = changed_at - {age} WHERE NOT linked")


async def purge(pair: Pair) -> tuple[int, int]:
    """How many went at the authors, and how many at the books."""
    return (
        await authors_purge.TombstonePurge(pair.author_services, RETENTION).purge(),
        await books_purge.TombstonePurge(pair.book_services, RETENTION).purge(),
    )


async def tombstones(pair: Pair) -> tuple[set[tuple[str, int, int]], set[tuple[str, int, int]]]:
    """The removed links of both sides, by origin."""
    found = [
        {(row["origin"], row["author_id"], row["book_id"]) for row in links if not row["linked"]}
        for links in (
            await rows(pair.authors, authors_tables.author_books),
            await rows(pair.books, books_tables.book_authors),
        )
    ]
    return found[0], found[1]


def compact(broker: MemoryBroker) -> MemoryBroker:
    """The same streams with the last record of each key."""
    compacted = MemoryBroker()
    for name in ("library.authors", "library.books", "library.author-books", "library.book-authors"):
        last = {record.key: record for record in broker.records(name)}
        for record in last.values():
            compacted.append(OutgoingRecord(name, record.key, record.value, record.headers))
    return compacted


async def test_what_is_young_stays(pair: Pair) -> None:
    await some_history(pair)
    await grow_older(pair, 29)
    assert await purge(pair) == (0, 0)


async def test_tombstones_that_the_other_side_wrote_go_first_and_ours_after_twice_the_time(
    pair: Pair,
) -> None:
    await some_history(pair)
    both = {("authors", 2, 10), ("books", 1, 2)}
    assert await tombstones(pair) == (both, both)
    await grow_older(pair, 31)
    assert await purge(pair) == (3, 3)  # a link, what this side deleted, and what the other one did
    assert await tombstones(pair) == ({("authors", 2, 10)}, {("books", 1, 2)})
    await grow_older(pair, 30)
    assert await purge(pair) == (1, 1)
    assert await tombstones(pair) == (set(), set())
    await pair.settle()
    await pair.agrees()


async def test_a_replay_from_offset_0_of_compacted_streams_brings_nothing_back(pair: Pair) -> None:
    await some_history(pair)
    for days in (31, 30):
        await grow_older(pair, days)
        await purge(pair)
        await pair.settle()
    for _ in range(2):
        pair.broker = compact(pair.broker)
        await pair.settle(replay=True)
        await pair.agrees()


async def test_a_link_that_is_set_anew_after_a_purge_wins_over_the_tombstone_that_the_other_side_keeps(
    pair: Pair,
) -> None:
    await some_history(pair)
    await grow_older(pair, 31)
    await purge(pair)
    assert ("books", 1, 2) in (await tombstones(pair))[1]
    async with pair.author_services() as authors:
        await authors.link_books(1, [2])
    async with pair.book_services() as books:
        await books.link_authors(10, [2])
    await pair.settle()
    await pair.agrees()
    assert await tombstones(pair) == (set(), set())


async def test_replicas_that_purge_at_once_remove_each_row_once(pair: Pair) -> None:
    await some_history(pair)
    await grow_older(pair, 61)
    async with (
        pair.author_services() as first,
        pair.authors.pool.lend() as second,
        second.transaction(),
    ):
        held = await second.fetch("SELECT 1 FROM author_books WHERE NOT linked FOR UPDATE")
        assert len(held) == 2
        assert await first.purge_tombstones(RETENTION, 500) == 2  # the deleted author and the deleted book
    assert await purge(pair) == (2, 4)
