"""Entity tags: the version of a book as HTTP wants to see it (RFC 9110, sections 8.8.3 and 13.1.1)."""

import re
from typing import Final

__all__ = ["etag", "expected_versions"]

_TAG: Final = re.compile(r'"([^"]*)"')


def etag(version: int) -> str:
    """The strong entity tag of a version."""
    return f'"{version}"'


def expected_versions(if_match: str | None) -> frozenset[int] | None:
    """The versions that `If-Match` allows; None where it allows any, or where there is none.

    Tags are compared as text, so that `"07"` is the tag of no version.
    """
    if if_match is None or if_match == "*":
        return None
    return frozenset(int(tag) for tag in _TAG.findall(if_match) if tag.isdecimal() and tag == str(int(tag)))
