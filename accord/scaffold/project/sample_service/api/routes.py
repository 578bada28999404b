"""What the service does with a request that the contract allows."""

from generated.sample import schemas
from generated.sample.operations import SampleApi
from sample_service.domain.entities import Note
from sample_service.domain.services import NoteServiceFactory

__all__ = ["SampleRoutes"]


class SampleRoutes(SampleApi):
    """Speaks HTTP and nothing else; each request gets a service around a unit of work of its own."""

    def __init__(self, services: NoteServiceFactory) -> None:
        self._services = services

    async def create_note(self, body: schemas.NoteCreate) -> schemas.Note:
        async with self._services() as service:
            return _shown(await service.write(body.text))

    async def get_note(self, note_id: int) -> schemas.Note:
        async with self._services() as service:
            return _shown(await service.read(note_id))


def _shown(note: Note) -> schemas.Note:
    return schemas.Note(
        note_id=note.note_id, text=note.text, archived=note.archived, written_at=note.written_at
    )
