"""The repository and the unit of work over one session in PostgreSQL."""

from dataclasses import asdict
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from accord.bus.adapters.sql_database import Database
from accord.bus.adapters.sql_session import Session
from accord.bus.adapters.sql_statement import Statement, names, values

from sample_service.contracts.interfaces import INoteRepository, IUnitOfWork
from sample_service.domain.entities import Note

__all__ = ["PostgreSQLUnitOfWork"]

_NEW_IDS: Final = Statement(
    "SELECT nextval(pg_get_serial_sequence('notes', 'note_id')) FROM generate_series(1, :count)", int
)
_ADD: Final = Statement(f"INSERT INTO notes ({names(Note)}) VALUES ({values(Note)})")
_GET: Final = Statement(f"SELECT {names(Note)} FROM notes WHERE note_id = :note_id", Note)
_ARCHIVE: Final = Statement("UPDATE notes SET archived = true WHERE note_id = :note_id")


class PostgreSQLNoteRepository(INoteRepository):
    """Reads and writes in ``session``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, text: str, at: datetime) -> Note:
        note = Note(await self._session.new_id(_NEW_IDS), text, archived=False, written_at=at)
        await self._session.write(_ADD, asdict(note))
        return note

    async def get(self, note_id: int) -> Note | None:
        return await self._session.first(_GET, note_id=note_id)

    async def mark_archived(self, note_id: int) -> None:
        await self._session.write(_ARCHIVE, {"note_id": note_id})


class PostgreSQLUnitOfWork(IUnitOfWork):
    """The outbox writes through ``session`` too."""

    def __init__(self, database: Database) -> None:
        self.session = Session(database)
        self.notes = PostgreSQLNoteRepository(self.session)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.session.close()

    async def commit(self) -> None:
        await self.session.commit()
