"""What the service does, without any server."""

from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import pytest
from accord.bus.ports import IEventPublisher

from sample_service.contracts.interfaces import INoteRepository, IUnitOfWork
from sample_service.domain.entities import Note
from sample_service.domain.errors import NoteNotFound
from sample_service.domain.services import NoteService

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


class FakeNotes(INoteRepository):
    def __init__(self) -> None:
        self.notes: dict[int, Note] = {}

    async def add(self, text: str, at: datetime) -> Note:
        note = Note(len(self.notes) + 1, text, archived=False, written_at=at)
        self.notes[note.note_id] = note
        return note

    async def get(self, note_id: int) -> Note | None:
        return self.notes.get(note_id)

    async def mark_archived(self, note_id: int) -> None:
        if note := self.notes.get(note_id):
            self.notes[note_id] = Note(note_id, note.text, archived=True, written_at=note.written_at)


class FakeWork(IUnitOfWork):
    def __init__(self) -> None:
        self.notes = FakeNotes()
        self.commits = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Everything is kept."""

    async def commit(self) -> None:
        self.commits += 1


class FakePublisher(IEventPublisher):
    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []

    async def start(self) -> None:
        """There is nothing to connect to."""

    async def stop(self) -> None:
        """There is nothing to disconnect from."""

    async def publish(self, event_type: str, data: dict[str, Any], correlation_id: str | None = None) -> None:
        self.told.append((event_type, data))


async def test_a_note_is_kept_and_told_of() -> None:
    work, publisher = FakeWork(), FakePublisher()
    note = await NoteService(work, publisher, lambda: NOON).write("Buy milk.")
    assert note == Note(1, "Buy milk.", archived=False, written_at=NOON)
    assert [event_type for event_type, _ in publisher.told] == ["note.created"]
    assert work.commits == 1


async def test_a_note_that_is_not_there_is_refused() -> None:
    with pytest.raises(NoteNotFound, match="no note 7"):
        await NoteService(FakeWork(), None, lambda: NOON).read(7)


async def test_the_archive_may_tell_of_notes_that_are_not_here() -> None:
    work = FakeWork()
    service = NoteService(work, None, lambda: NOON)
    await service.write("Buy milk.")
    await service.mark_archived(1)
    await service.mark_archived(2)
    assert (await service.read(1)).archived
