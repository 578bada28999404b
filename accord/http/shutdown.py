"""How the time that a service may take to end is shared by its parts."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from accord.observability import get_logger

__all__ = ["SHUTDOWN_TIMEOUT_S", "ShutdownTime"]

SHUTDOWN_TIMEOUT_S: Final = 20.0
"""Less than the 30 s after which Kubernetes kills what it has asked to end."""

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ShutdownTime:
    """Seconds from the signal to the end; the shares are used one after the other."""

    total_s: float = SHUTDOWN_TIMEOUT_S

    @property
    def requests_s(self) -> float:
        """For the answers to requests under way."""
        return 0.35 * self.total_s

    @property
    def consumer_s(self) -> float:
        """For the event in hand, the commit of its offset and the leaving of the group."""
        return 0.25 * self.total_s

    @property
    def relay_s(self) -> float:
        """For what is committed and not sent yet; the rest is sent after the next start."""
        return 0.25 * self.total_s

    @property
    def rest_s(self) -> float:
        """For giving back connections; what is left after that is for the loop and the interpreter."""
        return 0.1 * self.total_s

    async def within(self, share_s: float, part: str, stop: Callable[[], Awaitable[None]]) -> None:
        """Await ``stop()`` for its share at most: a part that hangs takes no time from the next one."""
        try:
            async with asyncio.timeout(share_s):
                await stop()
        except TimeoutError:
            _log.warning("stopped without waiting any longer", part=part, seconds=round(share_s, 3))
