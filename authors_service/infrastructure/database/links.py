"""The links of authors to books, in PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from accord.bus.adapters.sql_session import Session
from accord.bus.adapters.sql_statement import Statement, names, rows_given, taken_over
from authors_service.contracts.interfaces import Found, ILinkRepository
from authors_service.domain.entities import ORIGIN, Book, Link, LinkKey
from authors_service.domain.errors import Overtaken
from authors_service.infrastructure.database.cache import locks

__all__ = ["PostgreSQLLinkRepository"]

_COLUMNS: Final = tuple(field.name for field in fields(Link))
_LINKS: Final = f"SELECT {names(Link)} FROM author_books"
_LINK_OF: Final = f"{_LINKS} WHERE (author_id, book_id) ="
# Looked up one by one: a join may be planned, while the tables are small, so that it reads all of them.
_FIND: Final = Statement(
    f"""
    SELECT floor.version, wanted.book_id,
        (SELECT deleted_at IS NULL FROM books_cache WHERE book_id = wanted.book_id) AS alive,
        {", ".join(f"link.{name}" for name in _COLUMNS)}
    FROM authors
    CROSS JOIN (SELECT coalesce(max(version), 0) AS version FROM link_floor) AS floor
    LEFT JOIN unnest(CAST(:book_ids AS bigint[])) AS wanted (book_id) ON true
    LEFT JOIN LATERAL ({_LINK_OF} (authors.author_id, wanted.book_id) LIMIT 1) AS link ON true
    WHERE authors.author_id = :author_id
    """
)
_KEYS_GIVEN: Final = rows_given(Link, "author_id", "book_id")
_FIND_ALL: Final = Statement(
    f"""
    SELECT link.* FROM ({_KEYS_GIVEN}) AS wanted
    CROSS JOIN LATERAL ({_LINK_OF} (wanted.author_id, wanted.book_id) LIMIT 1) AS link
    """,
    Link,
)
_OR_REPLACE: Final = f"""
    ON CONFLICT (author_id, book_id) DO UPDATE SET {taken_over("version", "origin", "linked", "changed_at")}
"""
_PUT: Final = Statement(f"INSERT INTO author_books ({names(Link)}) {rows_given(Link)} {_OR_REPLACE}")
_PUT_IF_UNCHANGED: Final = Statement(
    f"""
    INSERT INTO author_books ({names(Link)}) SELECT {names(Link)}
    FROM confirm_links(:author, :locks, :books, :alive, :versions, :floor), ({rows_given(Link)}) AS links
    {_OR_REPLACE}
    """
)
# In the order in which links are changed elsewhere, so that nobody waits for each other.
_REMOVE_BOOKS: Final = Statement(
    """
    DELETE FROM author_books WHERE (author_id, book_id) IN (
        SELECT author_id, book_id FROM author_books WHERE book_id = ANY (:book_ids)
        ORDER BY author_id, book_id FOR UPDATE
    )
    """
)
_SHARE: Final = Statement(
    f"""
    {_LINKS} WHERE (author_id, book_id) > (:author_id, :book_id)
    ORDER BY author_id, book_id LIMIT :limit FOR SHARE
    """,
    Link,
)
_EXPIRED: Final = Statement(
    f"""
    {_LINKS} WHERE NOT linked
    AND (origin <> '{ORIGIN}' AND changed_at < :theirs OR origin = '{ORIGIN}' AND changed_at < :ours)
    ORDER BY changed_at LIMIT :limit FOR UPDATE SKIP LOCKED
    """,
    Link,
)
_PURGE: Final = Statement(f"DELETE FROM author_books WHERE (author_id, book_id) IN ({_KEYS_GIVEN})")
_RAISE_FLOOR: Final = Statement(
    """
    INSERT INTO link_floor (single, version) VALUES (true, :version)
    ON CONFLICT (single) DO UPDATE SET version = greatest(link_floor.version, excluded.version)
    """
)
_BOOKS_OF: Final = Statement(
    f"""
    SELECT {", ".join(f"books_cache.{field.name}" for field in fields(Book))}
    FROM books_cache JOIN author_books USING (book_id)
    WHERE author_id = :author_id AND book_id > :after AND linked AND deleted_at IS NULL
    ORDER BY book_id LIMIT :limit
    """,
    Book,
)


class PostgreSQLLinkRepository(ILinkRepository):
    """Reads and writes in ``session``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def find(self, author_id: int, book_ids: Collection[int]) -> Found | None:
        rows = await self._session.look(_FIND, author_id=author_id, book_ids=list(book_ids))
        if not rows:
            return None
        return Found(
            author_id,
            alive={key: alive for _, key, alive, *_ in rows if key is not None},
            links={key: Link(*link) for _, key, _, *link in rows if link[0] is not None},
            floor=rows[0][0],
        )

    async def find_all(self, keys: Collection[LinkKey]) -> Mapping[LinkKey, Link]:
        author_ids, book_ids = zip(*keys, strict=True)
        links = await self._session.fetch(_FIND_ALL, author_id=author_ids, book_id=book_ids)
        return {link.key: link for link in links}

    async def put(self, links: Collection[Link]) -> None:
        if links:
            await self._session.write(_PUT, _columns(links))

    async def put_if_unchanged(self, links: Collection[Link], found: Found) -> None:
        if links:
            known = found.links
            expected = {
                "author": found.author_id,
                "locks": locks(found.alive),
                "books": list(found.alive),
                "alive": list(found.alive.values()),
                "versions": [known[key].version if key in known else None for key in found.alive],
                "floor": found.floor,
            }
            overtaken = {"links_unchanged": Overtaken(found.author_id)}
            await self._session.write(_PUT_IF_UNCHANGED, expected | _columns(links), overtaken)

    async def remove_books(self, book_ids: Collection[int]) -> None:
        if book_ids:
            await self._session.write(_REMOVE_BOOKS, {"book_ids": list(book_ids)})

    async def share(self, after: tuple[int, int], limit: int) -> Sequence[Link]:
        return await self._session.fetch(_SHARE, author_id=after[0], book_id=after[1], limit=limit)

    async def expired(self, theirs: datetime, ours: datetime, limit: int) -> Sequence[Link]:
        return await self._session.fetch(_EXPIRED, theirs=theirs, ours=ours, limit=limit)

    async def purge(self, tombstones: Collection[Link]) -> None:
        if tombstones:
            await self._session.write(_PURGE, _columns(tombstones))
            await self._session.write(_RAISE_FLOOR, {"version": max(link.version for link in tombstones)})

    async def books_of(self, author_id: int, after: int, limit: int) -> Sequence[Book]:
        return await self._session.fetch(_BOOKS_OF, author_id=author_id, after=after, limit=limit)


def _columns(links: Collection[Link]) -> dict[str, list[Any]]:
    return {name: [getattr(link, name) for link in links] for name in _COLUMNS}
