"""plain: FastAPI, an ORM session for each request, and the event sent to Kafka before the answer.

It is what the textbook does. An event is lost if the process ends, or Kafka is away, between the commit and
the sending.
"""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from aiokafka import AIOKafkaProducer
from fastapi import Depends, FastAPI, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import BigInteger, DateTime, ForeignKey, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

__all__ = ["create_app"]


class Base(DeclarativeBase):
    type_annotation_map = {int: BigInteger, datetime: DateTime(timezone=True)}  # noqa: RUF012


class AuthorRow(Base):
    __tablename__ = "authors"
    author_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    nationality: Mapped[str | None]
    biography: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class BookRow(Base):
    __tablename__ = "books"
    book_id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]


class LinkRow(Base):
    __tablename__ = "author_books"
    author_id: Mapped[int] = mapped_column(ForeignKey(AuthorRow.author_id), primary_key=True)
    book_id: Mapped[int] = mapped_column(ForeignKey(BookRow.book_id), primary_key=True)


class AuthorCreate(BaseModel):
    name: str = Field(min_length=1, max_length=200)
    nationality: str | None = Field(None, max_length=100)
    biography: str | None = Field(None, max_length=10_000)


class Author(AuthorCreate):
    model_config = ConfigDict(from_attributes=True)
    author_id: int
    version: int
    created_at: datetime
    updated_at: datetime


class AuthorPage(BaseModel):
    items: list[Author]
    next_cursor: int | None


class BookIds(BaseModel):
    book_ids: list[int] = Field(min_length=1, max_length=100)


class AuthorBooks(BookIds):
    author_id: int


class Link(BaseModel):
    author_id: int
    book_id: int


class Event(BaseModel):
    event_type: str
    event_id: uuid.UUID = Field(default_factory=uuid.uuid4)
    timestamp: datetime = Field(default_factory=lambda: datetime.now(UTC))
    data: Author | Link


def create_app() -> FastAPI:
    """Serve over DATABASE_URL and KAFKA_BOOTSTRAP_SERVERS."""
    engine = create_async_engine(os.environ["DATABASE_URL"], pool_size=16, max_overflow=0)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    kafka: dict[str, Any] = {}

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with AIOKafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"]) as producer:
            kafka["producer"] = producer
            yield
        await engine.dispose()

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with sessions() as session:
            yield session

    Session = Annotated[AsyncSession, Depends(get_session)]  # noqa: N806
    app = FastAPI(lifespan=lifespan)

    async def publish(topic: str, key: str, event: Event) -> None:
        await kafka["producer"].send_and_wait(topic, event.model_dump_json().encode(), key=key.encode())

    @app.post("/authors", status_code=201)
    async def create_author(body: AuthorCreate, session: Session) -> Author:
        now = datetime.now(UTC)
        row = AuthorRow(**body.model_dump(), created_at=now, updated_at=now)
        session.add(row)
        await session.commit()
        author = Author.model_validate(row)
        await publish("plain.authors", str(author.author_id), Event(event_type="author.created", data=author))
        return author

    @app.get("/authors")
    async def list_authors(
        session: Session, limit: Annotated[int, Query(ge=1, le=100)] = 20, after: int = 0
    ) -> AuthorPage:
        query = (
            select(AuthorRow).where(AuthorRow.author_id > after).order_by(AuthorRow.author_id).limit(limit)
        )
        rows = (await session.scalars(query)).all()
        items = [Author.model_validate(row) for row in rows]
        return AuthorPage(items=items, next_cursor=items[-1].author_id if len(items) == limit else None)

    @app.get("/authors/{author_id}")
    async def get_author(author_id: int, session: Session) -> Author:
        row = await session.get(AuthorRow, author_id)
        if row is None:
            raise HTTPException(404, "There is no such author.")
        return Author.model_validate(row)

    @app.post("/authors/{author_id}/books")
    async def link_books(author_id: int, body: BookIds, session: Session) -> AuthorBooks:
        if await session.get(AuthorRow, author_id) is None:
            raise HTTPException(404, "There is no such author.")
        known = await session.scalars(select(BookRow.book_id).where(BookRow.book_id.in_(body.book_ids)))
        if unknown := set(body.book_ids) - set(known):
            raise HTTPException(409, f"There are no books {sorted(unknown)}.")
        rows = [{"author_id": author_id, "book_id": book_id} for book_id in body.book_ids]
        new = insert(LinkRow).on_conflict_do_nothing().returning(LinkRow.book_id)
        linked = (await session.scalars(new, rows)).all()
        await session.commit()
        for book_id in linked:
            event = Event(event_type="author_book.linked", data=Link(author_id=author_id, book_id=book_id))
            await publish("plain.author-books", f"{author_id}:{book_id}", event)
        return AuthorBooks(author_id=author_id, book_ids=sorted(body.book_ids))

    return app
