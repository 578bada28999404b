"""The ABCs that the domain works with: what is stored, the unit of work around it, and the event bus."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from accord.bus.ports import IEventConsumer, IEventPublisher
from books_service.domain.entities import Author, Book, BookDetails, Link, LinkKey

__all__ = [
    "Clock",
    "Found",
    "IAuthorsCache",
    "IBookRepository",
    "IEventConsumer",
    "IEventPublisher",
    "ILinkRepository",
    "IUnitOfWork",
]

Clock = Callable[[], datetime]
"""Tells the time in UTC."""


class IBookRepository(ABC):
    """The books, which this service owns."""

    @abstractmethod
    async def add(self, details: BookDetails, at: datetime) -> Book:
        """Store a new book at version 1 under an id that was never used before; raises `DuplicateIsbn`."""

    @abstractmethod
    async def get(self, book_id: int) -> Book | None:
        """The book as committed last."""

    @abstractmethod
    async def lock(self, book_id: int) -> Book | None:
        """The book, which nobody else changes, deletes or links before this unit of work ends."""

    @abstractmethod
    async def lock_all(self, book_ids: Collection[int]) -> Collection[int]:
        """The same for those of the books that there are; answers their ids."""

    @abstractmethod
    async def page(self, after: int, limit: int) -> Sequence[Book]:
        """At most ``limit`` books with ids above ``after``, in the order of their ids."""

    @abstractmethod
    async def share(self, after: int, limit: int) -> Sequence[Book]:
        """Like `page`; nobody changes or deletes these before this unit of work ends."""

    @abstractmethod
    async def replace(self, book: Book) -> None:
        """Write all members of a book that this unit of work holds locked; raises `DuplicateIsbn`."""

    @abstractmethod
    async def remove(self, last: Book) -> None:
        """Delete a book that this unit of work holds locked, and its links; ``last`` is its last state."""

    @abstractmethod
    async def removed(self, after: int, limit: int) -> Sequence[Book]:
        """Like `page`, of the last states of those that were removed."""

    @abstractmethod
    async def purge(self, before: datetime, limit: int) -> int:
        """Forget at most ``limit`` of those that were removed ``before``; says how many."""


class IAuthorsCache(ABC):
    """What this service has heard of authors; a deleted one leaves a tombstone until it is purged."""

    @abstractmethod
    async def store(self, authors: Collection[Author]) -> None:
        """Keep each of them unless this version, or a later one, arrived before; no author is there twice."""

    @abstractmethod
    async def bury(self, authors: Collection[Author]) -> Collection[int]:
        """Leave a tombstone of each, unless a later version arrived before; answers the ids of those it left.

        Waits for units of work that hold one of the authors; no other one can hold it before this one ends.
        """

    @abstractmethod
    async def hold(self, author_ids: Collection[int]) -> Mapping[int, bool]:
        """Of each id that was heard of: is the author alive? None is buried before this unit of work ends."""

    @abstractmethod
    async def purge(self, retention: timedelta, limit: int) -> int:
        """Remove at most ``limit`` tombstones that were left here before ``retention``; says how many."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a decision about the links of a book needs to know.

    ``alive`` says of each author asked for whether it is, None if it was never heard of. ``links`` are by
    author id.
    ``floor`` is the highest version among the tombstones that were purged, 0 if none was.
    """

    book_id: int
    alive: Mapping[int, bool | None]
    links: Mapping[int, Link]
    floor: int


class ILinkRepository(ABC):
    """The links of books to authors, tombstones included."""

    @abstractmethod
    async def find(self, book_id: int, author_ids: Collection[int]) -> Found | None:
        """What there is between the book and these authors, all of one moment; None without such a book.

        Nothing of it is held.
        """

    @abstractmethod
    async def find_all(self, keys: Collection[LinkKey]) -> Mapping[LinkKey, Link]:
        """The links under these keys, of any books."""

    @abstractmethod
    async def put(self, links: Collection[Link]) -> None:
        """Write links of books that this unit of work holds locked, to authors that it holds; each once."""

    @abstractmethod
    async def put_if_unchanged(self, links: Collection[Link], found: Found) -> None:
        """Write links that were decided upon what was ``found``, if all of that is still so at the commit.

        Otherwise the commit raises `Overtaken`, and nothing is done.
        """

    @abstractmethod
    async def remove_authors(self, author_ids: Collection[int]) -> None:
        """Delete all links to authors that were buried in this unit of work."""

    @abstractmethod
    async def share(self, after: tuple[int, int], limit: int) -> Sequence[Link]:
        """At most ``limit`` links, tombstones too, in the order of their (book_id, author_id).

        They begin behind ``after``, and nobody changes them before this unit of work ends.
        """

    @abstractmethod
    async def expired(self, theirs: datetime, ours: datetime, limit: int) -> Sequence[Link]:
        """At most ``limit`` tombstones of the other side before ``theirs``, or of this one before ``ours``.

        Nobody else changes them before this unit of work ends; those that somebody does change are left out.
        """

    @abstractmethod
    async def purge(self, tombstones: Collection[Link]) -> None:
        """Remove tombstones that this unit of work got from `expired`, and remember how high they were."""

    @abstractmethod
    async def authors_of(self, book_id: int, after: int, limit: int) -> Sequence[Author]:
        """At most ``limit`` living authors of the book, ids above ``after``, in the order of their ids."""


class IUnitOfWork(ABC):
    """All or nothing: what was done inside ``async with`` is undone at its end unless `commit` was called.

    Raises `accord.bus.errors.Unavailable` if the database is away, or if it gave this work up for another's.
    """

    books: IBookRepository
    authors: IAuthorsCache
    links: ILinkRepository

    @abstractmethod
    async def __aenter__(self) -> Self:
        """Begin; one that was left may be entered again."""

    @abstractmethod
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Undo what was not committed."""

    @abstractmethod
    async def commit(self) -> None:
        """Make all that was done permanent, at once."""

    @abstractmethod
    def reading(self) -> AbstractAsyncContextManager[Self]:
        """Each read by itself, without the cost of a transaction around it; nothing may be written."""
