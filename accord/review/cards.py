"""What the page shows of each service: operations, messages and schemas, ready for the templates."""

from dataclasses import dataclass

from markupsafe import Markup

from accord.findings import Location
from accord.review.examples import Example
from accord.review.places import Key
from accord.review.trees import Row

__all__ = ["Answer", "Book", "Chapter", "Content", "MessageCard", "OperationCard", "SchemaCard", "TopicCard"]


@dataclass(frozen=True, slots=True)
class Content:
    """One media type of a body; no ``row`` where bytes are not looked into."""

    media_type: str
    row: Row | None
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One declared answer of an operation."""

    key: Key | None
    status: str
    description: Markup
    headers: tuple[Row, ...]
    contents: tuple[Content, ...]
    failure: bool


@dataclass(frozen=True, slots=True)
class OperationCard:
    """``security`` are alternatives, in words."""

    anchor: str
    key: Key | None
    id: str
    method: str
    path: str
    summary: str
    description: Markup
    deprecated: bool
    parameters: tuple[tuple[str, Row], ...]
    body: tuple[Content, ...]
    body_key: Key | None
    body_required: bool
    body_description: Markup
    answers: tuple[Answer, ...]
    security: tuple[str, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class TopicCard:
    """A topic; ``settings`` are those that the spec makes."""

    anchor: str
    key: Key | None
    name: str
    description: Markup
    partitions: str
    settings: tuple[tuple[str, str], ...]
    location: Location


@dataclass(frozen=True, slots=True)
class MessageCard:
    """A message; ``described`` is the anchor of the card that says it all, where that is another one."""

    anchor: str
    key: Key | None
    name: str
    summary: str
    topic: TopicCard
    record_key: str
    correlation: str
    headers: Row | None
    payload: Row
    examples: tuple[Example, ...]
    others: tuple[str, ...]
    described: str | None
    location: Location


@dataclass(frozen=True, slots=True)
class SchemaCard:
    """A schema with a place of its own."""

    anchor: str
    key: Key
    name: str
    row: Row
    location: Location
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One service, or what several share: then there are schemas only."""

    anchor: str
    title: str
    summary: str
    description: Markup
    files: tuple[str, ...]
    operations: tuple[OperationCard, ...] = ()
    sends: tuple[MessageCard, ...] = ()
    receives: tuple[MessageCard, ...] = ()
    topics: tuple[TopicCard, ...] = ()
    schemas: tuple[SchemaCard, ...] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """All chapters; ``left_out`` says what the page has no room for, empty if that is nothing."""

    title: str
    chapters: tuple[Chapter, ...]
    left_out: str
