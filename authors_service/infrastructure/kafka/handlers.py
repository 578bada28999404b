"""What happens here when the Books Service tells of something."""

from authors_service.domain.entities import Book, Link
from authors_service.domain.services import AuthorServiceFactory
from generated import common
from generated.authors import events
from generated.authors.channels import AuthorsHandlers

__all__ = ["AuthorsEventHandlers"]


class AuthorsEventHandlers(AuthorsHandlers):
    """Each event gets a service around a unit of work of its own, built without a publisher."""

    def __init__(self, services: AuthorServiceFactory) -> None:
        self._services = services

    async def book_created(self, event: events.BookCreated) -> None:
        await self._remember(event.data)

    async def book_updated(self, event: events.BookUpdated) -> None:
        await self._remember(event.data)

    async def book_deleted(self, event: events.BookDeleted) -> None:
        async with self._services() as service:
            await service.forget_book(_book(event.data))

    async def book_author_linked(self, event: events.BookAuthorLinked) -> None:
        await self._take_over(event.data, linked=True)

    async def book_author_unlinked(self, event: events.BookAuthorUnlinked) -> None:
        await self._take_over(event.data, linked=False)

    async def _remember(self, data: events.Book) -> None:
        async with self._services() as service:
            await service.remember_book(_book(data))

    async def _take_over(self, data: common.LinkState, linked: bool) -> None:
        async with self._services() as service:
            await service.take_over_link(_link(data, linked))


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
