"""The formats that the validator asserts, with texts that have them."""

from collections.abc import Iterator
from typing import Final

__all__ = ["ASSERTED", "OUTLINES", "texts"]

_NIL = "00000000-0000-0000-0000-000000000000"

_PARTS: Final[dict[str, tuple[tuple[str, str, str], ...]]] = {
    "date": (("2000-01-01", "", ""),),
    "date-time": (("2000-01-01T00:00:00", "", "Z"), ("2000-01-01T00:00:00.0", "0", "Z")),
    "time": (("00:00:00", "", "Z"), ("00:00:00.0", "0", "Z")),
    "duration": (("P1D", "", ""), ("P1", "0", "D")),
    "uuid": ((_NIL, "", ""), ("6ba7b810-9dad-41d1-80b4-00c04fd430c8", "", "")),
    "email": (("a", "a", "@b.org"), ("a@b", "b", ".org")),
    "idn-email": (("a", "a", "@b.org"), ("ä", "a", "@b.org")),
    "hostname": (("a", "a", ""), ("a.b", "b", "")),
    "idn-hostname": (("a", "a", ""), ("ä.b", "b", "")),
    "ipv4": (("0.0.0.0", "", ""), ("255.255.255.255", "", "")),  # noqa: S104
    "ipv6": (("::", "", ""), ("2001:db8::1", "", "")),
    "uri": (("a:", "a", ""), ("https://a.org/", "a", "")),
    "uri-reference": (("", "a", ""), ("/", "a", "")),
    "iri": (("a:", "a", ""), ("https://a.org/ä", "a", "")),
    "iri-reference": (("", "a", ""), ("/ä", "a", "")),
    "uri-template": (("", "a", ""), ("{a}", "a", "")),
    "json-pointer": (("", "", ""), ("/", "a", "")),
    "relative-json-pointer": (("0", "", ""), ("0/", "a", "")),
    "regex": (("", "a", ""), ("^", "a", "$")),
}
"""How texts of a format begin, what may be repeated in their middle, and how they end."""

ASSERTED: Final = frozenset(_PARTS)
"""All other formats (``int64``, ``password`` …) are remarks for people; any text passes the validator."""


OUTLINES: Final = {
    "uuid": "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$",
    "ipv4": r"^[0-9]{1,3}(\.[0-9]{1,3}){3}$",
}
"""Patterns that find every text of a format, and others too.

Dates and times have none: the validator takes some texts for dates that are none, such as ``0.00-01-01``.
"""


def texts(name: str, lengths: frozenset[int]) -> Iterator[str]:
    """Texts of a format: the shortest ones known, then some that have just the wanted lengths."""
    for start, middle, end in _PARTS[name]:
        yield start + end
        for length in sorted(lengths) if middle else ():
            room = length - len(start) - len(end)
            if room > 0:
                yield start + middle * room + end
