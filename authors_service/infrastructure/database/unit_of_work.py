"""The unit of work over one PostgreSQL transaction."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Self

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from authors_service.contracts.interfaces import IUnitOfWork
from authors_service.infrastructure.database.cache import PostgreSQLBooksCache
from authors_service.infrastructure.database.links import PostgreSQLLinkRepository
from authors_service.infrastructure.database.repository import PostgreSQLAuthorRepository

__all__ = ["PostgreSQLUnitOfWork"]


class PostgreSQLUnitOfWork(IUnitOfWork):
    """Borrows a connection while entered; `connection` is for those who write into the same transaction."""

    connection: AsyncConnection

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._autocommitting = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._entered = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._use(await self._entered.enter_async_context(self._engine.connect()))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._entered.__aexit__(kind, error, traceback)

    async def commit(self) -> None:
        await self.connection.commit()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Self]:
        async with self._autocommitting.connect() as connection:
            self._use(connection)
            yield self

    def _use(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.authors = PostgreSQLAuthorRepository(connection)
        self.books = PostgreSQLBooksCache(connection)
        self.links = PostgreSQLLinkRepository(connection)
