"""The use cases."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict

from sample_service.contracts.interfaces import Clock, IEventPublisher, IUnitOfWork
from sample_service.domain.entities import Note
from sample_service.domain.errors import NoteNotFound

__all__ = ["NoteService", "NoteServiceFactory"]


class NoteService:
    """Each method is one use case in one unit of work; built without a publisher it keeps silent."""

    def __init__(self, work: IUnitOfWork, publisher: IEventPublisher | None, clock: Clock) -> None:
        self._work = work
        self._publisher = publisher
        self._clock = clock

    async def write(self, text: str) -> Note:
        """Keep a new note and tell of it, both or neither."""
        async with self._work as work:
            note = await work.notes.add(text, self._clock())
            if self._publisher is not None:
                await self._publisher.publish("note.created", asdict(note))
            await work.commit()
        return note

    async def read(self, note_id: int) -> Note:
        """Raises `NoteNotFound`."""
        async with self._work as work:
            note = await work.notes.get(note_id)
        if note is None:
            raise NoteNotFound(note_id)
        return note

    async def mark_archived(self, note_id: int) -> None:
        """The archive told of a note; it may tell twice, and of notes that are not here."""
        async with self._work as work:
            await work.notes.mark_archived(note_id)
            await work.commit()


NoteServiceFactory = Callable[[], AbstractAsyncContextManager[NoteService]]
"""Opens a service around a unit of work of its own."""
