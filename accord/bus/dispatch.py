"""From records to the handlers of their event types."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from accord.boundary import NotJson, read_json
from accord.bus.errors import Poison
from accord.bus.messages import ReceivedEvent, Record
from accord.bus.ports import BatchEventHandler, EventHandler, IRecordReader
from accord.observability import correlation, get_logger

__all__ = ["Dispatcher", "Run", "correlation_id_of", "read_event"]

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


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive records of one partition that are settled together.

    Either ``events`` for one handler, or ``poison``, why the one record is none, or neither: passed over.
    """

    records: Sequence[Record]
    events: Sequence[ReceivedEvent] = ()
    poison: Poison | None = None


class Dispatcher:
    """Knows the handlers of a consumer."""

    def __init__(self) -> None:
        self._handlers: dict[str, EventHandler] = {}
        self._batch_handlers: dict[str, BatchEventHandler] = {}
        self._readers: list[IRecordReader] = []
        self._reader_of: dict[str, Callable[[Record], ReceivedEvent]] = {}

    def register_reader(self, reader: IRecordReader) -> None:
        """Of two readers for one topic the first one reads."""
        self._readers.append(reader)

    def register(self, event_type: str, handler: EventHandler) -> None:
        """Raises ValueError if the event type has a handler already: two would be a mistake."""
        self._refuse_second(event_type)
        self._handlers[event_type] = handler

    def register_batch(self, event_type: str, handler: BatchEventHandler) -> None:
        """Raises ValueError if the event type has a handler already."""
        self._refuse_second(event_type)
        self._batch_handlers[event_type] = handler

    def runs(self, records: Sequence[Record], max_batch: int) -> Iterator[Run]:
        """Cut records of one partition, in order, into runs; a batch holds at most ``max_batch``."""
        read = [(record, self._read(record)) for record in records]
        for event_type, group in groupby(read, key=lambda pair: self._batched_type(pair[1])):
            if event_type is None:
                yield from (Run((record,), _events(found), _poison(found)) for record, found in group)
                continue
            pairs = list(group)
            for start in range(0, len(pairs), max_batch):
                part = pairs[start : start + max_batch]
                yield Run(
                    [record for record, _ in part], [e for _, e in part if isinstance(e, ReceivedEvent)]
                )

    async def handle(self, events: Sequence[ReceivedEvent]) -> None:
        """Give the events of one run to their handler; raises whatever it raises."""
        first = events[0]
        batch_handler = self._batch_handlers.get(first.event_type)
        ids = {correlation_id_of(event.record, event) for event in events}
        began = time.perf_counter()
        # A batch of several causes belongs to none of them.
        with correlation(ids.pop() if len(ids) == 1 else None):
            if batch_handler is not None:
                await batch_handler(events)
            else:
                await self._handlers[first.event_type](first)
        duration_ms = round((time.perf_counter() - began) * 1000, 3)
        for event in events:
            _log_consumed(event, duration_ms, len(events))

    def _refuse_second(self, event_type: str) -> None:
        if event_type in self._handlers or event_type in self._batch_handlers:
            raise ValueError(f"event {event_type} has a handler already")

    def _read(self, record: Record) -> ReceivedEvent | Poison | None:
        if record.value is None:
            return None
        try:
            event = self._reader(record.topic)(record)
        except Poison as poison:
            return poison
        if event.event_type in self._handlers or event.event_type in self._batch_handlers:
            return event
        if self._reader(record.topic) is read_event:
            _log.warning("event ignored: unknown type", **_place(record), event_type=event.event_type[:200])
        else:  # one of the channel's messages, and no business of this consumer
            _log.debug("message passed over", **_place(record), event_type=event.event_type)
        return None

    def _reader(self, topic: str) -> Callable[[Record], ReceivedEvent]:
        if topic not in self._reader_of:
            found = [reader.read for reader in self._readers if reader.matches(topic)]
            self._reader_of[topic] = [*found, read_event][0]
        return self._reader_of[topic]

    def _batched_type(self, found: ReceivedEvent | Poison | None) -> str | None:
        if isinstance(found, ReceivedEvent) and found.event_type in self._batch_handlers:
            return found.event_type
        return None


def _events(found: ReceivedEvent | Poison | None) -> tuple[ReceivedEvent, ...]:
    return (found,) if isinstance(found, ReceivedEvent) else ()


def _poison(found: ReceivedEvent | Poison | None) -> Poison | None:
    return found if isinstance(found, Poison) else None


def _place(record: Record) -> dict[str, object]:
    key = None if record.key is None else record.key[:200].decode(errors="replace")
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset, "key": key}


def _log_consumed(event: ReceivedEvent, duration_ms: float, batch: int) -> None:
    with correlation(correlation_id_of(event.record, event)):
        _log.info(
            "event consumed",
            event_type=event.event_type,
            **_place(event.record),
            duration_ms=duration_ms,
            batch=batch,
        )
