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
from authors_service.contracts.interfaces import IUnitOfWork
from authors_service.domain.entities import Book, Link
from authors_service.domain.services import AuthorService
from authors_service.infrastructure.database.tables import author_books, books_cache
from authors_service.infrastructure.database.unit_of_work import PostgreSQLUnitOfWork
from tests.authors_service.examples import LE_GUIN, a_book, a_link
from tests.authors_service.fakes import InMemoryDatabase, InMemoryUnitOfWork, Rows, TickingClock

Told = Book | Link | tuple[Book]
"""What an event tells: a book, a link, or (as a tuple) that a book is gone."""

Row = tuple[Any, ...]
Storage = Callable[[], IUnitOfWork]
AUTHORS, BOOKS = (1, 2), (4, 5)
GONE_AUTHOR = 3


@st.composite
def histories(draw: st.DrawFn) -> list[Told]:
    """Everything the Books Service may tell of two books and their links, as it happened."""
    told: list[Told] = []
    for book_id in BOOKS:
        versions = draw(st.integers(0, 3))
        told += [a_book(book_id, version, title=f"Edition {version}") for version in range(1, versions + 1)]
        if versions and draw(st.booleans()):
            told.append((a_book(book_id, versions + 1, title="gone"),))
    for author_id in (*AUTHORS, GONE_AUTHOR):
        for book_id in BOOKS:
            for version in draw(st.sets(st.integers(1, 5), max_size=3)):
                # One write per (version, origin): odd ones link, even ones unlink.
                told.append(a_link(author_id, book_id, version, linked=version % 2 == 1))
    return told


arrivals = histories().flatmap(
    lambda told: st.tuples(
        st.just(told),
        st.permutations(told),
        st.lists(st.sampled_from(told), max_size=5) if told else st.just([]),
    )
)


async def tell(storage: Storage, told: Sequence[Told], most: int = 1) -> None:
    """Tell all, consecutive books or links together, at most so many of them."""
    for of_links, group in groupby(told, key=lambda one: isinstance(one, Link)):
        several = list(group)
        for start in range(0, len(several), most):
            part = several[start : start + most]
            service = AuthorService(storage(), None, TickingClock())
            if of_links:
                await service.take_over_links(one for one in part if isinstance(one, Link))
            else:
                gone = [one[0] for one in part if isinstance(one, tuple)]
                await service.take_over_books([one for one in part if isinstance(one, Book)], gone)


async def prepare(storage: Storage) -> None:
    clock = TickingClock()
    for _ in (*AUTHORS, GONE_AUTHOR):
        await AuthorService(storage(), None, clock).create_author(LE_GUIN)
    await AuthorService(storage(), None, clock).delete_author(GONE_AUTHOR)


async def rows_in_memory(told: Sequence[Told], most: int = 1) -> Rows:
    database = InMemoryDatabase()
    await prepare(lambda: InMemoryUnitOfWork(database))
    await tell(lambda: InMemoryUnitOfWork(database), told, most)
    return replace(database.rows, authors={})


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
    buried = {one[0].book_id for one in in_order if isinstance(one, tuple)}
    assert not any(
        link.author_id == GONE_AUTHOR or link.book_id in buried for link in expected.links.values()
    )
    for link in (one for one in in_order if isinstance(one, Link) and one.book_id not in buried):
        if link.author_id != GONE_AUTHOR:
            assert expected.links[link.author_id, link.book_id].version >= link.version


async def rows_in_postgresql(
    engine: AsyncEngine, database: Database, told: Sequence[Told], most: int
) -> tuple[list[Row], list[Row]]:
    async with engine.begin() as connection:
        await connection.execute(books_cache.delete())
        await connection.execute(author_books.delete())
    await tell(lambda: PostgreSQLUnitOfWork(database), told, most)
    async with engine.connect() as connection:
        links = await connection.execute(select(*author_books.c).order_by("author_id", "book_id"))
        books = await connection.execute(select(*books_cache.c).order_by("book_id"))
        return [tuple(row) for row in links], [tuple(row) for row in books]


async def test_postgresql_ends_with_the_rows_of_the_in_memory_twin(
    engine: AsyncEngine, authors_db: Database
) -> None:
    await prepare(lambda: PostgreSQLUnitOfWork(authors_db))
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
        links, books = await rows_in_postgresql(engine, authors_db, told, most)
        assert links == [
            (link.author_id, link.book_id, link.version, link.origin, link.linked, link.changed_at)
            for _, link in sorted(expected.links.items())
        ]
        assert [(row[0], row[1], row[5], row[8] is None) for row in books] == [
            (book.book_id, book.title, book.version, alive)
            for _, (book, alive) in sorted(expected.books.items())
        ]
