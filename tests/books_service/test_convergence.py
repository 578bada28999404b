"""Late, repeated and reordered events: whatever the order of arrival, the same rows come out."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from accord.bus.adapters.sql_database import Database
from books_service.contracts.interfaces import IUnitOfWork
from books_service.domain.entities import Author, Link
from books_service.domain.services import BookService
from books_service.infrastructure.database.tables import authors_cache, book_authors
from books_service.infrastructure.database.unit_of_work import PostgreSQLUnitOfWork
from tests.books_service.examples import EARTHSEA, a_link, an_author
from tests.books_service.fakes import InMemoryDatabase, InMemoryUnitOfWork, Rows, TickingClock

Told = Author | Link | tuple[Author]
"""What an event tells: an author, a link, or (as a tuple) that an author is gone."""

Row = tuple[Any, ...]
Storage = Callable[[], IUnitOfWork]
BOOKS, AUTHORS = (1, 2), (4, 5)
GONE_BOOK = 3


@st.composite
def histories(draw: st.DrawFn) -> list[Told]:
    """Everything the Authors Service may tell of two authors and their links, as it happened."""
    told: list[Told] = []
    for author_id in AUTHORS:
        versions = draw(st.integers(0, 3))
        told += [an_author(author_id, version, name=f"Name {version}") for version in range(1, versions + 1)]
        if versions and draw(st.booleans()):
            told.append((an_author(author_id, versions + 1, name="gone"),))
    for book_id in (*BOOKS, GONE_BOOK):
        for author_id in AUTHORS:
            for version in draw(st.sets(st.integers(1, 5), max_size=3)):
                # One write per (version, origin): odd ones link, even ones unlink.
                told.append(a_link(book_id, author_id, version, linked=version % 2 == 1))
    return told


arrivals = histories().flatmap(
    lambda told: st.tuples(
        st.just(told),
        st.permutations(told),
        st.lists(st.sampled_from(told), max_size=5) if told else st.just([]),
    )
)


async def tell(storage: Storage, told: Sequence[Told], most: int = 1) -> None:
    """Tell all, consecutive authors or links together, at most so many of them."""
    for of_links, group in groupby(told, key=lambda one: isinstance(one, Link)):
        several = list(group)
        for start in range(0, len(several), most):
            part = several[start : start + most]
            service = BookService(storage(), None, TickingClock())
            if of_links:
                await service.take_over_links(one for one in part if isinstance(one, Link))
            else:
                gone = [one[0] for one in part if isinstance(one, tuple)]
                await service.take_over_authors([one for one in part if isinstance(one, Author)], gone)


async def prepare(storage: Storage) -> None:
    clock = TickingClock()
    for _ in (*BOOKS, GONE_BOOK):
        await BookService(storage(), None, clock).create_book(EARTHSEA)
    await BookService(storage(), None, clock).delete_book(GONE_BOOK)


async def rows_in_memory(told: Sequence[Told], most: int = 1) -> Rows:
    database = InMemoryDatabase()
    await prepare(lambda: InMemoryUnitOfWork(database))
    await tell(lambda: InMemoryUnitOfWork(database), told, most)
    return replace(database.rows, books={})


@settings(deadline=None)  # a busy machine is no reason to fail
@given(arrivals, st.integers(1, 8))
def test_any_order_and_any_repetition_give_the_same_rows_alone_or_together(
    arrival: tuple[list[Told], list[Told], list[Told]], most: int
) -> None:
    in_order, shuffled, repeated = arrival
    expected = asyncio.run(rows_in_memory(in_order))
    for told in ([*shuffled, *repeated], [*repeated, *shuffled]):
        assert asyncio.run(rows_in_memory(told)) == expected
        assert asyncio.run(rows_in_memory(told, most)) == expected
    buried = {one[0].author_id for one in in_order if isinstance(one, tuple)}
    assert not any(link.book_id == GONE_BOOK or link.author_id in buried for link in expected.links.values())
    for link in (one for one in in_order if isinstance(one, Link) and one.author_id not in buried):
        if link.book_id != GONE_BOOK:
            assert expected.links[link.book_id, link.author_id].version >= link.version


async def rows_in_postgresql(
    engine: AsyncEngine, database: Database, told: Sequence[Told], most: int
) -> tuple[list[Row], list[Row]]:
    async with engine.begin() as connection:
        await connection.execute(authors_cache.delete())
        await connection.execute(book_authors.delete())
    await tell(lambda: PostgreSQLUnitOfWork(database), told, most)
    async with engine.connect() as connection:
        links = await connection.execute(select(*book_authors.c).order_by("book_id", "author_id"))
        authors = await connection.execute(select(*authors_cache.c).order_by("author_id"))
        return [tuple(row) for row in links], [tuple(row) for row in authors]


async def test_postgresql_ends_with_the_rows_of_the_in_memory_twin(
    engine: AsyncEngine, books_db: Database
) -> None:
    await prepare(lambda: PostgreSQLUnitOfWork(books_db))
    found: list[tuple[list[Told], list[Told], list[Told]]] = []

    @settings(max_examples=25, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(arrivals)
    def collect(arrival: tuple[list[Told], list[Told], list[Told]]) -> None:
        found.append(arrival)

    await asyncio.to_thread(collect)
    assert len(found) == 25
    for number, (_, shuffled, repeated) in enumerate(found):
        expected = await rows_in_memory(shuffled)
        told, most = [*repeated, *shuffled, *repeated], 1 + number % 8
        links, authors = await rows_in_postgresql(engine, books_db, told, most)
        assert links == [
            (link.book_id, link.author_id, link.version, link.origin, link.linked, link.changed_at)
            for _, link in sorted(expected.links.items())
        ]
        assert [(row[0], row[1], row[4], row[7] is None) for row in authors] == [
            (author.author_id, author.name, author.version, alive)
            for _, (author, alive) in sorted(expected.authors.items())
        ]
