"""Which status of HTTP each refusal of the domain is."""

from collections.abc import Mapping
from typing import Final

from authors_service.domain.errors import (
    AuthorNotFound,
    LinkNotFound,
    Overtaken,
    UnknownBooks,
    VersionMismatch,
)

__all__ = ["STATUSES"]

STATUSES: Final[Mapping[type[Exception], int]] = {
    AuthorNotFound: 404,
    LinkNotFound: 404,
    UnknownBooks: 409,
    Overtaken: 503,
    VersionMismatch: 412,
}
