"""What the Authors Service does with a request that the contract allows."""

from authors_service.api import conditions, paging, schemas
from authors_service.domain.services import AuthorServiceFactory
from generated.authors import schemas as contract
from generated.authors.operations import AuthorsApi

__all__ = ["AuthorsRoutes"]


class AuthorsRoutes(AuthorsApi):
    """Speaks HTTP and nothing else; each request gets a service around a unit of work of its own."""

    def __init__(self, services: AuthorServiceFactory) -> None:
        self._services = services

    async def create_author(self, body: contract.AuthorCreate) -> contract.CreateAuthorResponse:
        async with self._services() as service:
            author = await service.create_author(schemas.details(body))
        return contract.CreateAuthorResponse(
            body=schemas.author(author),
            etag=conditions.etag(author.version),
            location=f"/authors/{author.author_id}",
        )

    async def list_authors(self, limit: int = 20, cursor: str | None = None) -> contract.AuthorPage:
        async with self._services() as service:
            found = await service.list_authors(paging.after(cursor), limit + 1)
        page, next_cursor = paging.cut(found, limit, key=lambda author: author.author_id)
        return contract.AuthorPage(items=[schemas.author(author) for author in page], next_cursor=next_cursor)

    async def get_author(self, author_id: int) -> contract.GetAuthorResponse:
        async with self._services() as service:
            author = await service.get_author(author_id)
        return contract.GetAuthorResponse(body=schemas.author(author), etag=conditions.etag(author.version))

    async def replace_author(
        self, author_id: int, body: contract.AuthorReplace, if_match: str | None = None
    ) -> contract.ReplaceAuthorResponse:
        expected = conditions.expected_versions(if_match)
        async with self._services() as service:
            author = await service.change_author(author_id, schemas.replacement(body), expected)
        return contract.ReplaceAuthorResponse(
            body=schemas.author(author), etag=conditions.etag(author.version)
        )

    async def update_author(
        self, author_id: int, body: contract.AuthorPatch, if_match: str | None = None
    ) -> contract.UpdateAuthorResponse:
        expected = conditions.expected_versions(if_match)
        async with self._services() as service:
            author = await service.change_author(author_id, schemas.changes(body), expected)
        return contract.UpdateAuthorResponse(
            body=schemas.author(author), etag=conditions.etag(author.version)
        )

    async def delete_author(self, author_id: int, if_match: str | None = None) -> None:
        async with self._services() as service:
            await service.delete_author(author_id, conditions.expected_versions(if_match))

    async def link_author_books(self, author_id: int, body: contract.BookIds) -> contract.AuthorBooks:
        async with self._services() as service:
            book_ids = await service.link_books(author_id, body.book_ids)
        return contract.AuthorBooks(author_id=author_id, book_ids=list(book_ids))

    async def list_author_books(
        self, author_id: int, limit: int = 20, cursor: str | None = None
    ) -> contract.LinkedBookPage:
        async with self._services() as service:
            found = await service.list_books(author_id, paging.after(cursor), limit + 1)
        page, next_cursor = paging.cut(found, limit, key=lambda book: book.book_id)
        return contract.LinkedBookPage(
            items=[schemas.linked_book(book) for book in page], next_cursor=next_cursor
        )

    async def unlink_author_book(self, author_id: int, book_id: int) -> None:
        async with self._services() as service:
            await service.unlink_book(author_id, book_id)
