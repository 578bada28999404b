"""Ids that are taken from a sequence before there is a row, several at a time."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from math import inf
from typing import Final

__all__ = ["ReservedIds"]

MOST: Final = 64
KEPT_S: Final = 1.0

Reserve = Callable[[int], Awaitable[list[int]]]
"""Takes as many ids from a sequence."""


@dataclass(slots=True)
class _Block:
    ids: deque[int] = field(default_factory=deque)
    size: int = 1
    expires: float = -inf
    filling: asyncio.Task[None] | None = None


class ReservedIds:
    """Hands out each id once; those that are left after a second are dropped, and so lost.

    Rows of processes that reserve side by side are not committed in the order of their ids, which a sequence
    has never promised: a reader who pages by id up to the newest one can miss a row with a lower id that is
    committed within that second.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._blocks: dict[str, _Block] = {}

    async def next(self, sequence: str, reserve: Reserve) -> int:
        """An id of ``sequence``; a block that was used up within its second is followed by a larger one.

        Those who find none wait for one reservation, and if it fails, it fails for all of them.
        """
        block = self._blocks.setdefault(sequence, _Block())
        while (found := self._left(block)) is None:
            if block.filling is None:
                block.filling = asyncio.create_task(self._fill(block, reserve), name="ids")
                block.filling.add_done_callback(lambda task: task.cancelled() or task.exception())
            await asyncio.shield(block.filling)
        return found

    async def _fill(self, block: _Block, reserve: Reserve) -> None:
        try:
            used_up = not block.ids and self._clock() <= block.expires
            block.size = min(2 * block.size, MOST) if used_up else 1
            block.ids = deque(await reserve(block.size))
            block.expires = self._clock() + KEPT_S
        finally:
            block.filling = None

    def _left(self, block: _Block) -> int | None:
        return block.ids.popleft() if block.ids and self._clock() <= block.expires else None
