"""What happens here when the Authors Service tells of something."""

from collections.abc import Sequence

from books_service.domain.entities import Author, Link
from books_service.domain.services import BookServiceFactory
from generated import common
from generated.books import events
from generated.books.channels import BooksHandlers

__all__ = ["BooksEventHandlers"]


class BooksEventHandlers(BooksHandlers):
    """What comes together is applied together, by a service around a unit of work of its own.

    It is built without a publisher.
    """

    def __init__(self, services: BookServiceFactory) -> None:
        self._services = services

    async def library_authors(
        self, received: Sequence[events.AuthorCreated | events.AuthorUpdated | events.AuthorDeleted]
    ) -> None:
        told: list[Author] = []
        gone: list[Author] = []
        for event in received:
            (gone if event.event_type == "author.deleted" else told).append(_author(event.data))
        async with self._services() as service:
            await service.take_over_authors(told, gone)

    async def library_author_books(
        self, received: Sequence[events.AuthorBookLinked | events.AuthorBookUnlinked]
    ) -> None:
        links = [_link(event.data, event.event_type == "author_book.linked") for event in received]
        async with self._services() as service:
            await service.take_over_links(links)

    async def author_created(self, event: events.AuthorCreated) -> None:
        await self.library_authors([event])

    async def author_updated(self, event: events.AuthorUpdated) -> None:
        await self.library_authors([event])

    async def author_deleted(self, event: events.AuthorDeleted) -> None:
        await self.library_authors([event])

    async def author_book_linked(self, event: events.AuthorBookLinked) -> None:
        await self.library_author_books([event])

    async def author_book_unlinked(self, event: events.AuthorBookUnlinked) -> None:
        await self.library_author_books([event])


def _author(data: events.Author) -> Author:
    return Author(
        author_id=data.author_id,
        name=data.name,
        nationality=data.nationality,
        biography=data.biography,
        version=data.version,
        created_at=data.created_at,
        updated_at=data.updated_at,
    )


def _link(data: common.LinkState, linked: bool) -> Link:
    return Link(
        book_id=data.book_id,
        author_id=data.author_id,
        version=data.version,
        origin=data.origin.value,
        linked=linked,
        changed_at=data.changed_at,
    )
