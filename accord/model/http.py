"""What an OpenAPI document says: operations, their parameters, bodies and responses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from accord.findings import Location
from accord.model.names import ClassName, ConstantName, MemberName
from accord.model.schemas import Document, SchemaId, references

__all__ = [
    "AMBIENT_HEADER",
    "Body",
    "Content",
    "ContentKind",
    "Header",
    "Operation",
    "Parameter",
    "Place",
    "Requirement",
    "Response",
    "Scheme",
    "Style",
]

AMBIENT_HEADER = "x-correlation-id"
"""Travels beside every call in a context of its own, so it is nobody's argument; lower case."""


class Place(StrEnum):
    """Where a parameter travels."""

    PATH = "path"
    QUERY = "query"
    HEADER = "header"
    COOKIE = "cookie"


class Style(StrEnum):
    """How a parameter is laid out as text (OpenAPI 3.1.1, Parameter Object)."""

    SIMPLE = "simple"
    LABEL = "label"
    MATRIX = "matrix"
    FORM = "form"
    SPACE_DELIMITED = "spaceDelimited"
    PIPE_DELIMITED = "pipeDelimited"
    DEEP_OBJECT = "deepObject"


class ContentKind(StrEnum):
    """How bytes of a media type are read."""

    JSON = "Json"
    TEXT = "Text"
    BINARY = "Binary"
    FORM = "Form"
    MULTIPART = "Multipart"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value beside the body; ``default`` is the JSON value that stands in for it, if there is one.

    ``json`` is a parameter that is described by ``content``.
    """

    name: str
    place: Place
    argument: MemberName
    document: Document
    style: Style
    explode: bool
    required: bool
    default: tuple[Any, ...]
    description: str
    location: Location
    json: bool = False
    allow_reserved: bool = False
    allow_empty: bool = False
    deprecated: bool = False
    examples: tuple[Any, ...] = ()

    @property
    def ambient(self) -> bool:
        """Checked like any other, but no argument of the method."""
        return self.place is Place.HEADER and self.name.lower() == AMBIENT_HEADER


@dataclass(frozen=True, slots=True)
class Content:
    """One media type, or a range of them; bytes that are not looked into have no schema.

    ``files`` are members of a multipart body whose values are bytes, ``types`` the media types of members,
    ``styles`` style and explode of the members of a form.
    """

    media_type: str
    kind: ContentKind
    schema: SchemaId | None
    files: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    styles: Mapping[str, tuple[Style, bool]] = field(default_factory=dict)
    examples: tuple[Any, ...] = ()

    @property
    def is_range(self) -> bool:
        """Whether whoever writes it has to say which media type it is."""
        return "*" in self.media_type and self.kind in (ContentKind.BINARY, ContentKind.TEXT)


@dataclass(frozen=True, slots=True)
class Body:
    """A request body."""

    contents: tuple[Content, ...]
    required: bool
    description: str

    @property
    def names_type(self) -> bool:
        """Whether the media type is an argument beside the body."""
        return len(self.contents) > 1 or self.contents[0].is_range


@dataclass(frozen=True, slots=True)
class Header:
    """A header of a response."""

    name: str
    field: MemberName
    document: Document
    explode: bool
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Response:
    """One declared answer; ``status`` is a number, ``default``, or a range such as ``4XX``.

    A ``failure`` is raised, anything else returned. ``class_name`` is that of the class that carries what is
    there beside the body; where there is nothing of the kind, the body alone is the result.
    """

    status: str
    description: str
    headers: tuple[Header, ...]
    contents: tuple[Content, ...]
    failure: bool
    class_name: ClassName | None

    @property
    def names_status(self) -> bool:
        """Whether the status is not fixed."""
        return not self.status.isdecimal()

    @property
    def names_type(self) -> bool:
        """Whether the media type is not fixed."""
        return len(self.contents) > 1 or any(content.is_range for content in self.contents)


@dataclass(frozen=True, slots=True)
class Scheme:
    """A security scheme; ``kind`` names its class in `accord.http.security`."""

    name: str
    kind: str
    argument: MemberName
    constant: ConstantName
    place: str
    parameter: str
    description: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """One scheme that a call needs, with its scopes."""

    scheme: Scheme
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: a method of the interface and of the client.

    ``security`` are alternatives, each of several requirements; ``server`` is its own address, if it has one.
    """

    id: str
    method_name: MemberName
    class_name: ClassName
    constant: ConstantName
    http_method: str
    path: str
    summary: str
    description: str
    deprecated: bool
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: tuple[Response, ...]
    security: tuple[tuple[Requirement, ...], ...]
    server: str | None
    location: Location

    @property
    def results(self) -> tuple[Response, ...]:
        """The answers that the method returns."""
        return tuple(response for response in self.responses if not response.failure)

    @property
    def failures(self) -> tuple[Response, ...]:
        """The answers that it raises."""
        return tuple(response for response in self.responses if response.failure)

    @property
    def exchanged(self) -> tuple[SchemaId, ...]:
        """All schemas that bodies of this operation are held against."""
        contents = [
            *(self.body.contents if self.body else ()),
            *(content for response in self.responses for content in response.contents),
        ]
        return tuple(content.schema for content in contents if content.schema is not None)

    @property
    def mentioned(self) -> tuple[SchemaId, ...]:
        """All schemas that parameters and headers refer to."""
        documents = [parameter.document for parameter in self.parameters]
        documents += [header.document for response in self.responses for header in response.headers]
        return tuple(id_ for document in documents for id_ in references(document))
