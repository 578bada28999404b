"""What either version of AsyncAPI says of operations, in the words of AsyncAPI 3."""

from dataclasses import dataclass

from accord.model.events import Expression
from accord.parsing.channels import ChannelNode
from accord.parsing.nodes import Node

__all__ = ["OperationNode", "ReplyNode"]


@dataclass(frozen=True, slots=True, eq=False)
class ReplyNode:
    """The messages that may answer an operation, and where they go."""

    channel: ChannelNode
    messages: tuple[Node, ...]
    address: Expression | None
    place: Node


@dataclass(frozen=True, slots=True, eq=False)
class OperationNode:
    """``messages`` are some of those that the channel carries; no references any more.

    ``group_id`` and ``client_id`` are what the Kafka binding leaves no choice about.
    """

    id: str
    sends: bool
    channel: ChannelNode
    messages: tuple[Node, ...]
    reply: ReplyNode | None = None
    group_id: str | None = None
    client_id: str | None = None
