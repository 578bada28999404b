"""The use cases of the Books Service."""

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from books_service.contracts.interfaces import Clock, Found, IEventPublisher, IUnitOfWork
from books_service.domain.entities import (
    ORIGIN,
    Author,
    Book,
    BookChanges,
    BookDetails,
    Link,
    LinkKey,
    members,
)
from books_service.domain.errors import (
    BookNotFound,
    LinkNotFound,
    Overtaken,
    UnknownAuthors,
    VersionMismatch,
)

__all__ = ["BookService", "BookServiceFactory"]

Event = tuple[str, dict[str, Any]]
"""A type and its data."""

# Each failure is somebody else's success, with the same links.
_ATTEMPTS: Final = 20


class BookService:
    """Each method is one use case, done in one unit of work; events go out in the same one, or not at all.

    Built without a publisher it keeps silent: that is how received events are applied, so that no event
    answers an event.
    """

    def __init__(self, work: IUnitOfWork, publisher: IEventPublisher | None, clock: Clock) -> None:
        self._work = work
        self._publisher = publisher
        self._clock = clock

    async def create_book(self, details: BookDetails) -> Book:
        async with self._work as work:
            book = await work.books.add(details, self._clock())
            await self._publish("book.created", members(book))
            await work.commit()
        return book

    async def get_book(self, book_id: int) -> Book:
        async with self._work.reading() as work:
            book = await work.books.get(book_id)
        if book is None:
            raise BookNotFound(book_id)
        return book

    async def list_books(self, after: int, limit: int) -> Sequence[Book]:
        """At most ``limit`` books with ids above ``after``."""
        async with self._work.reading() as work:
            return await work.books.page(after, limit)

    async def change_book(
        self, book_id: int, changes: BookChanges, expected: Collection[int] | None = None
    ) -> Book:
        """Apply ``changes`` if the book is at one of the ``expected`` versions (None: at any).

        A change that changes nothing makes no version and no event.
        """
        async with self._work as work:
            book = await self._locked(work, book_id, expected)
            changed = replace(book, **changes)
            if changed == book:
                return book
            changed = replace(changed, version=book.version + 1, updated_at=self._clock())
            await work.books.replace(changed)
            await self._publish("book.updated", members(changed))
            await work.commit()
        return changed

    async def delete_book(self, book_id: int, expected: Collection[int] | None = None) -> None:
        """Delete the book with all its links; one event says so, which implies the unlinking."""
        async with self._work as work:
            book = await self._locked(work, book_id, expected)
            last = replace(book, version=book.version + 1, updated_at=self._clock())
            await work.books.remove(last)
            await self._publish("book.deleted", members(last))
            await work.commit()

    async def link_authors(self, book_id: int, author_ids: Collection[int]) -> Sequence[int]:
        """Link all of the authors or none; answers their ids in ascending order."""
        wanted = sorted(set(author_ids))

        def link(found: Found) -> Sequence[Link]:
            if unknown := [author_id for author_id in wanted if not found.alive[author_id]]:
                raise UnknownAuthors(unknown)
            known, floor = found.links, found.floor
            now = self._clock()
            return [
                Link.written_here(known.get(author_id), book_id, author_id, linked=True, at=now, floor=floor)
                for author_id in wanted
                if author_id not in known or not known[author_id].linked
            ]

        await self._change_links(book_id, wanted, link)
        return wanted

    async def unlink_author(self, book_id: int, author_id: int) -> None:
        def unlink(found: Found) -> Sequence[Link]:
            known = found.links.get(author_id)
            if known is None or not known.linked:
                raise LinkNotFound(book_id, author_id)
            now = self._clock()
            return [Link.written_here(known, book_id, author_id, linked=False, at=now, floor=found.floor)]

        await self._change_links(book_id, [author_id], unlink)

    async def list_authors(self, book_id: int, after: int, limit: int) -> Sequence[Author]:
        """At most ``limit`` authors of the book with ids above ``after``."""
        async with self._work.reading() as work:
            if await work.books.get(book_id) is None:
                raise BookNotFound(book_id)
            return await work.links.authors_of(book_id, after, limit)

    async def take_over_authors(self, told: Iterable[Author] = (), gone: Iterable[Author] = ()) -> None:
        """The Authors Service told of authors, and of some that they are gone; their links go with them.

        Of each author the highest version counts, whatever the order, and none that is lower than ours.
        """
        alive, dead = _highest(told), _highest(gone)
        async with self._work as work:
            if dead:
                await work.links.remove_authors(await work.authors.bury(dead))
            if alive:
                await work.authors.store(alive)
            await work.commit()

    async def take_over_links(self, links: Iterable[Link]) -> None:
        """The Authors Service told of links; of each the latest write counts, and none older than ours.

        A book was deleted if it is not here, since ids are never reused. An author that was never heard of
        is on its way: the link waits for it.
        """
        latest: dict[LinkKey, Link] = {}
        for link in links:
            if link.wins_over(latest.get(link.key)):
                latest[link.key] = link
        async with self._work as work:
            books = await work.books.lock_all({book_id for book_id, _ in latest})
            alive = await work.authors.hold({author_id for book_id, author_id in latest if book_id in books})
            wanted = [key for key in sorted(latest) if key[0] in books and alive.get(key[1], True)]
            if wanted:
                known = await work.links.find_all(wanted)
                await work.links.put([latest[key] for key in wanted if latest[key].wins_over(known.get(key))])
                await work.commit()

    async def republish_books(self, after: int, limit: int, since: datetime | None = None) -> int | None:
        """Tell the present state of books once more, of those with ids above ``after``.

        Looks at ``limit`` books and tells of those that changed at ``since`` or later; answers the id to go
        on after, or None at the end. They are held meanwhile: a change that is made while an older state is
        being told would be told first, and the older state would then be what a compacted stream keeps.
        """
        async with self._work as work:
            books = await work.books.share(after, limit)
            await self._publish_many(
                ("book.updated", members(book)) for book in books if since is None or book.updated_at >= since
            )
            await work.commit()
        return books[-1].book_id if books else None

    async def republish_deleted_books(
        self, after: int, limit: int, since: datetime | None = None
    ) -> int | None:
        """The same for books that were deleted, as far as `purge_tombstones` has not removed them."""
        async with self._work as work:
            books = await work.books.removed(after, limit)
            await self._publish_many(
                ("book.deleted", members(book)) for book in books if since is None or book.updated_at >= since
            )
            await work.commit()
        return books[-1].book_id if books else None

    async def republish_links(
        self, after: tuple[int, int], limit: int, since: datetime | None = None
    ) -> tuple[int, int] | None:
        """The same for links, whoever wrote them, each with the version and the origin that it has."""
        async with self._work as work:
            links = await work.links.share(after, limit)
            await self._publish_many(
                _link_event(link) for link in links if since is None or link.changed_at >= since
            )
            await work.commit()
        return (links[-1].book_id, links[-1].author_id) if links else None

    async def purge_tombstones(self, retention: timedelta, limit: int) -> int:
        """Remove some of the tombstones older than ``retention``; answers how many, 0 if none is left.

        A purged one must not be missed when older events are read again, from offset 0 for example. That of
        an author is not: the stream ends with the deletion, which leaves the tombstone anew. That of a link
        which the other side removed is not either, for the same reason; but on the stream of this side an
        older link may be the last word, so the removal is told there before. After twice the time the other
        side has done the same, and the tombstones that this side wrote can go. What this side deleted is kept
        to be told once more, and only who missed it for that long could need that.
        """
        async with self._work as work:
            now = self._clock()
            removed = await work.authors.purge(retention, limit)
            removed += await work.books.purge(now - retention, limit)
            links = await work.links.expired(now - retention, now - 2 * retention, limit)
            await self._publish_many(_link_event(link) for link in links if link.origin != ORIGIN)
            await work.links.purge(links)
            await work.commit()
        return removed + len(links)

    async def _change_links(
        self, book_id: int, author_ids: Collection[int], decide: Callable[[Found], Sequence[Link]]
    ) -> None:
        """Nothing is held meanwhile; if others were faster, it is decided anew upon what they did."""
        for _ in range(_ATTEMPTS):
            async with self._work as work:
                found = await work.links.find(book_id, author_ids)
                if found is None:
                    raise BookNotFound(book_id)
                links = decide(found)
                await work.links.put_if_unchanged(links, found)
                await self._publish_many(map(_link_event, links))
                with suppress(Overtaken):
                    await work.commit()
                    return
        raise Overtaken(book_id)

    async def _locked(self, work: IUnitOfWork, book_id: int, expected: Collection[int] | None = None) -> Book:
        book = await work.books.lock(book_id)
        if book is None:
            raise BookNotFound(book_id)
        if expected is not None and book.version not in expected:
            raise VersionMismatch(book.version)
        return book

    async def _publish(self, event_type: str, data: dict[str, Any]) -> None:
        if self._publisher is not None:
            await self._publisher.publish(event_type, data)

    async def _publish_many(self, events: Iterable[Event]) -> None:
        if self._publisher is not None:
            await self._publisher.publish_many(list(events))


BookServiceFactory = Callable[[], AbstractAsyncContextManager[BookService]]
"""Opens a service around a unit of work of its own."""


def _highest(authors: Iterable[Author]) -> Sequence[Author]:
    """Each author once, at the highest of its versions, in the order of their ids."""
    found: dict[int, Author] = {}
    for author in authors:
        known = found.get(author.author_id)
        if known is None or known.version < author.version:
            found[author.author_id] = author
    return [found[author_id] for author_id in sorted(found)]


def _link_event(link: Link) -> Event:
    state = members(link)
    # The event's type says it.
    return "book_author.linked" if state.pop("linked") else "book_author.unlinked", state
