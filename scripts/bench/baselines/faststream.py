"""The textbook's consumer: FastStream calls a handler per event, which opens a SQLAlchemy session.

Offsets are committed after the effect, as by the others here. FastStream's default, to commit in the
background whatever became of the event, is a little faster, and loses events when the process dies.
"""

import os
from datetime import datetime
from typing import Literal
from uuid import UUID

import uvloop
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker
from pydantic import BaseModel
from sqlalchemy import BigInteger, DateTime
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine(os.environ["BENCH_DATABASE_URL"])
sessions = async_sessionmaker(engine)
broker = KafkaBroker(os.environ["BENCH_KAFKA"], allow_auto_create_topics=False, logger=None)


class Base(DeclarativeBase):
    """The tables of this program."""


class CachedBook(Base):
    """A row of the cache."""

    __tablename__ = "books_cache"
    book_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    title: Mapped[str]
    isbn: Mapped[str | None]
    publication_year: Mapped[int | None]
    summary: Mapped[str | None]
    version: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Book(BaseModel):
    """The state that an event carries."""

    book_id: int
    title: str
    isbn: str | None
    publication_year: int | None
    summary: str | None
    version: int
    created_at: datetime
    updated_at: datetime


class BookChanged(BaseModel):
    """The envelope."""

    event_type: Literal["book.created", "book.updated"]
    event_id: UUID
    timestamp: datetime
    correlation_id: str
    data: Book


@broker.subscriber(
    os.environ["BENCH_TOPIC"],
    group_id=os.environ["BENCH_GROUP"],
    auto_offset_reset="earliest",
    ack_policy=AckPolicy.ACK,
)
async def remember(event: BookChanged) -> None:
    """Keep the book unless a later state of it is known."""
    added = insert(CachedBook).values(event.data.model_dump())
    async with sessions.begin() as session:
        await session.execute(
            added.on_conflict_do_update(
                index_elements=[CachedBook.book_id],
                set_={name: column for name, column in added.excluded.items() if name in Book.model_fields},
                where=CachedBook.version < added.excluded.version,
            )
        )


if __name__ == "__main__":
    uvloop.run(FastStream(broker, logger=None).run())
