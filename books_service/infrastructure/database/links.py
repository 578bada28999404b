"""The links of books to authors, in PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from accord.bus.adapters.sql_session import Session
from accord.bus.adapters.sql_statement import Statement, names, rows_given, taken_over
from books_service.contracts.interfaces import Found, ILinkRepository
from books_service.domain.entities import ORIGIN, Author, Link, LinkKey
from books_service.domain.errors import Overtaken
from books_service.infrastructure.database.cache import locks

__all__ = ["PostgreSQLLinkRepository"]

_COLUMNS: Final = tuple(field.name for field in fields(Link))
_LINKS: Final = f"SELECT {names(Link)} FROM book_authors"
_LINK_OF: Final = f"{_LINKS} WHERE (book_id, author_id) ="
# Looked up one by one: a join may be planned, while the tables are small, so that it reads all of them.
_FIND: Final = Statement(
    f"""
    SELECT floor.version, wanted.author_id,
        (SELECT deleted_at IS NULL FROM authors_cache WHERE author_id = wanted.author_id) AS alive,
        {", ".join(f"link.{name}" for name in _COLUMNS)}
    FROM books
    CROSS JOIN (SELECT coalesce(max(version), 0) AS version FROM link_floor) AS floor
    LEFT JOIN unnest(CAST(:author_ids AS bigint[])) AS wanted (author_id) ON true
    LEFT JOIN LATERAL ({_LINK_OF} (books.book_id, wanted.author_id) LIMIT 1) AS link ON true
    WHERE books.book_id = :book_id
    """
)
_KEYS_GIVEN: Final = rows_given(Link, "book_id", "author_id")
_FIND_ALL: Final = Statement(
    f"""
    SELECT link.* FROM ({_KEYS_GIVEN}) AS wanted
    CROSS JOIN LATERAL ({_LINK_OF} (wanted.book_id, wanted.author_id) LIMIT 1) AS link
    """,
    Link,
)
_OR_REPLACE: Final = f"""
    ON CONFLICT (book_id, author_id) DO UPDATE SET {taken_over("version", "origin", "linked", "changed_at")}
"""
_PUT: Final = Statement(f"INSERT INTO book_authors ({names(Link)}) {rows_given(Link)} {_OR_REPLACE}")
_PUT_IF_UNCHANGED: Final = Statement(
    f"""
    INSERT INTO book_authors ({names(Link)}) SELECT {names(Link)}
    FROM confirm_links(:book, :locks, :authors, :alive, :versions, :floor), ({rows_given(Link)}) AS links
    {_OR_REPLACE}
    """
)
# In the order in which links are changed elsewhere, so that nobody waits for each other.
_REMOVE_AUTHORS: Final = Statement(
    """
    DELETE FROM book_authors WHERE (book_id, author_id) IN (
        SELECT book_id, author_id FROM book_authors WHERE author_id = ANY (:author_ids)
        ORDER BY book_id, author_id FOR UPDATE
    )
    """
)
_SHARE: Final = Statement(
    f"""
    {_LINKS} WHERE (book_id, author_id) > (:book_id, :author_id)
    ORDER BY book_id, author_id LIMIT :limit FOR SHARE
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
_PURGE: Final = Statement(f"DELETE FROM book_authors WHERE (book_id, author_id) IN ({_KEYS_GIVEN})")
_RAISE_FLOOR: Final = Statement(
    """
    INSERT INTO link_floor (single, version) VALUES (true, :version)
    ON CONFLICT (single) DO UPDATE SET version = greatest(link_floor.version, excluded.version)
    """
)
_AUTHORS_OF: Final = Statement(
    f"""
    SELECT {", ".join(f"authors_cache.{field.name}" for field in fields(Author))}
    FROM authors_cache JOIN book_authors USING (author_id)
    WHERE book_id = :book_id AND author_id > :after AND linked AND deleted_at IS NULL
    ORDER BY author_id LIMIT :limit
    """,
    Author,
)


class PostgreSQLLinkRepository(ILinkRepository):
    """Reads and writes in ``session``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def find(self, book_id: int, author_ids: Collection[int]) -> Found | None:
        rows = await self._session.look(_FIND, book_id=book_id, author_ids=list(author_ids))
        if not rows:
            return None
        return Found(
            book_id,
            alive={key: alive for _, key, alive, *_ in rows if key is not None},
            links={key: Link(*link) for _, key, _, *link in rows if link[0] is not None},
            floor=rows[0][0],
        )

    async def find_all(self, keys: Collection[LinkKey]) -> Mapping[LinkKey, Link]:
        book_ids, author_ids = zip(*keys, strict=True)
        links = await self._session.fetch(_FIND_ALL, book_id=book_ids, author_id=author_ids)
        return {link.key: link for link in links}

    async def put(self, links: Collection[Link]) -> None:
        if links:
            await self._session.write(_PUT, _columns(links))

    async def put_if_unchanged(self, links: Collection[Link], found: Found) -> None:
        if links:
            known = found.links
            expected = {
                "book": found.book_id,
                "locks": locks(found.alive),
                "authors": list(found.alive),
                "alive": list(found.alive.values()),
                "versions": [known[key].version if key in known else None for key in found.alive],
                "floor": found.floor,
            }
            overtaken = {"links_unchanged": Overtaken(found.book_id)}
            await self._session.write(_PUT_IF_UNCHANGED, expected | _columns(links), overtaken)

    async def remove_authors(self, author_ids: Collection[int]) -> None:
        if author_ids:
            await self._session.write(_REMOVE_AUTHORS, {"author_ids": list(author_ids)})

    async def share(self, after: tuple[int, int], limit: int) -> Sequence[Link]:
        return await self._session.fetch(_SHARE, book_id=after[0], author_id=after[1], limit=limit)

    async def expired(self, theirs: datetime, ours: datetime, limit: int) -> Sequence[Link]:
        return await self._session.fetch(_EXPIRED, theirs=theirs, ours=ours, limit=limit)

    async def purge(self, tombstones: Collection[Link]) -> None:
        if tombstones:
            await self._session.write(_PURGE, _columns(tombstones))
            await self._session.write(_RAISE_FLOOR, {"version": max(link.version for link in tombstones)})

    async def authors_of(self, book_id: int, after: int, limit: int) -> Sequence[Author]:
        return await self._session.fetch(_AUTHORS_OF, book_id=book_id, after=after, limit=limit)


def _columns(links: Collection[Link]) -> dict[str, list[Any]]:
    return {name: [getattr(link, name) for link in links] for name in _COLUMNS}
