"""The tables of authors_db as Alembic knows them; a test holds the migrations against these."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP

from accord.bus.adapters.sql_tables import outbox_table

__all__ = ["author_books", "authors", "books_cache", "deleted_authors", "link_floor", "metadata", "outbox"]

metadata: Final = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_name)s_key",
        "ix": "%(table_name)s_%(column_0_name)s_idx",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)

_MOMENT: Final = TIMESTAMP(timezone=True)

authors: Final = Table(
    "authors",
    metadata,
    Column("author_id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("nationality", Text),
    Column("biography", Text),
    Column("version", BigInteger, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("updated_at", _MOMENT, nullable=False),
)

deleted_authors: Final = Table(
    "deleted_authors",
    metadata,
    Column("author_id", BigInteger, primary_key=True, autoincrement=False),
    *(Column(each.name, each.type, nullable=each.nullable) for each in authors.c if not each.primary_key),
    Index(None, "updated_at"),
)
"""The last state of each author that was deleted, at ``updated_at``, until it is purged."""

author_books: Final = Table(
    "author_books",
    metadata,
    Column("author_id", BigInteger, ForeignKey(authors.c.author_id, ondelete="CASCADE"), primary_key=True),
    Column("book_id", BigInteger, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("origin", Text, nullable=False),
    Column("linked", Boolean, nullable=False),
    Column("changed_at", _MOMENT, nullable=False),
    CheckConstraint("origin IN ('authors', 'books')", name="origin"),
    # Both columns, as in the primary key: whichever of the two serves for one link, it finds that row alone.
    Index(None, "book_id", "author_id"),
    Index("author_books_tombstones_idx", "changed_at", postgresql_where=text("NOT linked")),
)
"""Links; a row with ``linked`` false is the tombstone of an unlink."""

link_floor: Final = Table(
    "link_floor",
    metadata,
    Column("single", Boolean, primary_key=True),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("single", name="single"),
)
"""One row or none: the highest version of a link whose tombstone was purged."""

books_cache: Final = Table(
    "books_cache",
    metadata,
    Column("book_id", BigInteger, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False),
    Column("isbn", Text),
    Column("publication_year", Integer),
    Column("summary", Text),
    Column("version", BigInteger, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("updated_at", _MOMENT, nullable=False),
    Column("deleted_at", _MOMENT),
    Index("books_cache_tombstones_idx", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
)
"""The last state of each book that this service heard of.

A row with ``deleted_at`` is a tombstone, which was left here at that time, however old the deletion is.
"""

outbox: Final = outbox_table(metadata)
"""Events that were committed here and not yet acknowledged by the broker."""
