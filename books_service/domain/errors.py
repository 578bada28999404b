"""What a use case can refuse, each class a decision that the caller can take.

BooksError
├── BookNotFound      there is no such book, or it was deleted
├── DuplicateIsbn     another book has this ISBN
├── LinkNotFound      the author is not linked to the book
├── Overtaken         others changed what the decision was based on
├── UnknownAuthors    some of the authors to link are not known here, or were deleted
└── VersionMismatch   the book has changed since the caller read it
"""

from collections.abc import Sequence

__all__ = [
    "BookNotFound",
    "BooksError",
    "DuplicateIsbn",
    "LinkNotFound",
    "Overtaken",
    "UnknownAuthors",
    "VersionMismatch",
]


class BooksError(Exception):
    """Root of the tree; the message is a sentence for whoever called."""


class BookNotFound(BooksError):
    """Nothing is stored under this id."""

    def __init__(self, book_id: int) -> None:
        super().__init__(f"There is no book {book_id}.")


class DuplicateIsbn(BooksError):
    """Another book has this ISBN, and keeps it until it is changed or deleted."""

    def __init__(self, isbn: str | None) -> None:
        super().__init__(f"There is a book with the ISBN {isbn} already.")


class LinkNotFound(BooksError):
    """There is nothing to unlink."""

    def __init__(self, book_id: int, author_id: int) -> None:
        super().__init__(f"Author {author_id} is not linked to book {book_id}.")


class Overtaken(BooksError):
    """It is undone; the same request may be sent again."""

    def __init__(self, book_id: int) -> None:
        super().__init__(f"Others change the links of book {book_id} all the time. Try again.")


class UnknownAuthors(BooksError):
    """A link needs authors that are alive; all of the missing ones are named at once."""

    def __init__(self, author_ids: Sequence[int]) -> None:
        self.author_ids = tuple(author_ids)
        named = ", ".join(map(str, self.author_ids))
        super().__init__(
            f"There {'is no author' if len(self.author_ids) == 1 else 'are no authors'} {named}."
        )


class VersionMismatch(BooksError):
    """The change was meant for another version, so it was not made."""

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(f"The book is at version {version}.")
