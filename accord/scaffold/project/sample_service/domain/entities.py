"""What the service talks about, as plain values."""

from dataclasses import dataclass
from datetime import datetime

__all__ = ["Note"]


@dataclass(frozen=True, slots=True)
class Note:
    """A note; ``archived`` once the archive has taken it."""

    note_id: int
    text: str
    archived: bool
    written_at: datetime
