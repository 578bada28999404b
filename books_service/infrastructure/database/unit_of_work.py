"""The unit of work over one session in PostgreSQL."""

from contextlib import AbstractAsyncContextManager, nullcontext
from types import TracebackType
from typing import Self

from accord.bus.adapters.sql_database import Database
from accord.bus.adapters.sql_session import Session
from books_service.contracts.interfaces import IUnitOfWork
from books_service.infrastructure.database.cache import PostgreSQLAuthorsCache
from books_service.infrastructure.database.links import PostgreSQLLinkRepository
from books_service.infrastructure.database.repository import PostgreSQLBookRepository

__all__ = ["PostgreSQLUnitOfWork"]


class PostgreSQLUnitOfWork(IUnitOfWork):
    """The outbox writes through ``session`` too."""

    def __init__(self, database: Database) -> None:
        self.session = Session(database)
        self.books = PostgreSQLBookRepository(self.session)
        self.authors = PostgreSQLAuthorsCache(self.session)
        self.links = PostgreSQLLinkRepository(self.session)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.session.close()

    async def commit(self) -> None:
        await self.session.commit()

    def reading(self) -> AbstractAsyncContextManager[Self]:
        self.session.read_only()
        return nullcontext(self)
