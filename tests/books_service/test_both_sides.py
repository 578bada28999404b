"""Both services change the same links at the same time; when all events have arrived, both show the same."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import authors_service.domain.entities as authors_entities
import authors_service.domain.services as authors_services
import books_service.domain.entities as books_entities
import books_service.domain.services as books_services
import tests.authors_service.examples as authors_examples
import tests.authors_service.fakes as authors_fakes
import tests.books_service.examples as books_examples
import tests.books_service.fakes as books_fakes
from authors_service.domain.errors import AuthorsError
from books_service.domain.errors import BooksError

Event = tuple[str, dict[str, Any]]


class Side:
    """One service: the events it sent, and how many of each key have been delivered to the other."""

    def __init__(self, events: Any) -> None:
        self._events = events
        self.delivered: dict[object, int] = {}

    def waiting(self) -> dict[object, list[Event]]:
        """Events not yet delivered, by key; Kafka keeps the order within a key and no other."""
        by_key: dict[object, list[Event]] = {}
        for event_type, data in self._events():
            kind = event_type.split(".")[0]
            by_key.setdefault((kind, data.get("author_id"), data.get("book_id")), []).append(
                (event_type, data)
            )
        return {
            key: events[self.delivered.get(key, 0) :]
            for key, events in by_key.items()
            if self.delivered.get(key, 0) < len(events)
        }


class World:
    """Both services over in-memory storage, and what is on its way between them."""

    def __init__(self) -> None:
        self.authors_db = authors_fakes.InMemoryDatabase()
        self.books_db = books_fakes.InMemoryDatabase()
        self.clock = authors_fakes.TickingClock()
        self.from_authors = Side(lambda: self.authors_db.events)
        self.from_books = Side(lambda: self.books_db.events)

    def authors(self, silent: bool = False) -> authors_services.AuthorService:
        work = authors_fakes.InMemoryUnitOfWork(self.authors_db)
        publisher = None if silent else authors_fakes.InMemoryPublisher(work)
        return authors_services.AuthorService(work, publisher, self.clock)

    def books(self, silent: bool = False) -> books_services.BookService:
        work = books_fakes.InMemoryUnitOfWork(self.books_db)
        publisher = None if silent else books_fakes.InMemoryPublisher(work)
        return books_services.BookService(work, publisher, self.clock)

    async def deliver(self, side: Side, choice: int, again: bool) -> None:
        """Deliver the next event of one key; ``again`` does not note it, so that it comes once more."""
        waiting = sorted(side.waiting().items(), key=str)
        if not waiting:
            return
        key, events = waiting[choice % len(waiting)]
        if not again:
            side.delivered[key] = side.delivered.get(key, 0) + 1
        event_type, data = events[0]
        await (self.tell_books if side is self.from_authors else self.tell_authors)(event_type, data)

    async def deliver_all(self) -> None:
        while self.from_authors.waiting() or self.from_books.waiting():
            await self.deliver(self.from_authors, 0, again=False)
            await self.deliver(self.from_books, 0, again=False)

    def tell_authors(self, event_type: str, data: dict[str, Any]) -> Awaitable[None]:
        service, (kind, what) = self.authors(silent=True), event_type.split(".")
        if kind == "book_author":
            return service.take_over_links([authors_entities.Link(linked=what == "linked", **data)])
        book = authors_entities.Book(**data)
        return service.take_over_books(gone=[book]) if what == "deleted" else service.take_over_books([book])

    def tell_books(self, event_type: str, data: dict[str, Any]) -> Awaitable[None]:
        service, (kind, what) = self.books(silent=True), event_type.split(".")
        if kind == "author_book":
            return service.take_over_links([books_entities.Link(linked=what == "linked", **data)])
        author = books_entities.Author(**data)
        return (
            service.take_over_authors(gone=[author])
            if what == "deleted"
            else service.take_over_authors([author])
        )

    async def do(self, action: str, author_id: int, book_id: int) -> None:
        """Do what a client may ask for; what is refused changes nothing."""
        with suppress(AuthorsError, BooksError):
            match action:
                case "link at authors":
                    await self.authors().link_books(author_id, [book_id])
                case "link at books":
                    await self.books().link_authors(book_id, [author_id])
                case "unlink at authors":
                    await self.authors().unlink_book(author_id, book_id)
                case "unlink at books":
                    await self.books().unlink_author(book_id, author_id)
                case "change author":
                    await self.authors().change_author(author_id, {"name": f"Name {self.clock()}"})
                case "change book":
                    await self.books().change_book(book_id, {"title": f"Title {self.clock()}"})
                case "delete author":
                    await self.authors().delete_author(author_id)
                case "delete book":
                    await self.books().delete_book(book_id)
                case "authors to books":
                    await self.deliver(self.from_authors, author_id + book_id, again=False)
                case "books to authors":
                    await self.deliver(self.from_books, author_id + book_id, again=False)
                case "repeat to books":
                    await self.deliver(self.from_authors, author_id + book_id, again=True)
                case "repeat to authors":
                    await self.deliver(self.from_books, author_id + book_id, again=True)


LINKING = ["link at authors", "link at books", "unlink at authors", "unlink at books"]
DELIVERING = ["authors to books", "books to authors", "repeat to books", "repeat to authors"]
steps = st.lists(
    st.tuples(
        st.sampled_from(
            [*LINKING * 2, *DELIVERING * 3, "change author", "change book", "delete author", "delete book"]
        ),
        st.integers(1, 2),
        st.integers(1, 2),
    ),
    max_size=40,
)


async def run(story: list[tuple[str, int, int]], acquainted: bool) -> World:
    world = World()
    for _ in range(2):
        await world.authors().create_author(authors_examples.LE_GUIN)
        await world.books().create_book(books_examples.EARTHSEA)
    if acquainted:
        await world.deliver_all()
    for action, author_id, book_id in story:
        await world.do(action, author_id, book_id)
    await world.deliver_all()
    return world


@settings(max_examples=300)
@given(steps, st.booleans())
def test_when_all_events_have_arrived_both_sides_show_the_same(
    story: list[tuple[str, int, int]], acquainted: bool
) -> None:
    world = asyncio.run(run(story, acquainted))
    at_authors = {
        (link.author_id, link.book_id, link.version, link.origin, link.linked)
        for link in world.authors_db.rows.links.values()
    }
    at_books = {
        (link.author_id, link.book_id, link.version, link.origin, link.linked)
        for link in world.books_db.rows.links.values()
    }
    assert at_authors == at_books
    authors_here = {key: each.version for key, each in world.authors_db.rows.authors.items()}
    authors_there = {key: each.version for key, (each, alive) in world.books_db.rows.authors.items() if alive}
    assert authors_here == authors_there
    books_here = {key: each.version for key, each in world.books_db.rows.books.items()}
    books_there = {key: each.version for key, (each, alive) in world.authors_db.rows.books.items() if alive}
    assert books_here == books_there
