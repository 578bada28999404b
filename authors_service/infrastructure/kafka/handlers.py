"""What happens here when the Books Service tells of something."""

from collections.abc import Sequence

from authors_service.domain.entities import Book, Link
from authors_service.domain.services import AuthorServiceFactory
from generated import common
from generated.authors import events
from generated.authors.channels import AuthorsHandlers

__all__ = ["AuthorsEventHandlers"]


class AuthorsEventHandlers(AuthorsHandlers):
    """What comes together is applied together, by a service around a unit of work of its own.

    It is built without a publisher.
    """

    def __init__(self, services: AuthorServiceFactory) -> None:
        self._services = services

    async def library_books(
        self, received: Sequence[events.BookCreated | events.BookUpdated | events.BookDeleted]
    ) -> None:
        told: list[Book] = []
        gone: list[Book] = []
        for event in received:
            (gone if event.event_type == "book.deleted" else told).append(_book(event.data))
        async with self._services() as service:
            await service.take_over_books(told, gone)

    async def library_book_authors(
        self, received: Sequence[events.BookAuthorLinked | events.BookAuthorUnlinked]
    ) -> None:
        links = [_link(event.data, event.event_type == "book_author.linked") for event in received]
        async with self._services() as service:
            await service.take_over_links(links)

    async def book_created(self, event: events.BookCreated) -> None:
        await self.library_books([event])

    async def book_updated(self, event: events.BookUpdated) -> None:
        await self.library_books([event])

    async def book_deleted(self, event: events.BookDeleted) -> None:
        await self.library_books([event])

    async def book_author_linked(self, event: events.BookAuthorLinked) -> None:
        await self.library_book_authors([event])

    async def book_author_unlinked(self, event: events.BookAuthorUnlinked) -> None:
        await self.library_book_authors([event])


def _book(data: events.Book) -> Book:
    return Book(
        book_id=data.book_id,
        title=data.title,
        isbn=data.isbn,
        publication_year=data.publication_year,
        summary=data.summary,
        version=data.version,
        created_at=data.created_at,
        updated_at=data.updated_at,
    )


def _link(data: common.LinkState, linked: bool) -> Link:
    return Link(
        author_id=data.author_id,
        book_id=data.book_id,
        version=data.version,
        origin=data.origin.value,
        linked=linked,
        changed_at=data.changed_at,
    )
