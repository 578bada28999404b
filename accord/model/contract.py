"""The whole contract: what is shared, and what each service answers, sends and receives."""

from collections.abc import Mapping
from dataclasses import dataclass

from accord.model.events import Message, Topic
from accord.model.http import Operation
from accord.model.names import ClassName, MemberName
from accord.model.schemas import Schema, SchemaId

__all__ = ["Contract", "Service"]


@dataclass(frozen=True, slots=True)
class Service:
    """One service of the project; ``openapi`` and ``asyncapi`` are file names within the folder of specs.

    ``keeps`` are topics that carry none of its events.
    """

    name: str
    package: MemberName
    prefix: ClassName
    openapi: str
    asyncapi: str
    title: str
    summary: str
    operations: tuple[Operation, ...]
    sends: tuple[Message, ...]
    receives: tuple[Message, ...]
    keeps: tuple[Topic, ...] = ()


@dataclass(frozen=True, slots=True)
class Contract:
    """``common`` is the file that all specs share; ``schemas`` are the named ones of every spec."""

    common: str
    services: tuple[Service, ...]
    schemas: Mapping[SchemaId, Schema]
