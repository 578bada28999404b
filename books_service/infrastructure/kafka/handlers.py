"""What happens here when the Authors Service tells of something."""

from books_service.domain.entities import Author, Link
from books_service.domain.services import BookServiceFactory
from generated import common
from generated.books import events
from generated.books.channels import BooksHandlers

__all__ = ["BooksEventHandlers"]


class BooksEventHandlers(BooksHandlers):
    """Each event gets a service around a unit of work of its own, built without a publisher."""

    def __init__(self, services: BookServiceFactory) -> None:
        self._services = services

    async def author_created(self, event: events.AuthorCreated) -> None:
        await self._remember(event.data)

    async def author_updated(self, event: events.AuthorUpdated) -> None:
        await self._remember(event.data)

    async def author_deleted(self, event: events.AuthorDeleted) -> None:
        async with self._services() as service:
            await service.forget_author(_author(event.data))

    async def author_book_linked(self, event: events.AuthorBookLinked) -> None:
        await self._take_over(event.data, linked=True)

    async def author_book_unlinked(self, event: events.AuthorBookUnlinked) -> None:
        await self._take_over(event.data, linked=False)

    async def _remember(self, data: events.Author) -> None:
        async with self._services() as service:
            await service.remember_author(_author(data))

    async def _take_over(self, data: common.LinkState, linked: bool) -> None:
        async with self._services() as service:
            await service.take_over_link(_link(data, linked))


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
