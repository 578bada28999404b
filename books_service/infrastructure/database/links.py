"""The links of books to authors, in PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, and_, any_, bindparam, delete, func, or_, select, true, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, insert

from accord.bus.adapters.sql_session import Session
from accord.bus.adapters.sql_statement import Statement, given, rows_given
from books_service.contracts.interfaces import ILinkRepository
from books_service.domain.entities import ORIGIN, Author, Link, LinkKey
from books_service.infrastructure.database.tables import authors_cache, book_authors, link_floor

__all__ = ["PostgreSQLLinkRepository"]

_FLOOR: Final = select(func.coalesce(func.max(link_floor.c.version), 0).label("version")).subquery("floor")
_FIND: Final = Statement(
    select(_FLOOR.c.version, *book_authors.c).select_from(
        _FLOOR.outerjoin(
            book_authors,
            and_(
                book_authors.c.book_id == bindparam("book_id"),
                book_authors.c.author_id == any_(bindparam("author_ids", type_=ARRAY(BigInteger))),
            ),
        )
    )
)
_NAMES: Final = tuple(book_authors.c.keys())
_INSERT: Final = insert(book_authors)
_PUT: Final = Statement(
    _INSERT.from_select(_NAMES, rows_given(book_authors, *_NAMES)).on_conflict_do_update(
        index_elements=[book_authors.c.book_id, book_authors.c.author_id],
        set_={column.name: column for column in _INSERT.excluded if not column.primary_key},
    )
)
_KEY: Final = tuple_(book_authors.c.book_id, book_authors.c.author_id)
_KEYS_GIVEN: Final = rows_given(book_authors, "book_id", "author_id")
_FIND_ALL: Final = Statement(select(*book_authors.c).where(_KEY.in_(_KEYS_GIVEN)), Link)
# In the order in which links are changed elsewhere, so that nobody waits for each other.
_REMOVE_AUTHORS: Final = Statement(
    delete(book_authors).where(
        _KEY.in_(
            select(book_authors.c.book_id, book_authors.c.author_id)
            .where(book_authors.c.author_id == any_(bindparam("author_ids", type_=ARRAY(BigInteger))))
            .order_by(book_authors.c.book_id, book_authors.c.author_id)
            .with_for_update()
        )
    )
)
_SHARE: Final = Statement(
    select(*book_authors.c)
    .where(tuple_(bindparam("book_id"), bindparam("author_id")) < _KEY)
    .order_by(book_authors.c.book_id, book_authors.c.author_id)
    .limit(bindparam("limit"))
    .with_for_update(read=True),
    Link,
)
_EXPIRED: Final = Statement(
    select(*book_authors.c)
    .where(
        ~book_authors.c.linked,
        or_(
            and_(book_authors.c.origin != ORIGIN, book_authors.c.changed_at < bindparam("theirs")),
            and_(book_authors.c.origin == ORIGIN, book_authors.c.changed_at < bindparam("ours")),
        ),
    )
    .order_by(book_authors.c.changed_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True),
    Link,
)
_PURGE: Final = Statement(delete(book_authors).where(_KEY.in_(_KEYS_GIVEN)))
_RAISE_FLOOR: Final = Statement(
    insert(link_floor)
    .values({"single": true(), **given(link_floor.c.version)})
    .on_conflict_do_update(
        index_elements=[link_floor.c.single],
        set_={"version": func.greatest(link_floor.c.version, insert(link_floor).excluded.version)},
    )
    .inline()
)
_AUTHORS_OF: Final = Statement(
    select(*(column for column in authors_cache.c if column.name != "deleted_at"))
    .join(book_authors, book_authors.c.author_id == authors_cache.c.author_id)
    .where(
        book_authors.c.book_id == bindparam("book_id"),
        book_authors.c.author_id > bindparam("after"),
        book_authors.c.linked,
        authors_cache.c.deleted_at.is_(None),
    )
    .order_by(book_authors.c.author_id)
    .limit(bindparam("limit")),
    Author,
)


class PostgreSQLLinkRepository(ILinkRepository):
    """Reads and writes in ``session``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def find(self, book_id: int, author_ids: Collection[int]) -> tuple[Mapping[int, Link], int]:
        rows = await self._session.fetch(_FIND, book_id=book_id, author_ids=list(author_ids))
        (floor, *_), *_ = rows
        links = (Link(*link) for _, *link in rows if link[0] is not None)
        return {link.author_id: link for link in links}, floor

    async def find_all(self, keys: Collection[LinkKey]) -> Mapping[LinkKey, Link]:
        book_ids, author_ids = zip(*keys, strict=True)
        links = await self._session.fetch(_FIND_ALL, book_id=book_ids, author_id=author_ids)
        return {link.key: link for link in links}

    async def put(self, links: Collection[Link]) -> None:
        if links:
            await self._session.write(_PUT, _columns(links))

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
    return {name: [getattr(link, name) for link in links] for name in _NAMES}
