"""Media types and ranges of them (RFC 9110, section 8.3)."""

from dataclasses import dataclass
from email.message import Message
from functools import lru_cache

__all__ = ["MediaType"]


@dataclass(frozen=True, slots=True)
class MediaType:
    """The value of a Content-Type header; ``charset`` is in lower case and empty where none is given."""

    name: str
    charset: str = ""
    boundary: str = ""

    @staticmethod
    @lru_cache(maxsize=256)
    def parse(text: str) -> "MediaType":
        """Read a header; what is no media type matches nothing."""
        message = Message()
        message["Content-Type"] = text
        # The email package takes what it cannot read for text/plain.
        name = text.partition(";")[0].strip().lower()
        return MediaType(
            name if name.count("/") == 1 else "",
            str(message.get_param("charset", "")).lower(),
            str(message.get_param("boundary", "")),
        )

    def is_in(self, media_range: str) -> bool:
        """Whether a range such as ``text/*`` or ``*/*`` includes it; a type includes itself."""
        kind, _, subtype = media_range.partition(";")[0].strip().lower().partition("/")
        own_kind, _, own_subtype = self.name.partition("/")
        return bool(own_kind) and kind in ("*", own_kind) and subtype in ("*", own_subtype)
