"""The ABCs that the domain works with."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from accord.bus.ports import IEventConsumer, IEventPublisher

from sample_service.domain.entities import Note

__all__ = ["Clock", "IEventConsumer", "IEventPublisher", "INoteRepository", "IUnitOfWork"]

Clock = Callable[[], datetime]
"""Tells the time in UTC."""


class INoteRepository(ABC):
    """The notes."""

    @abstractmethod
    async def add(self, text: str, at: datetime) -> Note:
        """Keep a new note under an id that was never used before."""

    @abstractmethod
    async def get(self, note_id: int) -> Note | None:
        """The note as committed last."""

    @abstractmethod
    async def mark_archived(self, note_id: int) -> None:
        """Note that the archive has it; nothing happens if there is no such note."""


class IUnitOfWork(ABC):
    """All or nothing: what was done inside ``async with`` is undone unless `commit` was called."""

    notes: INoteRepository

    @abstractmethod
    async def __aenter__(self) -> Self:
        """Begin; a unit of work is entered once."""

    @abstractmethod
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Undo what was not committed."""

    @abstractmethod
    async def commit(self) -> None:
        """Make all that was done permanent, at once."""
