"""What an AsyncAPI document says: topics, and the messages that a service sends and receives over them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from accord.findings import Location
from accord.model.names import ConstantName, MemberName
from accord.model.schemas import Document, SchemaId

__all__ = ["Channel", "Expression", "KeyExpression", "Mark", "Message", "Parameter", "Reply", "Topic"]


@dataclass(frozen=True, slots=True)
class Expression:
    """A runtime expression: a place in a message's headers or payload."""

    source: Literal["header", "payload"]
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part in braces of a topic's name: text, or of the simple JSON type ``type``.

    With a ``source`` its value stands in the message itself, else it is an argument of the publisher.
    """

    name: str
    argument: MemberName
    document: Document
    type: str
    default: Any
    source: Expression | None


@dataclass(frozen=True, slots=True)
class Topic:
    """A channel with its Kafka bindings; ``config`` is text, as Kafka's admin protocol wants it.

    ``partitions`` and ``replicas`` are None where the spec leaves them to the broker.
    """

    name: str
    constant: ConstantName
    partitions: int | None
    replicas: int | None
    config: Mapping[str, str]
    location: Location
    parameters: tuple[Parameter, ...] = ()
    legal: bool = True
    """Whether Kafka admits the name, its parameters filled in."""

    @property
    def fixed(self) -> bool:
        """Whether it is one topic that can be created, not many, and none of another protocol."""
        return self.legal and not self.parameters

    @property
    def vagueness(self) -> tuple[bool, int]:
        """Of two topics that match one name, the one with less is meant."""
        text = len(self.name) - sum(len(parameter.name) + 2 for parameter in self.parameters)
        return bool(self.parameters), -text

    @property
    def unknown(self) -> bool:
        """Whether the whole address is known at run time only."""
        return any(self.name == f"{{{parameter.name}}}" for parameter in self.parameters)


@dataclass(frozen=True, slots=True)
class KeyExpression:
    """Literal text and paths into the payload, in the order in which they make up the key."""

    parts: tuple[str | tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where each message of a channel has values of its own, and those of this message."""

    place: Expression
    values: tuple[str | int | bool, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of one channel; ``event_type`` is its name, unique among those of the service.

    ``data`` is what our envelope carries; None for a message without our envelope. ``key`` computes the key
    or is the schema of keys that are given; None where the spec says nothing of it.
    """

    event_type: str
    method_name: MemberName
    constant: ConstantName
    summary: str
    topic: Topic
    payload: SchemaId
    data: SchemaId | None
    headers: SchemaId | None
    key: KeyExpression | SchemaId | None
    location: Location
    json_headers: tuple[str, ...] = ()
    headers_required: bool = False
    correlation: Expression | None = None
    mark: Mark | None = None
    reply: "Reply | None" = None
    examples: tuple[Mapping[str, Any], ...] = ()

    @property
    def exchanged(self) -> tuple[SchemaId, ...]:
        """All schemas that records of this message are held against."""
        key = self.key if isinstance(self.key, SchemaId) else None
        return tuple(id_ for id_ in (self.payload, self.headers, key) if id_ is not None)


@dataclass(frozen=True, slots=True)
class Reply:
    """What answers a request that is received; ``address`` says where in the request the topic is named."""

    messages: tuple[Message, ...]
    address: Expression | None


@dataclass(frozen=True, slots=True)
class Channel:
    """A topic whose messages no envelope of ours tells apart, with all that it carries, in order."""

    topic: Topic
    messages: tuple[Message, ...]
