"""In-memory twins of what the domain asks of a database; the storage tests run on both."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from accord.bus.errors import Unavailable
from authors_service.contracts.interfaces import (
    Found,
    IAuthorRepository,
    IBooksCache,
    IEventPublisher,
    ILinkRepository,
    IUnitOfWork,
)
from authors_service.domain.entities import ORIGIN, Author, AuthorDetails, Book, Link, LinkKey
from authors_service.domain.errors import Overtaken

__all__ = ["InMemoryDatabase", "InMemoryPublisher", "InMemoryUnitOfWork", "TickingClock"]


@dataclass
class Rows:
    """All that is stored: a unit of work changes a copy of it."""

    authors: dict[int, Author] = field(default_factory=dict)
    deleted: dict[int, Author] = field(default_factory=dict)
    books: dict[int, tuple[Book, bool]] = field(default_factory=dict)
    links: dict[tuple[int, int], Link] = field(default_factory=dict)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    last_author_id: int = 0
    floor: int = 0
    overtaken: Overtaken | None = None


class InMemoryDatabase:
    """Lets one unit of work in at a time, so that its locks need no more than that."""

    def __init__(self) -> None:
        self.rows = Rows()
        self.lock = asyncio.Lock()
        self.away = False
        self.on_commit: Callable[[str, dict[str, Any]], None] = lambda event_type, data: None

    @property
    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """What was published and committed."""
        return self.rows.events


class InMemoryAuthorRepository(IAuthorRepository):
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def add(self, details: AuthorDetails, at: datetime) -> Author:
        self._rows.last_author_id += 1
        author = Author(
            author_id=self._rows.last_author_id, version=1, created_at=at, updated_at=at, **asdict(details)
        )
        self._rows.authors[author.author_id] = author
        return author

    async def get(self, author_id: int) -> Author | None:
        return self._rows.authors.get(author_id)

    async def lock(self, author_id: int) -> Author | None:
        return self._rows.authors.get(author_id)

    async def lock_all(self, author_ids: Collection[int]) -> Collection[int]:
        return [author_id for author_id in author_ids if author_id in self._rows.authors]

    async def page(self, after: int, limit: int) -> Sequence[Author]:
        return [author for key, author in sorted(self._rows.authors.items()) if key > after][:limit]

    async def share(self, after: int, limit: int) -> Sequence[Author]:
        return await self.page(after, limit)

    async def replace(self, author: Author) -> None:
        self._rows.authors[author.author_id] = author

    async def remove(self, last: Author) -> None:
        del self._rows.authors[last.author_id]
        self._rows.deleted[last.author_id] = last
        for key in [key for key in self._rows.links if key[0] == last.author_id]:
            del self._rows.links[key]

    async def removed(self, after: int, limit: int) -> Sequence[Author]:
        return [author for key, author in sorted(self._rows.deleted.items()) if key > after][:limit]

    async def purge(self, before: datetime, limit: int) -> int:
        old = [key for key, author in self._rows.deleted.items() if author.updated_at < before][:limit]
        for key in old:
            del self._rows.deleted[key]
        return len(old)


class InMemoryBooksCache(IBooksCache):
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def store(self, books: Collection[Book]) -> None:
        for book in books:
            self._put(book, alive=True)

    async def bury(self, books: Collection[Book]) -> Collection[int]:
        return [book.book_id for book in books if self._put(book, alive=False)]

    async def hold(self, book_ids: Collection[int]) -> Mapping[int, bool]:
        return {key: self._rows.books[key][1] for key in book_ids if key in self._rows.books}

    async def purge(self, retention: timedelta, limit: int) -> int:
        """Nothing ages here; how old a tombstone must be is tested on PostgreSQL."""
        dead = [key for key, (_, alive) in self._rows.books.items() if not alive][:limit]
        for key in dead:
            del self._rows.books[key]
        return len(dead)

    def _put(self, book: Book, alive: bool) -> bool:
        known = self._rows.books.get(book.book_id)
        if known is not None and known[0].version >= book.version:
            return False
        self._rows.books[book.book_id] = (book, alive)
        return True


class InMemoryLinkRepository(ILinkRepository):
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def find(self, author_id: int, book_ids: Collection[int]) -> Found | None:
        if author_id not in self._rows.authors:
            return None
        links, books = self._rows.links, self._rows.books
        return Found(
            author_id,
            {key: books[key][1] if key in books else None for key in book_ids},
            {key: links[author_id, key] for key in book_ids if (author_id, key) in links},
            self._rows.floor,
        )

    async def find_all(self, keys: Collection[LinkKey]) -> Mapping[LinkKey, Link]:
        return {key: self._rows.links[key] for key in keys if key in self._rows.links}

    async def put(self, links: Collection[Link]) -> None:
        self._rows.links.update({(link.author_id, link.book_id): link for link in links})

    async def put_if_unchanged(self, links: Collection[Link], found: Found) -> None:
        """Whoever is in is alone, so only a test can have changed anything since."""
        if links and await self.find(found.author_id, found.alive) != found:
            self._rows.overtaken = Overtaken(found.author_id)
        await self.put(links)

    async def remove_books(self, book_ids: Collection[int]) -> None:
        for key in [key for key in self._rows.links if key[1] in book_ids]:
            del self._rows.links[key]

    async def share(self, after: tuple[int, int], limit: int) -> Sequence[Link]:
        return [link for key, link in sorted(self._rows.links.items()) if key > after][:limit]

    async def expired(self, theirs: datetime, ours: datetime, limit: int) -> Sequence[Link]:
        return [
            link
            for link in self._rows.links.values()
            if not link.linked and link.changed_at < (ours if link.origin == ORIGIN else theirs)
        ][:limit]

    async def purge(self, tombstones: Collection[Link]) -> None:
        for link in tombstones:
            del self._rows.links[link.author_id, link.book_id]
        self._rows.floor = max([self._rows.floor, *(link.version for link in tombstones)])

    async def books_of(self, author_id: int, after: int, limit: int) -> Sequence[Book]:
        linked = sorted(b for (a, b), link in self._rows.links.items() if a == author_id and link.linked)
        known = [self._rows.books[key] for key in linked if key > after and key in self._rows.books]
        return [book for book, alive in known if alive][:limit]


class InMemoryUnitOfWork(IUnitOfWork):
    def __init__(self, database: InMemoryDatabase) -> None:
        self._database = database
        self._look_at(database.rows)

    async def __aenter__(self) -> Self:
        if self._database.away:
            raise Unavailable("the database is away")
        await self._database.lock.acquire()
        self._look_at(deepcopy(self._database.rows))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._database.lock.release()

    async def commit(self) -> None:
        if self.rows.overtaken:
            raise self.rows.overtaken
        for event_type, data in self.rows.events[len(self._database.rows.events) :]:
            self._database.on_commit(event_type, data)
        self._database.rows = deepcopy(self.rows)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Self]:
        if self._database.away:
            raise Unavailable("the database is away")
        self._look_at(self._database.rows)
        yield self

    def _look_at(self, rows: Rows) -> None:
        self.rows = rows
        self.authors = InMemoryAuthorRepository(rows)
        self.books = InMemoryBooksCache(rows)
        self.links = InMemoryLinkRepository(rows)


class InMemoryPublisher(IEventPublisher):
    """Publishes into a unit of work, as the outbox does: what is not committed was not sent."""

    def __init__(self, work: InMemoryUnitOfWork) -> None:
        self._work = work

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        """Nothing under way."""

    async def publish(self, event_type: str, data: dict[str, Any], correlation_id: str | None = None) -> None:
        self._work.rows.events.append((event_type, data))


class TickingClock:
    """Each look at it is one second later than the one before."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now
