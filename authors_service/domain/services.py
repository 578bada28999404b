"""The use cases of the Authors Service."""

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from authors_service.contracts.interfaces import Clock, Found, IEventPublisher, IUnitOfWork
from authors_service.domain.entities import (
    ORIGIN,
    Author,
    AuthorChanges,
    AuthorDetails,
    Book,
    Link,
    LinkKey,
    members,
)
from authors_service.domain.errors import (
    AuthorNotFound,
    LinkNotFound,
    Overtaken,
    UnknownBooks,
    VersionMismatch,
)

__all__ = ["AuthorService", "AuthorServiceFactory"]

Event = tuple[str, dict[str, Any]]
"""A type and its data."""

# Each failure is somebody else's success, with the same links.
_ATTEMPTS: Final = 20


class AuthorService:
    """Each method is one use case, done in one unit of work; events go out in the same one, or not at all.

    Built without a publisher it keeps silent: that is how received events are applied, so that no event
    answers an event.
    """

    def __init__(self, work: IUnitOfWork, publisher: IEventPublisher | None, clock: Clock) -> None:
        self._work = work
        self._publisher = publisher
        self._clock = clock

    async def create_author(self, details: AuthorDetails) -> Author:
        async with self._work as work:
            author = await work.authors.add(details, self._clock())
            await self._publish("author.created", members(author))
            await work.commit()
        return author

    async def get_author(self, author_id: int) -> Author:
        async with self._work.reading() as work:
            author = await work.authors.get(author_id)
        if author is None:
            raise AuthorNotFound(author_id)
        return author

    async def list_authors(self, after: int, limit: int) -> Sequence[Author]:
        """At most ``limit`` authors with ids above ``after``."""
        async with self._work.reading() as work:
            return await work.authors.page(after, limit)

    async def change_author(
        self, author_id: int, changes: AuthorChanges, expected: Collection[int] | None = None
    ) -> Author:
        """Apply ``changes`` if the author is at one of the ``expected`` versions (None: at any).

        A change that changes nothing makes no version and no event.
        """
        async with self._work as work:
            author = await self._locked(work, author_id, expected)
            changed = replace(author, **changes)
            if changed == author:
                return author
            changed = replace(changed, version=author.version + 1, updated_at=self._clock())
            await work.authors.replace(changed)
            await self._publish("author.updated", members(changed))
            await work.commit()
        return changed

    async def delete_author(self, author_id: int, expected: Collection[int] | None = None) -> None:
        """Delete the author with all its links; one event says so, which implies the unlinking."""
        async with self._work as work:
            author = await self._locked(work, author_id, expected)
            last = replace(author, version=author.version + 1, updated_at=self._clock())
            await work.authors.remove(last)
            await self._publish("author.deleted", members(last))
            await work.commit()

    async def link_books(self, author_id: int, book_ids: Collection[int]) -> Sequence[int]:
        """Link all of the books or none; answers their ids in ascending order."""
        wanted = sorted(set(book_ids))

        def link(found: Found) -> Sequence[Link]:
            if unknown := [book_id for book_id in wanted if not found.alive[book_id]]:
                raise UnknownBooks(unknown)
            known, floor = found.links, found.floor
            now = self._clock()
            return [
                Link.written_here(known.get(book_id), author_id, book_id, linked=True, at=now, floor=floor)
                for book_id in wanted
                if book_id not in known or not known[book_id].linked
            ]

        await self._change_links(author_id, wanted, link)
        return wanted

    async def unlink_book(self, author_id: int, book_id: int) -> None:
        def unlink(found: Found) -> Sequence[Link]:
            known = found.links.get(book_id)
            if known is None or not known.linked:
                raise LinkNotFound(author_id, book_id)
            now = self._clock()
            return [Link.written_here(known, author_id, book_id, linked=False, at=now, floor=found.floor)]

        await self._change_links(author_id, [book_id], unlink)

    async def list_books(self, author_id: int, after: int, limit: int) -> Sequence[Book]:
        """At most ``limit`` books of the author with ids above ``after``."""
        async with self._work.reading() as work:
            if await work.authors.get(author_id) is None:
                raise AuthorNotFound(author_id)
            return await work.links.books_of(author_id, after, limit)

    async def take_over_books(self, told: Iterable[Book] = (), gone: Iterable[Book] = ()) -> None:
        """The Books Service told of books, and of some that they are gone; their links go with them.

        Of each book the highest version counts, whatever the order, and none that is lower than ours.
        """
        alive, dead = _highest(told), _highest(gone)
        async with self._work as work:
            if dead:
                await work.links.remove_books(await work.books.bury(dead))
            if alive:
                await work.books.store(alive)
            await work.commit()

    async def take_over_links(self, links: Iterable[Link]) -> None:
        """The Books Service told of links; of each the latest write counts, and none older than ours.

        An author was deleted if it is not here, since ids are never reused. A book that was never heard of
        is on its way: the link waits for it.
        """
        latest: dict[LinkKey, Link] = {}
        for link in links:
            if link.wins_over(latest.get(link.key)):
                latest[link.key] = link
        async with self._work as work:
            authors = await work.authors.lock_all({author_id for author_id, _ in latest})
            alive = await work.books.hold({book_id for author_id, book_id in latest if author_id in authors})
            wanted = [key for key in sorted(latest) if key[0] in authors and alive.get(key[1], True)]
            if wanted:
                known = await work.links.find_all(wanted)
                await work.links.put([latest[key] for key in wanted if latest[key].wins_over(known.get(key))])
                await work.commit()

    async def republish_authors(self, after: int, limit: int, since: datetime | None = None) -> int | None:
        """Tell the present state of authors once more, of those with ids above ``after``.

        Looks at ``limit`` authors and tells of those that changed at ``since`` or later; answers the id to go
        on after, or None at the end. They are held meanwhile: a change that is made while an older state is
        being told would be told first, and the older state would then be what a compacted stream keeps.
        """
        async with self._work as work:
            authors = await work.authors.share(after, limit)
            await self._publish_many(
                ("author.updated", members(author))
                for author in authors
                if since is None or author.updated_at >= since
            )
            await work.commit()
        return authors[-1].author_id if authors else None

    async def republish_deleted_authors(
        self, after: int, limit: int, since: datetime | None = None
    ) -> int | None:
        """The same for authors that were deleted, as far as `purge_tombstones` has not removed them."""
        async with self._work as work:
            authors = await work.authors.removed(after, limit)
            await self._publish_many(
                ("author.deleted", members(author))
                for author in authors
                if since is None or author.updated_at >= since
            )
            await work.commit()
        return authors[-1].author_id if authors else None

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
        return (links[-1].author_id, links[-1].book_id) if links else None

    async def purge_tombstones(self, retention: timedelta, limit: int) -> int:
        """Remove some of the tombstones older than ``retention``; answers how many, 0 if none is left.

        A purged one must not be missed when older events are read again, from offset 0 for example. That of
        a book is not: the stream ends with the deletion, which leaves the tombstone anew. That of a link
        which the other side removed is not either, for the same reason; but on the stream of this side an
        older link may be the last word, so the removal is told there before. After twice the time the other
        side has done the same, and the tombstones that this side wrote can go. What this side deleted is kept
        to be told once more, and only who missed it for that long could need that.
        """
        async with self._work as work:
            now = self._clock()
            removed = await work.books.purge(retention, limit)
            removed += await work.authors.purge(now - retention, limit)
            links = await work.links.expired(now - retention, now - 2 * retention, limit)
            await self._publish_many(_link_event(link) for link in links if link.origin != ORIGIN)
            await work.links.purge(links)
            await work.commit()
        return removed + len(links)

    async def _change_links(
        self, author_id: int, book_ids: Collection[int], decide: Callable[[Found], Sequence[Link]]
    ) -> None:
        """Nothing is held meanwhile; if others were faster, it is decided anew upon what they did."""
        for _ in range(_ATTEMPTS):
            async with self._work as work:
                found = await work.links.find(author_id, book_ids)
                if found is None:
                    raise AuthorNotFound(author_id)
                links = decide(found)
                await work.links.put_if_unchanged(links, found)
                await self._publish_many(map(_link_event, links))
                with suppress(Overtaken):
                    await work.commit()
                    return
        raise Overtaken(author_id)

    async def _locked(
        self, work: IUnitOfWork, author_id: int, expected: Collection[int] | None = None
    ) -> Author:
        author = await work.authors.lock(author_id)
        if author is None:
            raise AuthorNotFound(author_id)
        if expected is not None and author.version not in expected:
            raise VersionMismatch(author.version)
        return author

    async def _publish(self, event_type: str, data: dict[str, Any]) -> None:
        if self._publisher is not None:
            await self._publisher.publish(event_type, data)

    async def _publish_many(self, events: Iterable[Event]) -> None:
        if self._publisher is not None:
            await self._publisher.publish_many(list(events))


AuthorServiceFactory = Callable[[], AbstractAsyncContextManager[AuthorService]]
"""Opens a service around a unit of work of its own."""


def _highest(books: Iterable[Book]) -> Sequence[Book]:
    """Each book once, at the highest of its versions, in the order of their ids."""
    found: dict[int, Book] = {}
    for book in books:
        known = found.get(book.book_id)
        if known is None or known.version < book.version:
            found[book.book_id] = book
    return [found[book_id] for book_id in sorted(found)]


def _link_event(link: Link) -> Event:
    state = members(link)
    # The event's type says it.
    return "author_book.linked" if state.pop("linked") else "author_book.unlinked", state
