"""Telling relays that rows were committed: the one of this process at once, any other by NOTIFY."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from accord.bus.errors import Unavailable

__all__ = ["INTERVAL_S", "Announcements"]

INTERVAL_S: Final = 0.005
"""Between two calls of a listener: under load a relay finds several rows at once, which cost it less each."""


class Announcements:
    """Made after the commit, not within: transactions with a NOTIFY commit one after another in PostgreSQL.

    If an announcement is lost, with its process say, a relay finds the rows when it next looks by itself.
    """

    def __init__(self, notify: Callable[[str], Awaitable[None]]) -> None:
        self._notify = notify
        self._listeners: dict[str, _Listener] = {}
        self._unannounced: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def listen(self, channel: str, listener: Callable[[], None]) -> None:
        """Call ``listener``, of whom there is one at a time among all processes, instead of using NOTIFY."""
        self._listeners[channel] = _Listener(listener)

    def unlisten(self, channel: str, listener: Callable[[], None]) -> None:
        """Safe to call twice, and for one that does not listen."""
        known = self._listeners.get(channel)
        if known is not None and known.call == listener:
            del self._listeners[channel]

    def make(self, channel: str) -> None:
        """Returns at once; while a NOTIFY is on its way, those that follow become one."""
        if listener := self._listeners.get(channel):
            listener.tell()
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


class _Listener:
    """Is told at once after a while of silence, and then once for all that comes within `INTERVAL_S`."""

    def __init__(self, call: Callable[[], None]) -> None:
        self.call = call
        self._next = 0.0
        self._due = False

    def tell(self) -> None:
        loop = asyncio.get_running_loop()
        if self._due:
            return
        if loop.time() < self._next:
            self._due = True
            loop.call_at(self._next, self._tell_now)
        else:
            self._tell_now()

    def _tell_now(self) -> None:
        self._due = False
        self._next = asyncio.get_running_loop().time() + INTERVAL_S
        self.call()
