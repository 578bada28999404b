"""The outbox relay: sends what committed transactions left, and removes what the broker has."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from contextlib import aclosing, suppress
from typing import Final

from accord.bus.errors import BusError, Refused, Unavailable
from accord.bus.health import Health, State
from accord.bus.messages import OutgoingRecord
from accord.bus.published import log_published
from accord.bus.retry import Backoff, is_our_end
from accord.bus.transport import Acknowledged, Blocked, OutboxRow, OutboxStore, Outcome, RecordProducer
from accord.observability import get_logger

__all__ = ["BATCH_SIZE", "POLL_INTERVAL_S", "STOP_TIMEOUT_S", "OutboxRelay"]

BATCH_SIZE: Final = 300
"""Rows read, sent and deleted at once; of more, each costs more, as they leave the processor's cache."""

UNDER_WAY: Final = 3
"""Batches at the broker at once: while it works on them, the next is read, and the one before is deleted."""

POLL_INTERVAL_S: Final = 1.0
"""How often rows are looked for without a notification, and a standby tries to take over."""

STOP_TIMEOUT_S: Final = 10.0
"""How long a stop goes on sending what waits already; the rest is sent after the next start."""

MAX_BLOCKED_KEYS: Final = 1000

_log = get_logger(__name__)


class OutboxRelay:
    """At least once, in the order of the rows for each key; one relay at a time is active over one outbox."""

    def __init__(
        self,
        store: OutboxStore,
        producer: RecordProducer,
        *,
        batch_size: int = BATCH_SIZE,
        poll_interval_s: float = POLL_INTERVAL_S,
        outage: Backoff | None = None,
        stop_timeout_s: float = STOP_TIMEOUT_S,
    ) -> None:
        self._store = store
        self._producer = producer
        self._batch_size = batch_size
        self._poll_interval_s = poll_interval_s
        self._outage = outage or Backoff(first_s=0.1, cap_s=5.0)
        self._stop_timeout_s = stop_timeout_s
        self._health = Health()
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._news = asyncio.Event()
        self._refused: set[int] = set()

    @property
    def health(self) -> Health:
        """`State.STANDBY` while another relay is active; `State.WAITING` with what is waited for."""
        return self._health

    async def start(self) -> None:
        """Begin in the background; returns at once, whether database and broker are there or not."""
        if self._task is None:
            self._stopping.clear()
            self._health.become(State.STARTING)
            await self._producer.start()
            self._task = asyncio.create_task(self._run(), name="outbox relay")

    async def stop(self) -> None:
        """Send what is committed by now, within bounds, and give up the lead; safe to call twice."""
        task, self._task = self._task, None
        if task is None:
            return
        self._stopping.set()
        self._news.set()
        _, unfinished = await asyncio.wait([task], timeout=self._stop_timeout_s)
        if unfinished:
            _log.warning("relay stopped before the outbox was empty", stop_timeout_s=self._stop_timeout_s)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self._producer.stop()
        self._health.become(State.STOPPED)

    async def _run(self) -> None:
        failures = 0
        try:
            while not self._stopping.is_set():
                began = time.monotonic()
                try:
                    await self._session()
                except BaseException as error:
                    if is_our_end(error):
                        raise
                    lasted = time.monotonic() - began > self._outage.cap_s
                    failures = 1 if lasted else failures + 1
                    self._waiting(error)
                    await self._store.release()
                    await self._pause(self._outage.delay_s(failures - 1))
        finally:
            await self._store.release()

    async def _session(self) -> None:
        """Take the lead and keep it until the relay stops, or something is away."""
        while not await self._store.acquire(self._news.set):
            self._become(State.STANDBY)
            await self._pause(self._poll_interval_s)
            if self._stopping.is_set():
                return
        failures = 0
        while True:
            # Both before anything is read: what was committed before the stop, or announced by now, is sent.
            stopping = self._stopping.is_set()
            self._news.clear()
            blocked = await self._pass()
            away = _away(blocked)
            if away is not None:
                self._waiting(away)
                failures += 1
                await self._pause(self._outage.delay_s(failures - 1))
            else:
                self._become(
                    State.RUNNING, f"the broker refuses rows of {len(blocked)} keys" if blocked else None
                )
                failures = 0
            if stopping:
                return
            if away is None:
                await _wait(self._news, self._poll_interval_s)

    async def _pass(self) -> Blocked:
        """Send what is there now; return the keys of which rows are left because one failed, and why."""
        blocked: Blocked = {}
        under_way: deque[tuple[Sequence[OutboxRow], asyncio.Task[Sequence[Outcome]]]] = deque()
        try:
            async with aclosing(self._store.batches(self._batch_size, without=blocked)) as batches:
                async for rows in batches:
                    if len(under_way) == UNDER_WAY:
                        await self._settle(*under_way.popleft(), blocked)
                    if _away(blocked) is not None or len(blocked) > MAX_BLOCKED_KEYS:
                        break
                    # It begins while the database looks for the next batch.
                    sending = self._producer.send([row.record for row in rows], blocked)
                    under_way.append((rows, asyncio.create_task(sending)))
            while under_way:
                await self._settle(*under_way.popleft(), blocked)
        finally:
            # Whoever has lost the lead, or shall end, sends nothing more.
            for _, task in under_way:
                task.cancel()
            await asyncio.gather(*(task for _, task in under_way), return_exceptions=True)
        return blocked

    async def _settle(
        self, rows: Sequence[OutboxRow], sending: asyncio.Task[Sequence[Outcome]], blocked: Blocked
    ) -> None:
        """Remove what the broker has."""
        sent: list[tuple[OutgoingRecord, Acknowledged]] = []
        gone: list[int] = []
        for row, outcome in zip(rows, await sending, strict=True):
            if isinstance(outcome, Acknowledged):
                sent.append((row.record, outcome))
                gone.append(row.id)
            else:
                self._log_refused(row, outcome)
        if gone:
            log_published(sent)
            await self._store.delete(gone)
        if not blocked:
            # Not only at the end of a pass: a backlog may take minutes, and is no reason to be unready.
            self._become(State.RUNNING)

    async def _pause(self, seconds: float) -> None:
        await _wait(self._stopping, seconds)

    def _waiting(self, error: BaseException) -> None:
        reason = str(error) or type(error).__name__
        if self._health.become(State.WAITING, reason):
            defect = None if isinstance(error, BusError) else error
            _log.warning("relay waits", reason=reason, exc_info=defect)

    def _become(self, state: State, reason: str | None = None) -> None:
        if self._health.become(state, reason):
            _log.info(f"relay is {state}")

    def _log_refused(self, row: OutboxRow, outcome: BusError) -> None:
        """Once per row, although it is tried again and again: nothing of its key may overtake it."""
        if isinstance(outcome, Refused) and row.id not in self._refused:
            self._refused.add(row.id)
            _log.error("outbox row refused by the broker", row=row.id, reason=str(outcome))


def _away(blocked: Blocked) -> Unavailable | None:
    return next((error for error in blocked.values() if isinstance(error, Unavailable)), None)


async def _wait(event: asyncio.Event, timeout_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()
