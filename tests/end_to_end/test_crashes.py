"""Servers that die or freeze, and what is still true afterwards."""

import asyncio

import pytest

from accord.http.client import ClientError, Failure
from generated.authors.client import AuthorsClient
from generated.authors.schemas import AuthorCreate, AuthorPatch
from generated.books.client import BooksClient
from generated.books.schemas import AuthorIds, BookCreate
from scripts.stack import Stack
from tests.waiting import eventually

CREATES = 1000
CLIENTS = 8


async def create_authors(url: str, names: list[str], acknowledged: dict[int, str]) -> None:
    """Create an author for each name; one that nobody acknowledged is asked for again."""
    async with AuthorsClient(url, retries=0) as client:
        while names:
            name = names.pop()
            try:
                created = await client.create_author(AuthorCreate(name=name))
            except ClientError:
                names.append(name)
                await asyncio.sleep(0.1)
            else:
                acknowledged[created.body.author_id] = name


async def all_known_to_books(books: BooksClient, author_ids: list[int]) -> None:
    """Link each author to a new book, which is refused while the Books Service has not heard of it."""
    book = (await books.create_book(BookCreate(title="Roll call"))).body
    for first in range(0, len(author_ids), 100):
        batch = AuthorIds(author_ids=author_ids[first : first + 100])

        async def linked(batch: AuthorIds = batch) -> bool:
            await books.link_book_authors(book.book_id, batch)
            return True

        await eventually(linked, within=40)


@pytest.mark.parametrize("victim", ["authors", "books"])
async def test_no_acknowledged_author_is_lost_when_a_service_is_killed_in_the_middle_of_creates(
    victim: str, stack: Stack, books: BooksClient
) -> None:
    acknowledged: dict[int, str] = {}
    names = [f"Author {number}" for number in range(CREATES)]

    async def half_are_created() -> bool:
        return len(acknowledged) > CREATES // 2

    async with asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(create_authors(stack.addresses.authors_url, names, acknowledged))
        await eventually(half_are_created, within=60)
        stack.services[victim].kill()
        await asyncio.sleep(0.5)
        stack.services[victim].start()
        await asyncio.to_thread(stack.services[victim].wait_until_ready)
    assert len(set(acknowledged.values())) == CREATES
    await all_known_to_books(books, sorted(acknowledged))


async def test_writes_go_on_while_the_broker_is_away_and_arrive_when_it_is_back(
    stack: Stack, authors: AuthorsClient, books: BooksClient
) -> None:
    stack.kafka.pause()
    try:
        created = [await authors.create_author(AuthorCreate(name=f"Patient {number}")) for number in range(5)]
    finally:
        stack.kafka.resume()
    await all_known_to_books(books, [answer.body.author_id for answer in created])


async def test_a_database_that_is_away_is_a_503_and_loses_nothing(
    stack: Stack, authors: AuthorsClient, books: BooksClient
) -> None:
    author = (await authors.create_author(AuthorCreate(name="Before"))).body
    stack.postgres.halt()
    try:
        async with AuthorsClient(stack.addresses.authors_url, retries=0) as impatient:
            with pytest.raises(Failure) as refusal:
                await impatient.get_author(author.author_id)
            assert refusal.value.status == 503
            assert refusal.value.correlation_id
    finally:
        stack.postgres.resume()

    async def is_changed() -> bool:
        await authors.update_author(author.author_id, AuthorPatch(name="After"))
        return True

    await eventually(is_changed)
    await all_known_to_books(books, [author.author_id])

    async def both_are_ready() -> bool:
        await authors.send("GET", "/health/ready")
        await books.send("GET", "/health/ready")
        return True

    await eventually(both_are_ready, within=30)
