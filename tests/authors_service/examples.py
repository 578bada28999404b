"""Values that the tests of this folder share."""

from dataclasses import replace
from datetime import UTC, datetime

from authors_service.domain.entities import AuthorDetails, Book, Link

__all__ = ["LE_GUIN", "MORNING", "a_book", "a_link", "later"]

MORNING = datetime(2026, 1, 5, 9, 30, 0, 123456, tzinfo=UTC)
LE_GUIN = AuthorDetails(name="Ursula K. Le Guin", nationality="American", biography="Wrote of Earthsea.")


def a_book(book_id: int = 4, version: int = 1, title: str = "A Wizard of Earthsea") -> Book:
    return Book(
        book_id=book_id,
        title=title,
        isbn="9780547773742",
        publication_year=1968,
        summary=None,
        version=version,
        created_at=MORNING,
        updated_at=MORNING,
    )


def later(book: Book, title: str = "The Tombs of Atuan") -> Book:
    return replace(book, title=title, version=book.version + 1)


def a_link(
    author_id: int = 1, book_id: int = 4, version: int = 1, origin: str = "books", linked: bool = True
) -> Link:
    return Link(
        author_id=author_id,
        book_id=book_id,
        version=version,
        origin=origin,
        linked=linked,
        changed_at=MORNING,
    )
