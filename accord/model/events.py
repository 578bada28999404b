"""What an AsyncAPI document says: topics, messages and their partition keys."""

from collections.abc import Mapping
from dataclasses import dataclass

from accord.findings import Location
from accord.model.names import ConstantName, MemberName
from accord.model.schemas import SchemaId

__all__ = ["KeyExpression", "Message", "Topic"]


@dataclass(frozen=True, slots=True)
class Topic:
    """A channel with its Kafka bindings; ``config`` is text, as Kafka's admin protocol wants it."""

    name: str
    constant: ConstantName
    partitions: int
    replicas: int
    config: Mapping[str, str]
    location: Location


@dataclass(frozen=True, slots=True)
class KeyExpression:
    """Literal text and paths into the payload, in the order in which they make up the key."""

    parts: tuple[str | tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """One event type; ``payload`` is its envelope, ``data`` what the envelope carries."""

    event_type: str
    method_name: MemberName
    constant: ConstantName
    summary: str
    topic: Topic
    payload: SchemaId
    data: SchemaId
    headers: SchemaId | None
    key: KeyExpression
    location: Location

    @property
    def exchanged(self) -> tuple[SchemaId, ...]:
        """All schemas that records of this message are held against."""
        return (self.payload, *([self.headers] if self.headers is not None else []))
