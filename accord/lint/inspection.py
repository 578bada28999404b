"""What a check is given: the sources, and what several checks find out of them."""

from functools import cached_property

from accord.lint.events import Channel, Message, channels, messages
from accord.lint.http import Operation, operations
from accord.lint.schemas import SchemaWalk
from accord.lint.sources import Sources

__all__ = ["Inspection"]


class Inspection:
    """Each part is made when it is first asked for; ``envelope`` names what each event carries."""

    def __init__(self, sources: Sources, envelope: tuple[str, ...]) -> None:
        self.sources = sources
        self.envelope = envelope

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Those of all OpenAPI documents."""
        return tuple(operations(self.sources))

    @cached_property
    def channels(self) -> tuple[Channel, ...]:
        """Those of all AsyncAPI documents."""
        return tuple(channels(self.sources))

    @cached_property
    def messages(self) -> tuple[Message, ...]:
        """What the channels carry."""
        return tuple(messages(self.sources, self.channels))

    @cached_property
    def schemas(self) -> SchemaWalk:
        """Every schema, with where it is used."""
        return SchemaWalk(self.sources, self.operations, self.messages)
