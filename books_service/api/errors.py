"""Which status of HTTP each refusal of the domain is."""

from collections.abc import Mapping
from typing import Final

from books_service.domain.errors import (
    BookNotFound,
    DuplicateIsbn,
    LinkNotFound,
    Overtaken,
    UnknownAuthors,
    VersionMismatch,
)

__all__ = ["STATUSES"]

STATUSES: Final[Mapping[type[Exception], int]] = {
    BookNotFound: 404,
    DuplicateIsbn: 409,
    LinkNotFound: 404,
    UnknownAuthors: 409,
    Overtaken: 503,
    VersionMismatch: 412,
}
