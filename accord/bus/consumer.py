"""The consumer loop, for any broker: fetch, handle, commit, and wait out what is away."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from typing import Final, TypeVar

from accord.bus.dead_letters import DeadLetters
from accord.bus.dispatch import Dispatcher, Lane, Parcel
from accord.bus.errors import Unavailable
from accord.bus.health import Health, State
from accord.bus.ports import BatchEventHandler, EventHandler, EventParser, IEventConsumer, IRecordReader
from accord.bus.retry import Interrupted, RetryPolicy, is_our_end, retried, when_available
from accord.bus.transport import Partition, RecordSource
from accord.observability import correlation, get_logger

__all__ = ["COMMIT_INTERVAL_S", "MAX_BATCH", "STOP_TIMEOUT_S", "EventConsumer"]

COMMIT_INTERVAL_S: Final = 1.0
"""What a crash makes the handlers see again is at most the work of this time, plus one batch."""

MAX_BATCH: Final = 200
"""Events that a batch handler gets at once. They, and those that are read meanwhile, stay in the processor's
cache: 500 take it an eighth longer for each. Nor has a database room for any number of locks at a time."""

READ_AT_ONCE: Final = 100
"""Records that are read before something else gets its turn: the requests that this process serves, say."""

STOP_TIMEOUT_S: Final = 30.0
"""How long a stop waits for the event in hand before it is abandoned, to be read again."""

Result = TypeVar("Result")

_log = get_logger(__name__)


class EventConsumer(IEventConsumer):
    """One member of a group: at least once, in the order of each partition, one event or batch at a time.

    An offset is committed only after the handler returned or the broker acknowledged the dead letter. While
    one fetch is handled, the next one is read.
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
        self._more_came = False
        self._committed_at = 0.0

    @property
    def health(self) -> Health:
        """`State.RUNNING` once connected; `State.WAITING` with what is waited for."""
        return self._health

    @property
    def assigned(self) -> frozenset[Partition]:
        """The partitions that are read at present."""
        return self._source.assigned

    def register_handler(self, event_type: str, handler: EventHandler) -> None:
        self._dispatcher.register(event_type, handler)

    def register_reader(self, reader: IRecordReader) -> None:
        self._dispatcher.register_reader(reader)

    def register_batch_handler(
        self,
        event_types: str | Collection[str],
        handler: BatchEventHandler,
        parse: EventParser | None = None,
    ) -> None:
        self._dispatcher.register_batch(event_types, handler, parse)

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
            await asyncio.gather(task, return_exceptions=True)
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
        await self._unless_stopped(asyncio.create_task(self._source.open(self._revoked)))
        self._committed_at = time.monotonic()
        self._report(None)
        ahead = asyncio.create_task(self._read())
        try:
            while True:
                epoch, parcels, trouble = await self._unless_stopped(ahead)
                ahead = asyncio.create_task(self._read())
                if not self._stopping.is_set():
                    self._interrupt.clear()
                self._report(Unavailable(trouble) if trouble else None)
                await self._settle_all(epoch, parcels)
                # With more at hand, the commit at the end of the interval is soon enough.
                if not self._more_came:
                    async with self._in_hand:
                        await self._commit()
        finally:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)
            # Also if this ends in an error: what is done need not be done again.
            async with self._in_hand:
                await self._commit()

    async def _read(self) -> tuple[int, Sequence[Parcel], str | None]:
        """Fetch, and find out what came; has no effect that a stop would lose."""
        self._more_came = False
        fetched = await self._source.fetch()
        self._more_came = bool(fetched.records)
        parcels: list[Parcel] = []
        for start in range(0, len(fetched.records), READ_AT_ONCE):
            parcels += map(self._dispatcher.read, fetched.records[start : start + READ_AT_ONCE])
            await asyncio.sleep(0)
        return fetched.epoch, parcels, fetched.trouble

    async def _settle_all(self, epoch: int, parcels: Sequence[Parcel]) -> None:
        for run in self._dispatcher.runs(parcels, self._max_batch):
            async with self._in_hand:
                if self._stopping.is_set() or epoch != self._source.epoch:
                    return
                try:
                    await self._settle(run)
                except Interrupted:
                    return
                if time.monotonic() - self._committed_at >= self._commit_interval_s:
                    await self._commit()

    async def _settle(self, run: Sequence[Parcel]) -> None:
        first = run[0]
        if first.poison is not None:
            await self._bury(first, first.poison)
        elif first.lane is not None and len(run) > 1:
            await self._deliver(first.lane, run)
        elif first.lane is not None:
            await self._deliver_one(first.lane, first)
        for record, *_ in run:
            self._done[record.topic, record.partition] = record.offset + 1

    async def _deliver(self, lane: Lane, run: Sequence[Parcel]) -> None:
        """Halve a batch that fails until the culprit is alone: the others fare as if they came one by one."""
        try:
            await self._when_available(lambda: self._dispatcher.handle(lane, run))
        except Exception as error:  # noqa: BLE001  # a handler may raise anything
            _log.warning("batch failed, halved", events=len(run), error=repr(error))
            middle = len(run) // 2
            await self._settle(run[:middle])
            await self._settle(run[middle:])

    async def _deliver_one(self, lane: Lane, parcel: Parcel) -> None:
        def retrying(error: Exception, number: int, delay_s: float) -> None:
            with correlation(parcel.correlation_id):
                _log.warning(
                    "event failed, retried",
                    event_type=parcel.event_type,
                    topic=parcel.record.topic,
                    partition=parcel.record.partition,
                    offset=parcel.record.offset,
                    retry=number,
                    delay_s=round(delay_s, 3),
                    exc_info=error,
                )

        try:
            await retried(
                lambda: self._dispatcher.handle(lane, [parcel]),
                self._policy,
                self._sleep,
                self._report,
                retrying,
            )
        except Exception as error:  # noqa: BLE001  # a handler may raise anything
            await self._bury(parcel, error)

    async def _bury(self, parcel: Parcel, error: Exception) -> None:
        await self._when_available(
            lambda: self._dead_letters.bury(parcel.record, error, parcel.correlation_id)
        )

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

    async def _unless_stopped(self, task: asyncio.Task[Result]) -> Result:
        """Joining and fetching may take long, and have no effect that a stop would lose."""
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
                _log.info("consumer is running")
        elif self._health.become(State.WAITING, str(error) or type(error).__name__):
            defect = None if isinstance(error, Unavailable) else error
            _log.warning("consumer waits", reason=self._health.reason, exc_info=defect)
