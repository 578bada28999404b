"""Entities as the contract shows them, and the words of a client as the domain wants them."""

from dataclasses import asdict
from typing import cast

from authors_service.domain.entities import Author, AuthorChanges, AuthorDetails, Book
from generated.authors import schemas as contract

__all__ = ["author", "changes", "details", "linked_book", "replacement"]


def author(entity: Author) -> contract.Author:
    return contract.Author(
        author_id=entity.author_id,
        name=entity.name,
        nationality=entity.nationality,
        biography=entity.biography,
        version=entity.version,
        created_at=entity.created_at,
        updated_at=entity.updated_at,
    )


def linked_book(entity: Book) -> contract.LinkedBook:
    return contract.LinkedBook(
        book_id=entity.book_id,
        title=entity.title,
        isbn=entity.isbn,
        publication_year=entity.publication_year,
        version=entity.version,
    )


def details(body: contract.AuthorCreate | contract.AuthorReplace) -> AuthorDetails:
    """An absent member becomes null."""
    return AuthorDetails(name=body.name, nationality=body.nationality, biography=body.biography)


def replacement(body: contract.AuthorReplace) -> AuthorChanges:
    return cast(AuthorChanges, asdict(details(body)))


def changes(body: contract.AuthorPatch) -> AuthorChanges:
    """An absent member stays as it is (RFC 7396)."""
    present = body.model_fields_set & AuthorChanges.__annotations__.keys()
    return cast(AuthorChanges, {name: getattr(body, name) for name in present})
