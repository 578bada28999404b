"""The ABCs that a service's contracts hand on; standard library only, so that a domain may see them."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

from accord.bus.messages import ReceivedEvent, Record

__all__ = [
    "BatchEventHandler",
    "EventHandler",
    "EventParser",
    "IEventConsumer",
    "IEventPublisher",
    "IMessagePublisher",
    "IRecordReader",
]

EventHandler = Callable[[ReceivedEvent], Awaitable[None]]
EventParser = Callable[[ReceivedEvent], Any]
"""Makes of an event what its handler gets; what it raises sends the record to the dead letters."""

BatchEventHandler = Callable[[Sequence[Any]], Awaitable[None]]


class IEventPublisher(ABC):
    """Sends events that say what happened."""

    @abstractmethod
    async def start(self) -> None:
        """Connect; nothing may be published before."""

    @abstractmethod
    async def stop(self) -> None:
        """Send what is under way, then disconnect; safe to call twice."""

    @abstractmethod
    async def publish(self, event_type: str, data: dict[str, Any], correlation_id: str | None = None) -> None:
        """Wrap ``data`` in the envelope of ``event_type``, hold it against the contract, and send it.

        ``data`` may hold datetimes and UUIDs beside JSON types. Without ``correlation_id`` the current one is
        taken. Raises `accord.boundary.ContractViolation` if the contract forbids the data, `UnknownEvent` if
        it does not send this event, `Refused` if the broker takes no such record; then nothing was sent.
        Raises `Unavailable` if the other side is away; whether the event was sent is then known only if a
        transaction undoes it.
        """

    async def publish_many(self, events: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Publish pairs of type and data in this order; after an error, some of them may have been sent.

        One by one here; a publisher that can do it in one round trip overrides this.
        """
        for event_type, data in events:
            await self.publish(event_type, data)


class IMessagePublisher(IEventPublisher):
    """Sends messages of any shape, beside events in our envelope."""

    @abstractmethod
    async def send(
        self,
        name: str,
        payload: Any,
        *,
        key: Any = None,
        headers: Any = None,
        parameters: Mapping[str, Any] | None = None,
        correlation_id: Any = None,
    ) -> None:
        """Hold the message ``name`` against the contract, and send it.

        All values may be models, or hold moments and UUIDs, beside JSON types; ``parameters`` are those of
        the topic, by their names in the spec. A ``correlation_id`` goes where the spec says, unless something
        stands there; without one, the current id goes into the headers if they admit it. Raises what
        `IEventPublisher.publish` raises.
        """


class IRecordReader(ABC):
    """Tells what a record of some topics is."""

    @abstractmethod
    def matches(self, topic: str) -> bool:
        """Whether records of this topic are its business."""

    @abstractmethod
    def read(self, record: Record) -> ReceivedEvent:
        """Name the message; raises `Poison` for a record, whose value is not null, that is none of them."""


class IEventConsumer(ABC):
    """Reads streams and hands each event to the handler of its type."""

    @abstractmethod
    async def start(self) -> None:
        """Begin to read. Handlers are registered before."""

    @abstractmethod
    async def stop(self) -> None:
        """Finish the event in hand, commit, leave the group; safe to call twice."""

    @abstractmethod
    def register_handler(self, event_type: str, handler: EventHandler) -> None:
        """Call ``handler`` once for each event of this type, in the order of its partition.

        It may run again for the same event after a crash. `Poison` or `ContractViolation` sends the record to
        the dead letters at once, `Unavailable` makes the consumer wait, anything else is retried first.
        """

    @abstractmethod
    def register_reader(self, reader: IRecordReader) -> None:
        """Let ``reader`` tell what the records of its topics are; all others carry our envelope."""

    @abstractmethod
    def register_batch_handler(
        self,
        event_types: str | Collection[str],
        handler: BatchEventHandler,
        parse: EventParser | None = None,
    ) -> None:
        """Call ``handler`` with runs of consecutive events of these types, whichever of them each one is.

        The handler gets what ``parse`` makes of each event, so that one that breaks its contract never gets
        there: it goes to the dead letters once all before it are handled. Without ``parse`` the handler gets
        events as they were received. What it raises is dealt with as `register_handler` says, but for runs of
        several: these are halved until the culprit is alone, and the others fare as if they had come one by
        one. So a handler should apply all or nothing; what it did before it raised is done again.
        """
