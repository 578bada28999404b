"""Telling from what a client of PostgreSQL sends when it commits."""

import re
from typing import Final

__all__ = ["Commits"]

# Messages of the protocol (PostgreSQL manual, 54.7): a type, four bytes of length, then what is asked for.
_QUERY: Final = re.compile(rb"Q.{4}(BEGIN|COMMIT|ROLLBACK);?\0", re.DOTALL)
_PARSE: Final = re.compile(rb"P.{4}([^\0]+)\0([^\0]+)\0", re.DOTALL)
_BIND: Final = re.compile(rb"B.{4}\0([^\0]+)\0", re.DOTALL)
_WRITES: Final = re.compile(rb"\b(INSERT INTO|UPDATE \w+ SET)\b")


class Commits:
    """What one connection of asyncpg has prepared, and whether a transaction is open on it."""

    def __init__(self) -> None:
        self._writing: set[bytes] = set()
        self._open = False

    def among(self, data: bytes) -> bool:
        """Whether ``data`` holds a COMMIT, or a statement that writes and is its own transaction."""
        for name, text in _PARSE.findall(data):
            (self._writing.add if _WRITES.search(text) else self._writing.discard)(name)
        commits = False
        for command in _QUERY.findall(data):
            self._open = command == b"BEGIN"
            commits = commits or command == b"COMMIT"
        return commits or (not self._open and any(name in self._writing for name in _BIND.findall(data)))
