"""Removing old tombstones from time to time, so that the tables do not grow without bound."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Final

from accord.bus.errors import Unavailable
from accord.observability import get_logger
from books_service.domain.services import BookServiceFactory

__all__ = ["BATCH", "TombstonePurge"]

BATCH: Final = 500
"""Rows of one transaction."""

INTERVAL_S: Final = 600.0

_log = get_logger(__name__)


class TombstonePurge:
    """Runs in the background. Instances that do it at once skip the rows that another one has in hand."""

    def __init__(
        self, services: BookServiceFactory, retention: timedelta, interval_s: float = INTERVAL_S
    ) -> None:
        self._services = services
        self._retention = retention
        self._interval_s = interval_s
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin after one interval; returns at once."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="tombstone purge")

    async def stop(self) -> None:
        """A batch under way is undone; safe to call twice."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def purge(self) -> int:
        """Remove all that are old enough, batch by batch; answers how many. Raises `Unavailable`."""
        total = 0
        while True:
            async with self._services() as service:
                removed = await service.purge_tombstones(self._retention, BATCH)
            total += removed
            if not removed:
                return total

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._interval_s)
            try:
                if removed := await self.purge():
                    _log.info("tombstones purged", count=removed, retention_days=self._retention.days)
            except Unavailable as error:
                _log.warning("tombstones not purged, later then", reason=str(error))
            except Exception:  # noqa: BLE001  # a defect must not end it for good
                _log.exception("tombstones not purged")
