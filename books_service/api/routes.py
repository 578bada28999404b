"""What the Books Service does with a request that the contract allows."""

from books_service.api import conditions, paging, schemas
from books_service.domain.services import BookServiceFactory
from generated.books import schemas as contract
from generated.books.operations import BooksApi

__all__ = ["BooksRoutes"]


class BooksRoutes(BooksApi):
    """Speaks HTTP and nothing else; each request gets a service around a unit of work of its own."""

    def __init__(self, services: BookServiceFactory) -> None:
        self._services = services

    async def create_book(self, body: contract.BookCreate) -> contract.CreateBookResponse:
        async with self._services() as service:
            book = await service.create_book(schemas.details(body))
        return contract.CreateBookResponse(
            body=schemas.book(book),
            etag=conditions.etag(book.version),
            location=f"/books/{book.book_id}",
        )

    async def list_books(self, limit: int = 20, cursor: str | None = None) -> contract.BookPage:
        async with self._services() as service:
            found = await service.list_books(paging.after(cursor), limit + 1)
        page, next_cursor = paging.cut(found, limit, key=lambda book: book.book_id)
        return contract.BookPage(items=[schemas.book(book) for book in page], next_cursor=next_cursor)

    async def get_book(self, book_id: int) -> contract.GetBookResponse:
        async with self._services() as service:
            book = await service.get_book(book_id)
        return contract.GetBookResponse(body=schemas.book(book), etag=conditions.etag(book.version))

    async def replace_book(
        self, book_id: int, body: contract.BookReplace, if_match: str | None = None
    ) -> contract.ReplaceBookResponse:
        expected = conditions.expected_versions(if_match)
        async with self._services() as service:
            book = await service.change_book(book_id, schemas.replacement(body), expected)
        return contract.ReplaceBookResponse(body=schemas.book(book), etag=conditions.etag(book.version))

    async def update_book(
        self, book_id: int, body: contract.BookPatch, if_match: str | None = None
    ) -> contract.UpdateBookResponse:
        expected = conditions.expected_versions(if_match)
        async with self._services() as service:
            book = await service.change_book(book_id, schemas.changes(body), expected)
        return contract.UpdateBookResponse(body=schemas.book(book), etag=conditions.etag(book.version))

    async def delete_book(self, book_id: int, if_match: str | None = None) -> None:
        async with self._services() as service:
            await service.delete_book(book_id, conditions.expected_versions(if_match))

    async def link_book_authors(self, book_id: int, body: contract.AuthorIds) -> contract.BookAuthors:
        async with self._services() as service:
            author_ids = await service.link_authors(book_id, body.author_ids)
        return contract.BookAuthors(book_id=book_id, author_ids=list(author_ids))

    async def list_book_authors(
        self, book_id: int, limit: int = 20, cursor: str | None = None
    ) -> contract.LinkedAuthorPage:
        async with self._services() as service:
            found = await service.list_authors(book_id, paging.after(cursor), limit + 1)
        page, next_cursor = paging.cut(found, limit, key=lambda author: author.author_id)
        return contract.LinkedAuthorPage(
            items=[schemas.linked_author(author) for author in page], next_cursor=next_cursor
        )

    async def unlink_book_author(self, book_id: int, author_id: int) -> None:
        async with self._services() as service:
            await service.unlink_author(book_id, author_id)
