"""The whole contract: what is shared, and what each service answers, sends and receives."""

from collections.abc import Mapping
from dataclasses import dataclass

from accord.findings import Finding
from accord.model.events import Message, Topic
from accord.model.http import Operation, Scheme
from accord.model.names import ClassName, MemberName
from accord.model.schemas import Schema, SchemaId

__all__ = ["Contract", "Service"]


@dataclass(frozen=True, slots=True)
class Service:
    """One service of the project; ``openapi`` and ``asyncapi`` are file names within the folder of specs.

    At least one of the two is there. ``keeps`` are topics that carry none of its events; ``server`` is the
    address that the specs give, ``schemes`` are the security schemes that operations need.
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


@dataclass(frozen=True, slots=True)
class Contract:
    """``schemas`` are all that are named or cross a boundary; ``findings`` warn of what was left out."""

    services: tuple[Service, ...]
    schemas: Mapping[SchemaId, Schema]
    findings: tuple[Finding, ...] = ()
