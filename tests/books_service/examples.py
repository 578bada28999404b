"""Values that the tests of this folder share."""

from dataclasses import replace
from datetime import UTC, datetime

from books_service.domain.entities import Author, BookDetails, Link

__all__ = ["EARTHSEA", "MORNING", "a_link", "an_author", "later"]

MORNING = datetime(2026, 1, 5, 9, 30, 0, 123456, tzinfo=UTC)
EARTHSEA = BookDetails(title="A Wizard of Earthsea", isbn=None, publication_year=1968, summary="Of power.")


def an_author(author_id: int = 4, version: int = 1, name: str = "Ursula K. Le Guin") -> Author:
    return Author(
        author_id=author_id,
        name=name,
        nationality="American",
        biography=None,
        version=version,
        created_at=MORNING,
        updated_at=MORNING,
    )


def later(author: Author, name: str = "U. K. Le Guin") -> Author:
    return replace(author, name=name, version=author.version + 1)


def a_link(
    book_id: int = 1, author_id: int = 4, version: int = 1, origin: str = "authors", linked: bool = True
) -> Link:
    return Link(
        book_id=book_id,
        author_id=author_id,
        version=version,
        origin=origin,
        linked=linked,
        changed_at=MORNING,
    )
