"""What a use case can refuse, each class a decision that the caller can take.

AuthorsError
├── AuthorNotFound    there is no such author, or it was deleted
├── LinkNotFound      the book is not linked to the author
├── Overtaken         others changed what the decision was based on
├── UnknownBooks      some of the books to link are not known here, or were deleted
└── VersionMismatch   the author has changed since the caller read it
"""

from collections.abc import Sequence

__all__ = ["AuthorNotFound", "AuthorsError", "LinkNotFound", "Overtaken", "UnknownBooks", "VersionMismatch"]


class AuthorsError(Exception):
    """Root of the tree; the message is a sentence for whoever called."""


class AuthorNotFound(AuthorsError):
    """Nothing is stored under this id."""

    def __init__(self, author_id: int) -> None:
        super().__init__(f"There is no author {author_id}.")


class LinkNotFound(AuthorsError):
    """There is nothing to unlink."""

    def __init__(self, author_id: int, book_id: int) -> None:
        super().__init__(f"Book {book_id} is not linked to author {author_id}.")


class Overtaken(AuthorsError):
    """It is undone; the same request may be sent again."""

    def __init__(self, author_id: int) -> None:
        super().__init__(f"Others change the links of author {author_id} all the time. Try again.")


class UnknownBooks(AuthorsError):
    """A link needs books that are alive; all of the missing ones are named at once."""

    def __init__(self, book_ids: Sequence[int]) -> None:
        self.book_ids = tuple(book_ids)
        named = ", ".join(map(str, self.book_ids))
        super().__init__(f"There {'is no book' if len(self.book_ids) == 1 else 'are no books'} {named}.")


class VersionMismatch(AuthorsError):
    """The change was meant for another version, so it was not made."""

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(f"The author is at version {version}.")
