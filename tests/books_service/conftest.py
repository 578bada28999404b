"""A migrated books_db, and the storage of the service in both of its forms."""

from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from accord.bus.adapters.sql_database import Database
from accord.testing.postgres import EmbeddedPostgres
from books_service.contracts.interfaces import IUnitOfWork
from books_service.infrastructure.database.engine import open_database
from books_service.infrastructure.database.migrate import create_engine, upgrade
from books_service.infrastructure.database.tables import metadata
from books_service.infrastructure.database.unit_of_work import PostgreSQLUnitOfWork
from tests.books_service.application import Application, run_application
from tests.books_service.fakes import InMemoryDatabase, InMemoryUnitOfWork


@pytest.fixture(scope="session")
def books_database_url(postgres: EmbeddedPostgres) -> str:
    return postgres.create_database("books_tests")


@pytest.fixture
async def engine(books_database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine over a database that is migrated and empty."""
    engine = create_engine(books_database_url)
    await upgrade(engine)
    async with engine.begin() as connection:
        tables = ", ".join(metadata.tables)
        await connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
    yield engine
    await engine.dispose()


@pytest.fixture
async def books_db(books_database_url: str, engine: AsyncEngine) -> AsyncIterator[Database]:
    """The service's own connections to the database of `engine`."""
    database = open_database(books_database_url, pool_size=5)
    yield database
    await database.close()


@pytest.fixture(params=["memory", "postgresql"])
def storage(request: pytest.FixtureRequest) -> Callable[[], IUnitOfWork]:
    """Makes units of work over one storage that is empty at first; each test runs on both kinds."""
    if request.param == "memory":
        database = InMemoryDatabase()
        return lambda: InMemoryUnitOfWork(database)
    postgresql: Database = request.getfixturevalue("books_db")
    return lambda: PostgreSQLUnitOfWork(postgresql)


@pytest.fixture
async def application() -> AsyncIterator[Application]:
    """The service in memory, started and stopped."""
    async with run_application() as running:
        yield running
