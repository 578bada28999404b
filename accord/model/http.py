"""What an OpenAPI document says: operations, their parameters, bodies and responses."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from accord.findings import Location
from accord.model.names import ClassName, ConstantName, MemberName
from accord.model.schemas import Document, SchemaId

__all__ = ["AMBIENT_HEADER", "Body", "Header", "Operation", "Parameter", "Place", "Response"]

AMBIENT_HEADER = "x-correlation-id"
"""Travels beside every call in a context of its own, so it is nobody's argument; lower case."""


class Place(StrEnum):
    """Where a parameter travels."""

    PATH = "path"
    QUERY = "query"
    HEADER = "header"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value beside the body; ``type`` is the JSON type of its schema, ``default`` stands in for it."""

    name: str
    place: Place
    argument: MemberName
    document: Document
    type: str
    required: bool
    default: Any
    description: str
    location: Location

    @property
    def ambient(self) -> bool:
        """Checked like any other, but no argument of the method."""
        return self.place is Place.HEADER and self.name.lower() == AMBIENT_HEADER


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON body; its schema is an object with a name."""

    media_type: str
    schema: SchemaId


@dataclass(frozen=True, slots=True)
class Header:
    """A header of a response, always text and always there."""

    name: str
    field: MemberName
    description: str


@dataclass(frozen=True, slots=True)
class Response:
    """One declared answer; ``status`` is a number, ``default``, or a range such as ``4XX``."""

    status: str
    description: str
    headers: tuple[Header, ...]
    body: Body | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One operationId: a method of the interface, of the router and of the client."""

    id: str
    method_name: MemberName
    class_name: ClassName
    constant: ConstantName
    http_method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    body: Body | None
    success: Response
    failures: Mapping[str, Response]
    location: Location

    @property
    def exchanged(self) -> tuple[SchemaId, ...]:
        """All schemas that bodies of this operation are held against."""
        answers = (self.success, *self.failures.values())
        bodies = [self.body, *(answer.body for answer in answers)]
        return tuple(body.schema for body in bodies if body is not None)
