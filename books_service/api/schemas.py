"""Entities as the contract shows them, and the words of a client as the domain wants them."""

from dataclasses import asdict
from typing import cast

from books_service.domain.entities import Author, Book, BookChanges, BookDetails
from generated.books import schemas as contract

__all__ = ["book", "changes", "details", "linked_author", "replacement"]


def book(entity: Book) -> contract.Book:
    return contract.Book(
        book_id=entity.book_id,
        title=entity.title,
        isbn=entity.isbn,
        publication_year=entity.publication_year,
        summary=entity.summary,
        version=entity.version,
        created_at=entity.created_at,
        updated_at=entity.updated_at,
    )


def linked_author(entity: Author) -> contract.LinkedAuthor:
    return contract.LinkedAuthor(
        author_id=entity.author_id,
        name=entity.name,
        nationality=entity.nationality,
        version=entity.version,
    )


def details(body: contract.BookCreate | contract.BookReplace) -> BookDetails:
    """An absent member becomes null."""
    return BookDetails(
        title=body.title, isbn=body.isbn, publication_year=body.publication_year, summary=body.summary
    )


def replacement(body: contract.BookReplace) -> BookChanges:
    return cast(BookChanges, asdict(details(body)))


def changes(body: contract.BookPatch) -> BookChanges:
    """An absent member stays as it is (RFC 7396)."""
    present = body.model_fields_set & BookChanges.__annotations__.keys()
    return cast(BookChanges, {name: getattr(body, name) for name in present})
