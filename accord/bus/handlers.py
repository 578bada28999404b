"""From what a consumer read to the methods of a generated interface, and back with their answers."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from accord.boundary import Boundary, ContractViolation
from accord.bus.contract import EventContract
from accord.bus.headers import find_headers
from accord.bus.locations import Location
from accord.bus.messages import ReceivedEvent
from accord.bus.ports import EventHandler, IEventConsumer, IMessagePublisher
from accord.bus.texts import to_json, violation

__all__ = ["Answer", "Replies", "message_handler", "one_by_one", "register_stream", "replying_handler"]

Payload = TypeVar("Payload")
MessageHeaders = TypeVar("MessageHeaders")
Method = TypeVar("Method", bound=Callable[..., Awaitable[None]])


@dataclass(frozen=True, slots=True)
class Answer(Generic[Payload, MessageHeaders]):
    """What a handler answers where the reply is more than its payload: its headers, and its key."""

    payload: Payload
    headers: MessageHeaders
    key: Any = None


@dataclass(frozen=True, slots=True)
class Replies:
    """Which messages may be the reply; it goes to their topic, or to where ``address`` in the request says.

    Whoever sends a request chooses the address, so a broker's access rules should leave no other topics open.
    """

    contracts: Sequence[EventContract[Any]]
    address: Location | None = None


def one_by_one(method: Method) -> Method:
    """Mark the handler of a stream that is to get each event by itself, with its retries and correlation id.

    Whoever overrides it without the mark gets as many as there are.
    """
    method.__one_by_one__ = True  # type: ignore[attr-defined]
    return method


def register_stream(
    consumer: IEventConsumer,
    contracts: Sequence[EventContract[Any]],
    method: Callable[[Sequence[Any]], Awaitable[None]],
) -> None:
    """Give ``method`` the events of one stream, parsed; those that break their contract never reach it."""
    by_type = {contract.event_type: contract for contract in contracts}

    def parse(event: ReceivedEvent) -> Any:
        return by_type[event.event_type].parse(event)

    async def handle(event: ReceivedEvent) -> None:
        await method([parse(event)])

    if getattr(method, "__one_by_one__", False):
        for event_type in by_type:
            consumer.register_handler(event_type, handle)
    else:
        consumer.register_batch_handler(tuple(by_type), method, parse)


def message_handler(contract: EventContract[Any], method: Callable[..., Awaitable[Any]]) -> EventHandler:
    """Check and parse a message for ``method``; raises `accord.boundary.ContractViolation`.

    It gets the payload, and by name each parameter of the topic, ``key`` and ``headers`` where the spec
    describes them.
    """

    async def handle(event: ReceivedEvent) -> None:
        await _call(contract, method, event)

    return handle


def replying_handler(
    contract: EventContract[Any],
    method: Callable[..., Awaitable[Any]],
    replies: Replies,
    publisher: IMessagePublisher,
) -> EventHandler:
    """Like `message_handler`; what ``method`` returns is published as the reply, with the correlation id.

    The reply is sent before the request counts as handled: after a crash it may come twice.
    """

    async def handle(event: ReceivedEvent) -> None:
        address = _address(contract, replies.address, event)
        found = await _call(contract, method, event)
        answer = found if isinstance(found, Answer) else Answer(found, None)
        correlation_id = contract.read_correlation(event.record, event.payload)
        parameters = contract.topic.values(event.record.topic) if address is None else {"address": address}
        await publisher.send(
            _chosen(replies.contracts, answer.payload).event_type,
            answer.payload,
            key=answer.key,
            headers=answer.headers,
            parameters=parameters,
            correlation_id=event.correlation_id if correlation_id is None else correlation_id,
        )

    return handle


async def _call(
    contract: EventContract[Any], method: Callable[..., Awaitable[Any]], event: ReceivedEvent
) -> Any:
    payload = contract.payload.parse(event.payload)
    key = contract.read_key(event.record, event.payload)
    headers = contract.read_headers(event.record)
    beside = contract.topic.arguments(event.record.topic)
    if isinstance(contract.key, Boundary):
        beside["key"] = key
    if contract.headers is not None:
        beside["headers"] = headers
    return await method(payload, **beside)


def _address(contract: EventContract[Any], location: Location | None, event: ReceivedEvent) -> str | None:
    if location is None:
        return None
    json = contract.headers.json if contract.headers is not None else ()
    found = location.find(event.payload, find_headers(event.record.headers, json))
    if not isinstance(found, str) or not found:
        raise violation(contract.event_type, f"names no address for the reply at {location}")
    return found


def _chosen(contracts: Sequence[EventContract[Any]], payload: Any) -> EventContract[Any]:
    """The first message whose schema admits the answer; of models, none that is another's class."""
    refusals = []
    for contract in contracts:
        if isinstance(payload, BaseModel) and _is_another(contract.payload.model, payload):
            continue
        try:
            contract.payload.check(to_json(contract.event_type, payload))
        except ContractViolation as error:
            refusals.append(error)
        else:
            return contract
    raise refusals[0] if refusals else TypeError(f"{type(payload).__name__} is no reply of this operation")


def _is_another(type_: Any, payload: BaseModel) -> bool:
    return isinstance(type_, type) and issubclass(type_, BaseModel) and not isinstance(payload, type_)
