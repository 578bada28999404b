"""Which status of HTTP each refusal of the domain is."""

from collections.abc import Mapping
from typing import Final

from sample_service.domain.errors import NoteNotFound

__all__ = ["STATUSES"]

STATUSES: Final[Mapping[type[Exception], int]] = {NoteNotFound: 404}
