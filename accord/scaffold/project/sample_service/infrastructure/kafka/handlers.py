"""What happens here when the archive tells of something."""

from generated.sample import events
from generated.sample.channels import SampleHandlers
from sample_service.domain.services import NoteServiceFactory

__all__ = ["SampleEventHandlers"]


class SampleEventHandlers(SampleHandlers):
    """Each event gets a service around a unit of work of its own, built without a publisher."""

    def __init__(self, services: NoteServiceFactory) -> None:
        self._services = services

    async def note_archived(self, event: events.NoteArchived) -> None:
        async with self._services() as service:
            await service.mark_archived(event.data.note_id)
