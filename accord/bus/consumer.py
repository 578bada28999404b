"""The consumer loop, for any broker: fetch, handle, commit, and wait out what is away."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from itertools import groupby
from typing import Any, Final, TypeVar

from accord.bus.dead_letters import DeadLetters
from accord.bus.dispatch import Dispatcher, Run, correlation_id_of
from accord.bus.errors import Unavailable
from accord.bus.health import Health, State
from accord.bus.messages import ReceivedEvent, Record
from accord.bus.ports import BatchEventHandler, EventHandler, IEventConsumer, IRecordReader
from accord.bus.retry import Interrupted, RetryPolicy, is_our_end, retried, when_available
from accord.bus.transport import Fetched, Partition, RecordSource
from accord.observability import correlation, get_logger

__all__ = ["COMMIT_INTERVAL_S", "MAX_BATCH", "STOP_TIMEOUT_S", "EventConsumer"]

COMMIT_INTERVAL_S: Final = 1.0
"""What a crash makes the handlers see again is at most the work of this time, plus one event."""

MAX_BATCH: Final = 500
"""Events that a batch handler gets at once."""

STOP_TIMEOUT_S: Final = 30.0
"""How long a stop waits for the event in hand before it is abandoned, to be read again."""

Result = TypeVar("Result")

_log = get_logger(__name__)


class EventConsumer(IEventConsumer):
    """One member of a group: at least once, in the order of each partition, one event at a time.

    An offset is committed only after the handler returned or the broker acknowledged the dead letter.
    """

    def __init__(
        self,
        source: RecordSource,
        dead_letters: DeadLetters,
        policy: RetryPolicy | None = None,
        *,
        commit_interval_s: float = COMMIT_INTERVAL_S,
        max_batch: int = MAX_BATCH,
        stop_timeout_s: float = STOP_TIMEOUT_S,
    ) -> None:
        self._source = source
        self._dead_letters = dead_letters
        self._policy = policy or RetryPolicy()
        self._commit_interval_s = commit_interval_s
        self._max_batch = max_batch
        self._stop_timeout_s = stop_timeout_s
        self._dispatcher = Dispatcher()
        self._health = Health()
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        # Ends the waiting of the event in hand; set by a stop, and while partitions are taken away.
        self._interrupt = asyncio.Event()
        self._in_hand = asyncio.Lock()
        self._done: dict[Partition, int] = {}
        self._committed_at = 0.0

    @property
    def health(self) -> Health:
        """`State.RUNNING` once partitions are assigned; `State.WAITING` with what is waited for."""
        return self._health

    @property
    def assigned(self) -> frozenset[Partition]:
        """The partitions that are read at present."""
        return self._source.assigned

    def register_handler(self, event_type: str, handler: EventHandler) -> None:
        self._dispatcher.register(event_type, handler)

    def register_reader(self, reader: IRecordReader) -> None:
        self._dispatcher.register_reader(reader)

    def register_batch_handler(self, event_type: str, handler: BatchEventHandler) -> None:
        self._dispatcher.register_batch(event_type, handler)

    async def start(self) -> None:
        """Begin in the background; returns at once, whether the broker is there or not."""
        if self._task is None:
            self._stopping.clear()
            self._interrupt.clear()
            self._health.become(State.STARTING)
            self._task = asyncio.create_task(self._run(), name="event consumer")

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is None:
            return
        self._stopping.set()
        self._interrupt.set()
        _, unfinished = await asyncio.wait([task], timeout=self._stop_timeout_s)
        if unfinished:
            _log.warning("event in hand abandoned: it takes too long", stop_timeout_s=self._stop_timeout_s)
            task.cancel()
            await asyncio.wait([task])
        self._health.become(State.STOPPED)

    async def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                try:
                    await self._session()
                finally:
                    await self._source.close()
            except Interrupted:
                continue
            except BaseException as error:
                if is_our_end(error):
                    raise
                # A session that lasted was no failed attempt.
                lasted = time.monotonic() - began > self._policy.outage.cap_s
                failures = 1 if lasted else failures + 1
                self._report(error)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._policy.outage.delay_s(failures - 1)):
                    await self._stopping.wait()

    async def _session(self) -> None:
        """Read from the last committed offsets on, until something is away or the consumer stops."""
        self._done.clear()
        await self._unless_stopped(self._source.open(self._revoked))
        self._committed_at = time.monotonic()
        self._report(None)
        while True:
            fetched = await self._unless_stopped(self._source.fetch())
            if not self._stopping.is_set():
                self._interrupt.clear()
            self._report(Unavailable(fetched.trouble) if fetched.trouble else None)
            try:
                await self._settle_all(fetched)
            finally:
                # Also if this ends in an error: what is done need not be done again.
                async with self._in_hand:
                    await self._commit()

    async def _settle_all(self, fetched: Fetched) -> None:
        for partition, records in groupby(fetched.records, key=_partition):
            for run in self._dispatcher.runs(list(records), self._max_batch):
                async with self._in_hand:
                    if self._stopping.is_set() or fetched.epoch != self._source.epoch:
                        return
                    try:
                        await self._settle(run)
                    except Interrupted:
                        return
                    self._done[partition] = run.records[-1].offset + 1
                    if time.monotonic() - self._committed_at >= self._commit_interval_s:
                        await self._commit()

    async def _settle(self, run: Run) -> None:
        if run.poison is not None:
            await self._bury(run.records[0], run.poison)
        elif run.events:
            await self._deliver(run.events)

    async def _deliver(self, events: Sequence[ReceivedEvent]) -> None:
        """Halve a batch that fails until the culprit is alone: the others fare as if they came one by one."""
        if len(events) == 1:
            await self._deliver_one(events[0])
            return
        try:
            await self._when_available(lambda: self._dispatcher.handle(events))
        except Exception as error:  # noqa: BLE001  # a handler may raise anything
            _log.warning("batch failed, halved", events=len(events), error=repr(error))
            middle = len(events) // 2
            await self._deliver(events[:middle])
            await self._deliver(events[middle:])

    async def _deliver_one(self, event: ReceivedEvent) -> None:
        correlation_id = correlation_id_of(event.record, event)

        def retrying(error: Exception, number: int, delay_s: float) -> None:
            with correlation(correlation_id):
                _log.warning(
                    "event failed, retried",
                    event_type=event.event_type,
                    topic=event.record.topic,
                    partition=event.record.partition,
                    offset=event.record.offset,
                    retry=number,
                    delay_s=round(delay_s, 3),
                    exc_info=error,
                )

        try:
            await retried(
                lambda: self._dispatcher.handle([event]), self._policy, self._sleep, self._report, retrying
            )
        except Exception as error:  # noqa: BLE001  # a handler may raise anything
            await self._bury(event.record, error, correlation_id)

    async def _bury(self, record: Record, error: Exception, correlation_id: str | None = None) -> None:
        await self._when_available(lambda: self._dead_letters.bury(record, error, correlation_id))

    async def _when_available(self, work: Callable[[], Awaitable[None]]) -> None:
        await when_available(work, self._policy.outage, self._sleep, self._report)

    async def _commit(self) -> None:
        offsets, self._done = self._done, {}
        self._committed_at = time.monotonic()
        if offsets:
            await self._source.commit(offsets)

    async def _revoked(self) -> None:
        """Let the event in hand end, and commit, before the partitions go to another member."""
        self._interrupt.set()
        async with self._in_hand:
            try:
                await self._commit()
            except Unavailable as error:
                _log.warning("offsets not committed: events will come again", reason=str(error))

    async def _sleep(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._interrupt.wait()
            raise Interrupted

    async def _unless_stopped(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Joining and fetching may take long, and have no effect that a stop would lose."""
        task = asyncio.create_task(work)
        stop = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait([task, stop], return_when=asyncio.FIRST_COMPLETED)
            if stop.done():
                raise Interrupted
            return task.result()
        finally:
            task.cancel()
            stop.cancel()
            await asyncio.gather(task, stop, return_exceptions=True)

    def _report(self, error: BaseException | None) -> None:
        """Log a change once: an outage of an hour is two lines, not a line per attempt."""
        if error is None:
            if self._health.become(State.RUNNING):
                _log.info("consumer is running", assigned=sorted(self._source.assigned))
        elif self._health.become(State.WAITING, str(error) or type(error).__name__):
            defect = None if isinstance(error, Unavailable) else error
            _log.warning("consumer waits", reason=self._health.reason, exc_info=defect)


def _partition(record: Record) -> Partition:
    return record.topic, record.partition
