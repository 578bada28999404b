"""What a generated ``channels`` module says about its events: where they go, their keys and their shapes."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from accord.boundary import Boundary
from accord.bus.messages import ReceivedEvent
from accord.bus.ports import EventHandler

__all__ = ["EventContract", "Topic", "typed_handler"]

Envelope = TypeVar("Envelope")


@dataclass(frozen=True, slots=True)
class Topic:
    """A stream as the spec's Kafka bindings want it."""

    name: str
    partitions: int
    replicas: int = 1
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventContract(Generic[Envelope]):
    """One message of a channel; ``key`` computes the record's key from the whole envelope."""

    event_type: str
    topic: Topic
    key: Callable[[Mapping[str, Any]], str]
    envelope: Boundary[Envelope]


def typed_handler(
    contract: EventContract[Envelope], method: Callable[[Envelope], Awaitable[None]]
) -> EventHandler:
    """Parse the envelope before ``method`` sees it; raises `accord.boundary.ContractViolation`."""

    async def handle(event: ReceivedEvent) -> None:
        await method(contract.envelope.parse(event.envelope))

    return handle
