"""The links of authors to books, in PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, and_, any_, bindparam, delete, func, or_, select, true, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, insert

from accord.bus.adapters.sql_session import Session
from accord.bus.adapters.sql_statement import Statement, given, rows_given
from authors_service.contracts.interfaces import ILinkRepository
from authors_service.domain.entities import ORIGIN, Book, Link, LinkKey
from authors_service.infrastructure.database.tables import author_books, books_cache, link_floor

__all__ = ["PostgreSQLLinkRepository"]

_FLOOR: Final = select(func.coalesce(func.max(link_floor.c.version), 0).label("version")).subquery("floor")
_FIND: Final = Statement(
    select(_FLOOR.c.version, *author_books.c).select_from(
        _FLOOR.outerjoin(
            author_books,
            and_(
                author_books.c.author_id == bindparam("author_id"),
                author_books.c.book_id == any_(bindparam("book_ids", type_=ARRAY(BigInteger))),
            ),
        )
    )
)
_NAMES: Final = tuple(author_books.c.keys())
_INSERT: Final = insert(author_books)
_PUT: Final = Statement(
    _INSERT.from_select(_NAMES, rows_given(author_books, *_NAMES)).on_conflict_do_update(
        index_elements=[author_books.c.author_id, author_books.c.book_id],
        set_={column.name: column for column in _INSERT.excluded if not column.primary_key},
    )
)
_KEY: Final = tuple_(author_books.c.author_id, author_books.c.book_id)
_KEYS_GIVEN: Final = rows_given(author_books, "author_id", "book_id")
_FIND_ALL: Final = Statement(select(*author_books.c).where(_KEY.in_(_KEYS_GIVEN)), Link)
# In the order in which links are changed elsewhere, so that nobody waits for each other.
_REMOVE_BOOKS: Final = Statement(
    delete(author_books).where(
        _KEY.in_(
            select(author_books.c.author_id, author_books.c.book_id)
            .where(author_books.c.book_id == any_(bindparam("book_ids", type_=ARRAY(BigInteger))))
            .order_by(author_books.c.author_id, author_books.c.book_id)
            .with_for_update()
        )
    )
)
_SHARE: Final = Statement(
    select(*author_books.c)
    .where(tuple_(bindparam("author_id"), bindparam("book_id")) < _KEY)
    .order_by(author_books.c.author_id, author_books.c.book_id)
    .limit(bindparam("limit"))
    .with_for_update(read=True),
    Link,
)
_EXPIRED: Final = Statement(
    select(*author_books.c)
    .where(
        ~author_books.c.linked,
        or_(
            and_(author_books.c.origin != ORIGIN, author_books.c.changed_at < bindparam("theirs")),
            and_(author_books.c.origin == ORIGIN, author_books.c.changed_at < bindparam("ours")),
        ),
    )
    .order_by(author_books.c.changed_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True),
    Link,
)
_PURGE: Final = Statement(delete(author_books).where(_KEY.in_(_KEYS_GIVEN)))
_RAISE_FLOOR: Final = Statement(
    insert(link_floor)
    .values({"single": true(), **given(link_floor.c.version)})
    .on_conflict_do_update(
        index_elements=[link_floor.c.single],
        set_={"version": func.greatest(link_floor.c.version, insert(link_floor).excluded.version)},
    )
    .inline()
)
_BOOKS_OF: Final = Statement(
    select(*(column for column in books_cache.c if column.name != "deleted_at"))
    .join(author_books, author_books.c.book_id == books_cache.c.book_id)
    .where(
        author_books.c.author_id == bindparam("author_id"),
        author_books.c.book_id > bindparam("after"),
        author_books.c.linked,
        books_cache.c.deleted_at.is_(None),
    )
    .order_by(author_books.c.book_id)
    .limit(bindparam("limit")),
    Book,
)


class PostgreSQLLinkRepository(ILinkRepository):
    """Reads and writes in ``session``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def find(self, author_id: int, book_ids: Collection[int]) -> tuple[Mapping[int, Link], int]:
        rows = await self._session.fetch(_FIND, author_id=author_id, book_ids=list(book_ids))
        (floor, *_), *_ = rows
        links = (Link(*link) for _, *link in rows if link[0] is not None)
        return {link.book_id: link for link in links}, floor

    async def find_all(self, keys: Collection[LinkKey]) -> Mapping[LinkKey, Link]:
        author_ids, book_ids = zip(*keys, strict=True)
        links = await self._session.fetch(_FIND_ALL, author_id=author_ids, book_id=book_ids)
        return {link.key: link for link in links}

    async def put(self, links: Collection[Link]) -> None:
        if links:
            await self._session.write(_PUT, _columns(links))

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
    return {name: [getattr(link, name) for link in links] for name in _NAMES}
