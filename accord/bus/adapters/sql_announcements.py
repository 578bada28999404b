"""Telling relays that rows were committed: the one of this process at once, any other by NOTIFY."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from accord.bus.errors import Unavailable
from accord.observability import get_logger

__all__ = ["Announcements"]

_log = get_logger(__name__)


class Announcements:
    """Made after the commit, not within: transactions with a NOTIFY commit one after another in PostgreSQL.

    If an announcement is lost, with its process say, a relay finds the rows when it next looks by itself.
    """

    def __init__(self, notify: Callable[[str], Awaitable[None]]) -> None:
        self._notify = notify
        self._listeners: dict[str, Callable[[], None]] = {}
        self._unannounced: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def listen(self, channel: str, listener: Callable[[], None]) -> None:
        """Call ``listener``, of whom there is one at a time among all processes, instead of using NOTIFY."""
        self._listeners[channel] = listener

    def unlisten(self, channel: str, listener: Callable[[], None]) -> None:
        """Safe to call twice, and for one that does not listen."""
        if self._listeners.get(channel) == listener:
            del self._listeners[channel]

    def make(self, channel: str) -> None:
        """Returns at once; while a NOTIFY is on its way, those that follow become one."""
        if listener := self._listeners.get(channel):
            listener()
            return
        self._unannounced.add(channel)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="announcements")

    async def close(self) -> None:
        """Make those that are due, if the database is there."""
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        with suppress(Unavailable):  # a relay whose database is away looks when it is back
            while self._unannounced:
                await self._notify(self._unannounced.pop())
