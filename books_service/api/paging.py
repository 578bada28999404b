"""Keyset paging: a cursor is the last id of the page before, in 16 hexadecimal digits."""

from collections.abc import Callable, Sequence
from typing import TypeVar

__all__ = ["after", "cut"]

Item = TypeVar("Item")


def after(cursor: str | None) -> int:
    """The id that a page follows; ids start at 1, so that the first page follows 0."""
    return 0 if cursor is None else int(cursor, 16)


def cut(found: Sequence[Item], limit: int, key: Callable[[Item], int]) -> tuple[Sequence[Item], str | None]:
    """The page and the cursor of the next one, if ``found`` holds an item beyond ``limit`` to prove it."""
    if len(found) <= limit:
        return found, None
    return found[:limit], f"{key(found[limit - 1]):016x}"
