"""From records to the handlers of their event types."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from accord.boundary import NotJson, read_json
from accord.bus.errors import Poison
from accord.bus.messages import ReceivedEvent, Record
from accord.bus.ports import BatchEventHandler, EventHandler, EventParser, IRecordReader
from accord.observability import correlation, get_logger, log_each

__all__ = ["Dispatcher", "Lane", "Parcel", "correlation_id_of", "read_event"]

_log = get_logger(__name__)


def read_event(record: Record) -> ReceivedEvent:
    """Read a record's value (not null) as far as its event type; raises `Poison` if it is no event at all."""
    try:
        envelope = read_json(record.value or b"")
    except NotJson as error:
        raise Poison(f"the value is no JSON: {error}") from None
    if not isinstance(envelope, dict):
        raise Poison("the value is JSON, but no object")
    event_type = envelope.get("event_type")
    if not isinstance(event_type, str):
        raise Poison("the envelope has no event_type that is a string")
    found = envelope.get("correlation_id")
    return ReceivedEvent(event_type, envelope, record, found if isinstance(found, str) else None)


def correlation_id_of(record: Record, event: ReceivedEvent | None = None) -> str | None:
    """Find the id in the message, else in the headers; None if neither has one."""
    if event is not None and event.correlation_id:
        return event.correlation_id
    for name, value in record.headers:
        if name == "correlation_id" and value:
            return value.decode(errors="replace")
    return None


@dataclass(frozen=True, slots=True, eq=False)
class Lane:
    """Where events go: ``handle`` gets what ``parse`` made of them, of several at once if ``together``."""

    parse: EventParser
    handle: BatchEventHandler
    together: bool


class Parcel(NamedTuple):
    """A record, and what it was read as; a tuple, since there is one for each record.

    Either ``lane`` and ``message``, what the lane made of it, or ``poison``, why it will never be right, or
    neither: passed over. ``correlation_id`` is the one that came with it, if any.
    """

    record: Record
    lane: Lane | None = None
    event_type: str = ""
    message: Any = None
    correlation_id: str | None = None
    poison: Exception | None = None


class Dispatcher:
    """Knows the handlers of a consumer."""

    def __init__(self) -> None:
        self._lanes: dict[str, Lane] = {}
        self._readers: list[IRecordReader] = []
        self._reader_of: dict[str, Callable[[Record], ReceivedEvent]] = {}

    def register_reader(self, reader: IRecordReader) -> None:
        """Of two readers for one topic the first one reads."""
        self._readers.append(reader)

    def register(self, event_type: str, handler: EventHandler) -> None:
        """Raises ValueError if the event type has a handler already: two would be a mistake."""

        async def handle(events: Sequence[ReceivedEvent]) -> None:
            await handler(events[0])

        self._register((event_type,), Lane(_as_received, handle, together=False))

    def register_batch(
        self,
        event_types: str | Collection[str],
        handler: BatchEventHandler,
        parse: EventParser | None = None,
    ) -> None:
        """Raises ValueError if one of the event types has a handler already."""
        several = (event_types,) if isinstance(event_types, str) else event_types
        self._register(several, Lane(parse or _as_received, handler, together=True))

    def read(self, record: Record) -> Parcel:
        """Find out what the record is; raises nothing, as a defect of a reader concerns this record alone."""
        if record.value is None:
            return Parcel(record)
        event = None
        try:
            event = self._reader(record.topic)(record)
            lane = self._lanes.get(event.event_type)
            if lane is not None:
                message, correlation_id = lane.parse(event), correlation_id_of(record, event)
                return Parcel(record, lane, event.event_type, message, correlation_id)
        except Exception as error:  # noqa: BLE001  # a parser may raise anything
            return Parcel(record, correlation_id=correlation_id_of(record, event), poison=error)
        if self._reader(record.topic) is read_event:
            _log.warning("event ignored: unknown type", **_place(record), event_type=event.event_type[:200])
        else:  # one of the channel's messages, and no business of this consumer
            _log.debug("message passed over", **_place(record), event_type=event.event_type)
        return Parcel(record)

    @staticmethod
    def runs(parcels: Sequence[Parcel], most: int) -> Iterator[Sequence[Parcel]]:
        """Cut what was fetched into what is settled together: at most ``most`` for one handler, or one."""
        for lane, group in groupby(parcels, key=lambda parcel: parcel.lane):
            several = list(group)
            size = most if lane is not None and lane.together else 1
            for start in range(0, len(several), size):
                yield several[start : start + size]

    @staticmethod
    async def handle(lane: Lane, run: Sequence[Parcel]) -> None:
        """Give the events of one run to the handler of their lane; raises whatever it raises."""
        ids = {parcel.correlation_id for parcel in run}
        began = time.perf_counter()
        # A batch of several causes belongs to none of them.
        with correlation(ids.pop() if len(ids) == 1 else None) as bound:
            await lane.handle([parcel.message for parcel in run])
        duration_ms = round((time.perf_counter() - began) * 1000, 3)
        log_each(
            _log,
            "event consumed",
            (
                {
                    "correlation_id": parcel.correlation_id or bound,
                    "event_type": parcel.event_type,
                    **_place(parcel.record),
                }
                for parcel in run
            ),
            duration_ms=duration_ms,
            batch=len(run),
        )

    def _register(self, event_types: Collection[str], lane: Lane) -> None:
        for event_type in event_types:
            if event_type in self._lanes:
                raise ValueError(f"event {event_type} has a handler already")
        self._lanes |= dict.fromkeys(event_types, lane)

    def _reader(self, topic: str) -> Callable[[Record], ReceivedEvent]:
        if topic not in self._reader_of:
            found = [reader.read for reader in self._readers if reader.matches(topic)]
            self._reader_of[topic] = [*found, read_event][0]
        return self._reader_of[topic]


def _as_received(event: ReceivedEvent) -> ReceivedEvent:
    return event


def _place(record: Record) -> dict[str, object]:
    key = None if record.key is None else record.key[:200].decode(errors="replace")
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset, "key": key}
