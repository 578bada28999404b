"""What must hold once every event has arrived, whatever happened on the way."""

from collections.abc import Sequence
from typing import Any

from accord.bus.messages import Record
from accord.bus.transport import Partition
from tests.end_to_end.convergence.pair import Pair
from tests.end_to_end.convergence.side import DEAD_LETTERS, Dump, Row, Side

__all__ = [
    "both_sides_agree",
    "compacted",
    "settle",
    "survives_a_compacted_replay",
    "survives_a_full_replay",
    "survives_the_loss_of_the_streams",
]


async def settle(pair: Pair) -> None:
    """Let both relays and both consumers finish."""
    while True:
        for side in pair.sides:
            while await side.has_rows_to_send():
                await side.relay()
        if not any(side.waiting(each) for side in pair.sides for each in side.committed):
            return
        for side in pair.sides:
            await side.catch_up()


async def both_sides_agree(pair: Pair, purged: bool = False) -> tuple[Dump, Dump]:
    """Caches equal what is owned, links are the same on both sides, nothing deleted is alive.

    Tombstones of links are the same too, unless some were ``purged``, which each side does when it likes.
    """
    authors, books = await pair.authors.dump(), await pair.books.dump()
    assert not pair.broker.records(DEAD_LETTERS), "a record was dead-lettered"
    _cache_equals_owner(pair.authors, authors, books["authors_cache"], purged)
    _cache_equals_owner(pair.books, books, authors["books_cache"], purged)
    at_authors, at_books = _links(authors["author_books"], purged), _links(books["book_authors"], purged)
    assert at_authors == at_books, "the links differ"
    alive_authors = {row["author_id"] for row in authors["authors"]}
    alive_books = {row["book_id"] for row in books["books"]}
    for author_id, book_id in at_authors:
        assert author_id in alive_authors, f"a link of author {author_id}, who is gone"
        assert book_id in alive_books, f"a link of book {book_id}, which is gone"
    return authors, books


async def survives_a_full_replay(pair: Pair, before: tuple[Dump, Dump], purged: bool = False) -> None:
    """Read both streams again from offset 0, links first: no row is even written, but purged tombstones."""
    for side in pair.sides:
        side.from_the_beginning()
        await side.catch_up(_links_first(side))
    after = await both_sides_agree(pair, purged)
    assert purged or after == before, "a second replay from offset 0 writes rows"


async def survives_a_compacted_replay(pair: Pair, before: tuple[Dump, Dump], purged: bool = False) -> None:
    """Forget all that was told, and read no more than the last record of each key: the same rows are back."""
    for side in pair.sides:
        await side.forget_the_other()
        side.from_the_beginning()
        kept = [record for each in _links_first(side) for record in compacted(side.waiting(each))]
        await side.deliver(kept)
    after = await both_sides_agree(pair, purged)
    assert purged or _content(after) == _content(before), "a replay of the compacted streams gives other rows"


async def survives_the_loss_of_the_streams(
    pair: Pair, before: tuple[Dump, Dump], purged: bool = False
) -> None:
    """Lose the streams, and of anything the last that was told: a republication brings it back."""
    for side in pair.sides:
        # What was purged at its owner is told by a stream alone.
        await (side.forget_the_other() if purged else side.miss_the_last_event_of_each())
    pair.new_broker()
    await pair.republish()
    await settle(pair)
    after = await both_sides_agree(pair, purged)
    assert purged or _content(after) == _content(before), "a republication gives other rows"


def compacted(log: Sequence[Record]) -> list[Record]:
    """What compaction leaves of a partition."""
    last = {record.key: record.offset for record in log}
    return [record for record in log if last[record.key] == record.offset]


def _cache_equals_owner(owner: Side[Any], owned: Dump, cache: Sequence[Row], purged: bool) -> None:
    for table, alive in ((owner.owned.name, True), (f"deleted_{owner.name}", False)):
        cached = [
            _without(row, "xmin", "deleted_at") for row in cache if (row["deleted_at"] is None) is alive
        ]
        rows = [_without(row, "xmin") for row in owned[table]]
        same = cached == rows or (purged and not alive)
        assert same, f"the other service's cache differs from what is in {table}"


def _links(rows: Sequence[Row], purged: bool) -> dict[tuple[int, int], Row]:
    return {
        (row["author_id"], row["book_id"]): _without(row, "xmin")
        for row in rows
        if row["linked"] or not purged
    }


def _links_first(side: Side[Any]) -> list[Partition]:
    """Each side receives entities by its first stream, and links by its second one."""
    return sorted(side.committed, key=lambda each: (each[0] == side.receives[0].name, each))


def _content(dumps: tuple[Dump, Dump]) -> list[dict[str, list[Row]]]:
    """A tombstone says when it was left here: later, if it is left anew."""
    return [{name: [_lasting(row) for row in rows] for name, rows in dump.items()} for dump in dumps]


def _lasting(row: Row) -> Row:
    return {**_without(row, "xmin", "deleted_at"), "deleted": row.get("deleted_at") is not None}


def _without(row: Row, *members: str) -> Row:
    return {name: value for name, value in row.items() if name not in members}
