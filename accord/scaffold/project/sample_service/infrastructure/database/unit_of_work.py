"""The repository and the unit of work over one PostgreSQL transaction."""

from datetime import datetime
from types import TracebackType
from typing import Self

from accord.bus.adapters.availability import outcome_unknown_when_away, unavailable_when_away
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from sample_service.contracts.interfaces import INoteRepository, IUnitOfWork
from sample_service.domain.entities import Note
from sample_service.infrastructure.database.tables import notes

__all__ = ["PostgreSQLUnitOfWork"]


class PostgreSQLNoteRepository(INoteRepository):
    """Runs in the transaction of ``connection``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, text: str, at: datetime) -> Note:
        statement = insert(notes).values(text=text, archived=False, written_at=at).returning(*notes.c)
        return Note(**(await self._connection.execute(statement)).one()._mapping)

    async def get(self, note_id: int) -> Note | None:
        statement = select(*notes.c).where(notes.c.note_id == note_id)
        row = (await self._connection.execute(statement)).one_or_none()
        return None if row is None else Note(**row._mapping)

    async def mark_archived(self, note_id: int) -> None:
        statement = update(notes).where(notes.c.note_id == note_id).values(archived=True)
        await self._connection.execute(statement)


class PostgreSQLUnitOfWork(IUnitOfWork):
    """Holds a connection of the pool while entered; the outbox writes through ``connection`` too."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.connection = engine.connect()
        self.notes = PostgreSQLNoteRepository(self.connection)

    async def __aenter__(self) -> Self:
        with unavailable_when_away():
            await self.connection.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with unavailable_when_away():
            await self.connection.__aexit__(kind, error, traceback)

    async def commit(self) -> None:
        with outcome_unknown_when_away():
            await self.connection.commit()
