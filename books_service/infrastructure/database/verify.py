"""Holding what this service keeps of the other side against the streams that it keeps it from."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Final

from accord.bus.adapters.fold import Difference, Order, StreamFold, StreamState
from accord.bus.adapters.sql_database import Database
from accord.bus.adapters.sql_statement import Statement, names
from accord.bus.messages import Record
from books_service.domain.entities import ORIGIN, Author, Link
from generated.books import channels

__all__ = ["ReadStream", "Verification"]

ReadStream = Callable[[str], AsyncIterator[Record]]
"""Reads a topic from its first record to its present end."""

_BATCH: Final = 500


@dataclass(slots=True)
class _CachedAuthor(Author):
    deleted_at: datetime | None


_AUTHORS: Final = Statement(
    f"""
    SELECT {names(_CachedAuthor)} FROM authors_cache
    WHERE author_id > :after ORDER BY author_id LIMIT {_BATCH}
    """,
    _CachedAuthor,
)
_LINKS: Final = Statement(
    f"""
    SELECT {names(Link)} FROM book_authors WHERE (book_id, author_id) > (:book_id, :author_id)
    ORDER BY book_id, author_id LIMIT {_BATCH}
    """,
    Link,
)
_BOTH_ALIVE: Final = Statement(
    """
    SELECT 1 FROM books, authors_cache
    WHERE book_id = :book_id AND author_id = :author_id AND deleted_at IS NULL
    """,
    int,
)
_MEMBERS: Final = tuple(field.name for field in fields(Author))
_MOMENTS: Final = ("created_at", "updated_at")


class Verification:
    """Reads and changes nothing. Memory is bounded: a stream is folded in a temporary file.

    A service that is at work may have gone on since the stream was read: what is later here than there is no
    difference, and what is missing here may be on its way, which a second run tells.
    """

    def __init__(self, database: Database, read: ReadStream) -> None:
        self._database = database
        self._read = read

    async def differences(self) -> AsyncIterator[Difference]:
        """What differs, authors first; raises `Unavailable`."""
        for topic, order, compare in (
            (channels.LIBRARY_AUTHORS.name, _version, self._authors),
            (channels.LIBRARY_AUTHOR_BOOKS.name, _version_and_origin, self._links),
        ):
            began = datetime.now(UTC)
            with StreamFold(topic, channels.RECEIVES) as fold:
                await fold.fill(self._read(topic), order)
                async for difference in compare(fold, began):
                    yield difference

    async def _authors(self, fold: StreamFold, began: datetime) -> AsyncIterator[Difference]:
        after = 0
        while rows := await self._database.fetch(_AUTHORS, {"after": after}):
            after = rows[-1].author_id
            states = fold.take([str(row.author_id) for row in rows])
            for row in rows:
                if difference := _compare_author(row, states.get(str(row.author_id)), began):
                    yield difference
        for batch in fold.unseen():
            for state in batch:
                if state.event_type != "author.deleted":  # its tombstone may have been purged
                    yield state.difference("missing", f"author {state.key} is not in authors_cache")

    async def _links(self, fold: StreamFold, began: datetime) -> AsyncIterator[Difference]:
        after = {"book_id": 0, "author_id": 0}
        while rows := await self._database.fetch(_LINKS, after):
            after = {"book_id": rows[-1].book_id, "author_id": rows[-1].author_id}
            states = fold.take([_key(row) for row in rows])
            for row in rows:
                if difference := _compare_link(row, states.get(_key(row)), began):
                    yield difference
        for batch in fold.unseen():
            for state in batch:
                ends = {name: state.data[name] for name in ("book_id", "author_id")}
                # A link goes with its book and with its author, and a removal may have been purged.
                if state.event_type != "author_book.linked":
                    continue
                if await self._database.fetch(_BOTH_ALIVE, ends):
                    yield state.difference("missing", f"link {state.key} is not in book_authors")


def _compare_author(row: _CachedAuthor, state: StreamState | None, began: datetime) -> Difference | None:
    name = f"author {row.author_id}"
    if state is None:
        if row.deleted_at is not None or row.updated_at >= began:
            return None
        return Difference("authors_cache", 1, "unknown", f"{name} is kept here, and the stream knows of none")
    version = state.order[0]
    if row.version > version:
        return None
    if row.version < version:
        return state.difference(
            "behind", f"{name} is at version {version}, in authors_cache it is at {row.version}"
        )
    deleted = state.event_type == "author.deleted"
    if deleted != (row.deleted_at is not None):
        there, here = ("deleted", "alive") if deleted else ("alive", "deleted")
        return state.difference("differs", f"{name} is {there}, in authors_cache it is {here}")
    wrong = [member for member in _MEMBERS if getattr(row, member) != _value(state.data, member)]
    if wrong:
        return state.difference("differs", f"{name} differs from authors_cache in {', '.join(wrong)}")
    return None


def _compare_link(row: Link, state: StreamState | None, began: datetime) -> Difference | None:
    name = f"link {_key(row)}"
    if state is None:
        if row.origin == ORIGIN or not row.linked or row.changed_at >= began:
            return None
        return Difference("book_authors", 1, "unknown", f"{name} is kept here, and the stream knows of none")
    here = (row.version, row.origin)
    if here < state.order:
        return state.difference("behind", f"{name} is at {state.order}, in book_authors it is at {here}")
    if here == state.order and row.linked != (state.event_type == "author_book.linked"):
        return state.difference(
            "differs", f"{name}: {state.event_type}, but book_authors has linked = {row.linked}"
        )
    return None


def _key(row: Link) -> str:
    return f"{row.author_id}:{row.book_id}"


def _value(data: Mapping[str, Any], member: str) -> Any:
    value = data.get(member)
    return datetime.fromisoformat(value) if member in _MOMENTS and value else value


def _version(data: Mapping[str, Any]) -> Order:
    return data["version"], ""


def _version_and_origin(data: Mapping[str, Any]) -> Order:
    return data["version"], data["origin"]
