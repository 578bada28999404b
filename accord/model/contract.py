"""The whole contract: what is shared, and what each service answers, sends and receives."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from accord.findings import Finding
from accord.model.events import Channel, Message, Topic
from accord.model.http import Operation, Scheme
from accord.model.names import ClassName, MemberName
from accord.model.schemas import Schema, SchemaId

__all__ = ["Contract", "Service"]


@dataclass(frozen=True, slots=True)
class Service:
    """One service of the project; ``openapi`` and ``asyncapi`` are file names within the folder of specs.

    At least one of the two is there. ``keeps`` are topics that carry none of its events, ``channels`` those
    that it reads and whose messages need telling apart; ``server`` is the address that the specs give,
    ``schemes`` are the security schemes that operations need.
    """

    name: str
    package: MemberName
    prefix: ClassName
    openapi: str | None
    asyncapi: str | None
    title: str
    summary: str
    operations: tuple[Operation, ...]
    sends: tuple[Message, ...]
    receives: tuple[Message, ...]
    keeps: tuple[Topic, ...] = ()
    server: str | None = None
    schemes: tuple[Scheme, ...] = ()
    channels: tuple[Channel, ...] = ()
    group_ids: Mapping[str, str] = field(default_factory=dict)
    client_ids: Mapping[str, str] = field(default_factory=dict)

    @property
    def messages(self) -> tuple[Message, ...]:
        """All that it sends, receives, or has to tell from what it receives; each once."""
        others = [message for channel in self.channels for message in channel.messages]
        return tuple(
            {message.event_type: message for message in [*others, *self.sends, *self.receives]}.values()
        )


@dataclass(frozen=True, slots=True)
class Contract:
    """``schemas`` are all that are named or cross a boundary; ``findings`` warn of what was left out."""

    services: tuple[Service, ...]
    schemas: Mapping[SchemaId, Schema]
    findings: tuple[Finding, ...] = ()
