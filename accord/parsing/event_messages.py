"""AsyncAPI 3.0: messages, with their traits applied."""

from collections.abc import Mapping

from accord.findings import BrokenSpec
from accord.model.events import KeyExpression, Message, Topic
from accord.model.kinds import Kind
from accord.model.names import ConstantName, IllegalName, MemberName
from accord.model.schemas import SchemaId, reference
from accord.parsing.fields import Fields
from accord.parsing.keys import read_key
from accord.parsing.nodes import Node
from accord.parsing.references import Specs, target_of
from accord.parsing.schemas import SchemaReader

__all__ = ["read_message"]

_INHERITED = (
    "contentType",
    "headers",
    "correlationId",
    "bindings",
    "name",
    "title",
    "summary",
    "description",
)


def read_message(specs: Specs, schemas: SchemaReader, node: Node, topic: Topic) -> Message:
    """Read a Message Object; ``node`` is no reference any more."""
    fields = Fields(specs, node, "a message")
    fields.ignore("title", "description", "correlationId", "bindings", "examples", "tags", "externalDocs")
    traits = [_trait(specs, trait) for trait in fields.items("traits")]
    event_type = fields.text("name")
    fields.what = f"the message {event_type}"
    place = fields.required("name")
    try:
        names = MemberName.method(event_type), ConstantName.of(event_type)
    except IllegalName as error:
        raise place.broken("illegal-name", f"{error}; rename the message") from None
    content_type = _inherited("contentType", fields, traits)
    if content_type is not None and content_type.plain != "application/json":
        raise content_type.broken(
            "unsupported", f"{fields.what} is no JSON; say 'contentType: application/json'"
        )
    payload = schemas.read(fields.required("payload"), f"{event_type} payload")
    data = _data(schemas, payload, fields, event_type)
    headers_node = _inherited("headers", fields, traits)
    headers = None if headers_node is None else schemas.read(headers_node, f"{event_type} headers")
    key = _key(schemas, fields, payload, event_type)
    summary = fields.text("summary", "")
    fields.finish()
    return Message(event_type, *names, summary, topic, payload, data, headers, key, place.location)


def _trait(specs: Specs, node: Node) -> Fields:
    trait = Fields(specs, node, "a message trait")
    trait.ignore(*_INHERITED, "examples", "tags", "externalDocs")
    trait.finish()
    return trait


def _inherited(name: str, fields: Fields, traits: list[Fields]) -> Node | None:
    """The message's own member, or that of the last trait that has it (AsyncAPI 3.0, Traits Merge)."""
    own = fields.optional(name)
    if own is not None:
        return own
    return next((found for trait in reversed(traits) if (found := trait.optional(name)) is not None), None)


def _data(schemas: SchemaReader, payload: SchemaId, fields: Fields, event_type: str) -> SchemaId:
    """Check the envelope: it says its own type, and its data are an object with a name."""
    place = target_of(fields.required("payload")) or fields.required("payload")
    members = schemas.schemas.members(schemas.named[payload].document)
    said = members.get("event_type")
    values = (
        [part["const"] for part in schemas.schemas.parts(said.document) if "const" in part] if said else []
    )
    if said is None or not said.required or values != [event_type]:
        sentence = (
            f"{payload.name} does not say 'const: {event_type}' for a required 'event_type'; make it say so"
        )
        raise place.broken("event-type", sentence)
    data = members.get("data")
    target = reference(data.document) if data is not None and isinstance(data.document, Mapping) else None
    if data is None or not data.required or target is None:
        sentence = (
            f"{payload.name} has no required 'data' that refers to an object under components/schemas; add it"
        )
        raise place.broken("event-data", sentence)
    if schemas.schemas.kind(schemas.named[target].document) is not Kind.CLASS:
        raise place.broken(
            "event-data", f"'data' of {payload.name} is no object with 'properties'; make it one"
        )
    return target


def _key(schemas: SchemaReader, fields: Fields, payload: SchemaId, event_type: str) -> KeyExpression:
    node = fields.optional("x-kafka-key")
    if node is None:
        sentence = (
            f"{fields.what} has no x-kafka-key, without which Kafka keeps no order; "
            "add one such as '{$message.payload#/data/author_id}'"
        )
        raise fields.key("name").broken("missing-key", sentence)
    try:
        return read_key(str(fields.text("x-kafka-key")), schemas.schemas, schemas.named[payload])
    except ValueError as error:
        raise BrokenSpec.at(node.location, "bad-key-expression", f"the key of {event_type} {error}") from None
