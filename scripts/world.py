"""`World`: the library as the demo's story finds it, and the people and books that the story brings in."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import Producer

from accord.bus.messages import Record
from accord.http.client import Failure
from accord.testing.capture import EventCapture
from generated.authors.client import AuthorsClient
from generated.authors.schemas import Author
from generated.books.client import BooksClient
from generated.books.schemas import Book

__all__ = ["Unmet", "World", "refusal", "until_known"]

PATIENCE_SECONDS = 10.0
ASK_AGAIN_SECONDS = 0.01


class Unmet(AssertionError):
    """Something that the story promises did not come true."""


@dataclass
class World:
    """What every step of the story may use and leave behind for the next ones."""

    authors: AuthorsClient
    books: BooksClient
    capture: EventCapture
    bootstrap_servers: str
    specs: Path
    author: dict[str, Author] = field(default_factory=dict)
    book: dict[str, Book] = field(default_factory=dict)
    etag: str = ""
    broken: Record | None = None

    async def send(self, topic: str, partition: int, key: bytes, value: bytes) -> None:
        """Send a record past both services, as a careless third party would."""
        producer = Producer({"bootstrap.servers": self.bootstrap_servers, "log_level": 0})
        producer.produce(topic, partition=partition, key=key, value=value)
        if await asyncio.to_thread(producer.flush, PATIENCE_SECONDS):
            raise Unmet(f"Kafka did not take a record for {topic}")

    async def books_side_shows(self, title: str, authors: list[str]) -> None:
        """Wait until the Books Service lists exactly these authors of a book; raises `Unmet`."""

        async def names() -> list[str]:
            page = await self.books.list_book_authors(self.book[title].book_id)
            return [author.name for author in page.items]

        await eventually(names, authors, f"the authors of {title} on the Books side")

    async def authors_side_shows(self, name: str, books: list[str]) -> None:
        """Wait until the Authors Service lists exactly these books of an author; raises `Unmet`."""

        async def titles() -> list[str]:
            page = await self.authors.list_author_books(self.author[name].author_id)
            return [book.title for book in page.items]

        await eventually(titles, books, f"the books of {name} on the Authors side")


async def eventually(ask: Callable[[], Awaitable[object]], expected: object, what: str) -> None:
    """Ask until the answer is the expected one; raises `Unmet` when patience ends."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (answer := await ask()) != expected:
        if time.monotonic() > deadline:
            raise Unmet(f"{what}: {expected} expected, but still {answer} after {PATIENCE_SECONDS:g} s")
        await asyncio.sleep(ASK_AGAIN_SECONDS)


async def until_known(link: Callable[[], Awaitable[object]]) -> int:
    """Ask for a link until it is accepted, since news of the other side takes a moment; count the refusals.

    Raises `Unmet` when patience ends.
    """
    refusals = 0

    async def is_accepted() -> bool:
        nonlocal refusals
        try:
            await link()
        except Failure as problem:
            if problem.status != 409:
                raise
            refusals += 1
            return False
        return True

    await eventually(is_accepted, True, "whether the link is accepted")
    return refusals


async def refusal(request: Awaitable[object], status: int) -> Failure[object]:
    """Return the problem that the request is answered with; raises `Unmet` if it is another answer."""
    try:
        await request
    except Failure as problem:
        if problem.status == status:
            return problem
        raise Unmet(f"expected {status}, but the answer was {problem}") from problem
    raise Unmet(f"expected {status}, but the request was accepted")
