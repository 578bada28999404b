"""What the relay suite needs from an outbox, for the in-memory twin and for PostgreSQL alike."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import MetaData, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from accord.bus.adapters.memory_outbox import MemoryOutbox, MemoryOutboxRows
from accord.bus.adapters.sql import OutboxPublisher
from accord.bus.adapters.sql_database import Database
from accord.bus.adapters.sql_outbox import SqlOutbox
from accord.bus.adapters.sql_session import Session
from accord.bus.adapters.sql_tables import outbox_table
from accord.bus.contract import Topic
from accord.bus.envelope import EnvelopeBuilder
from accord.bus.transport import OutboxStore
from tests.toolkit.bus.things import contracts

CONTRACTS = contracts(Topic("things", 4))


class Outbox(ABC):
    """An empty outbox of one's own."""

    @abstractmethod
    async def commit(self, *numbers: int, key: str = "a", correlation_id: str | None = None) -> None:
        """Leave one event per number, in one transaction."""

    @abstractmethod
    async def size(self) -> int: ...

    @abstractmethod
    def store(self) -> OutboxStore:
        """One relay's view."""

    @abstractmethod
    async def close(self) -> None: ...


class MemoryBox(Outbox):
    def __init__(self) -> None:
        self.rows = MemoryOutboxRows()

    async def commit(self, *numbers: int, key: str = "a", correlation_id: str | None = None) -> None:
        build = EnvelopeBuilder(CONTRACTS).record
        self.rows.append(*(build("thing.made", {"id": key, "number": n}, correlation_id) for n in numbers))

    async def size(self) -> int:
        return len(self.rows.rows)

    def store(self) -> OutboxStore:
        return MemoryOutbox(self.rows)

    async def close(self) -> None:
        self.rows.rows.clear()


class SqlBox(Outbox):
    def __init__(self, url: str) -> None:
        self.metadata = MetaData()
        self.table = outbox_table(self.metadata)
        self.database = Database(url, 5)
        self.engine: AsyncEngine = create_async_engine(url, poolclass=NullPool, connect_args={"timeout": 2.0})

    async def create(self) -> None:
        async with self.engine.begin() as connection:
            await connection.run_sync(self.metadata.create_all)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        session = Session(self.database)
        try:
            yield session
        finally:
            await session.close()

    async def commit(self, *numbers: int, key: str = "a", correlation_id: str | None = None) -> None:
        async with self.session() as session:
            publisher = OutboxPublisher(CONTRACTS, session)
            for number in numbers:
                await publisher.publish("thing.made", {"id": key, "number": number}, correlation_id)
            await session.commit()

    async def size(self) -> int:
        async with self.engine.connect() as connection:
            return (await connection.execute(select(func.count()).select_from(self.table))).scalar_one()

    def store(self) -> OutboxStore:
        return SqlOutbox(self.database, statement_timeout_s=3.0)

    async def close(self) -> None:
        await self.database.close()
