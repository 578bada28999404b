"""Messages of AsyncAPI, with their traits applied: what they carry, and what stands around it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accord.findings import BrokenSpec, Location
from accord.model.events import Expression, KeyExpression
from accord.model.kinds import Kind
from accord.model.names import ClassName, IllegalName
from accord.model.schemas import SchemaId, reference
from accord.parsing.expressions import read_location
from accord.parsing.fields import Fields
from accord.parsing.formats import is_json, readable, schema_in
from accord.parsing.kafka_bindings import read_key_schema
from accord.parsing.keys import read_key
from accord.parsing.nodes import MappingNode, Node
from accord.parsing.references import Specs, target_of
from accord.parsing.schemas import SchemaReader
from accord.parsing.traits import with_traits

__all__ = ["Draft", "MessageReader"]

_CLOSING = ("additionalProperties", "unevaluatedProperties")
_TRAIT = re.compile(r"/messageTraits/([^/]+)/")
_ENVELOPE = {"event_type", "event_id", "timestamp", "correlation_id", "data"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before it has its name within the service; our envelope fixes its ``event_type``."""

    name: str
    event_type: str | None
    summary: str
    payload: SchemaId
    data: SchemaId | None
    headers: SchemaId | None
    json_headers: tuple[str, ...]
    headers_required: bool
    key: KeyExpression | SchemaId | None
    correlation: Expression | None
    examples: tuple[Mapping[str, Any], ...]
    place: Location


class MessageReader:
    """Reads the Message Objects of one document, of either version of AsyncAPI."""

    def __init__(self, specs: Specs, schemas: SchemaReader, content_type: str, version: int) -> None:
        self._specs, self._schemas = specs, schemas
        self._content_type = content_type
        self._version = version
        self._format = f"application/vnd.aai.asyncapi;version={version}.0.0"

    def read(self, node: Node, key: str) -> Draft | None:
        """Read a message that is called ``key`` where it stands; None for one that is not supported."""
        what = f"the message {key}"
        fields = Fields(
            self._specs, with_traits(self._specs, node, what, traits_win=self._version == 2), what
        )
        fields.ignore("title", "tags", "externalDocs", "messageId", "x-kafka-key")
        name = fields.text("name", "") or key
        place = fields.optional("name") or fields.node
        try:
            ClassName.of(name)
        except IllegalName as error:
            raise place.broken("illegal-name", f"{error}; rename the message") from None
        fields.what = what = f"the message {name}"
        description = fields.text("description", "")
        summary = fields.text("summary", "") or description
        examples = tuple(item.plain for item in fields.items("examples") if isinstance(item, MappingNode))
        correlation = self._correlation(fields)
        binding = read_key_schema(self._specs, fields)
        headers_node, payload_node = fields.optional("headers"), self._payload(fields)
        content_type = fields.text("contentType", self._content_type)
        fields.finish()
        if not is_json(content_type):
            sentence = f"{what} is {content_type}, and Accord reads and writes JSON alone"
            where = fields.optional("contentType") or fields.node
            fields.warn(where, "unsupported", f"{sentence}; say 'contentType: application/json'")
            return None
        if payload_node is None:
            return None
        payload = self._schemas.read(payload_node, self._class_name(name, "payload", payload_node))
        headers = self._headers(headers_node, name, fields)
        event_type, data = self._envelope(fields, payload, name)
        expression = self._expression(fields, payload, name, enveloped=data is not None)
        if data is not None and not isinstance(expression, KeyExpression):
            event_type, data = None, None
        key_schema = None
        if expression is None and binding is not None:
            key_schema = self._schemas.read(binding, self._class_name(name, "key", binding))
        return Draft(
            name,
            event_type,
            summary,
            payload,
            data,
            headers,
            self._json_headers(headers),
            headers is not None and any(member.required for member in self._members(headers).values()),
            expression or key_schema,
            correlation,
            examples,
            place.location,
        )

    def _payload(self, fields: Fields) -> Node | None:
        """The schema of the payload, in a format that can be read; any JSON where none is said."""
        node = fields.optional("payload")
        if node is None:
            fields.ignore("schemaFormat")
            return MappingNode(fields.node.file, f"{fields.node.pointer}/payload", fields.node.location, {})
        if self._version == 2:
            said = fields.text("schemaFormat", self._format)
            return self._readable(fields, node, said, fields.optional("schemaFormat") or node)
        return self._multi_format(fields, node)

    def _multi_format(self, fields: Fields, node: Node) -> Node | None:
        """AsyncAPI 3: a schema, or an object that holds one beside the name of its format."""
        resolved = self._specs.resolve(node)
        if not isinstance(resolved, MappingNode) or "schemaFormat" not in resolved.members:
            return node
        several = Fields(self._specs, resolved, f"a schema of {fields.what}")
        said = several.text("schemaFormat")
        schema = several.required("schema")
        several.finish()
        return self._readable(fields, schema, said, several.required("schemaFormat"))

    def _readable(self, fields: Fields, node: Node, said: str, place: Node) -> Node | None:
        if readable(said):
            return schema_in(node, said)
        sentence = f"{fields.what} has a schema in {said}, which Accord does not read, and is left out"
        fields.warn(place, "unsupported", f"{sentence}; write it as JSON Schema")
        return None

    def _headers(self, node: Node | None, name: str, fields: Fields) -> SchemaId | None:
        if node is None or (schema := self._multi_format(fields, node)) is None:
            return None
        headers = self._schemas.read(schema, self._class_name(name, "headers", schema))
        if "object" not in self._schemas.schemas.types(self._document(headers)):
            sentence = f"'headers' of {fields.what} are no object; describe each header under 'properties'"
            raise schema.broken("bad-shape", sentence)
        return headers

    def _json_headers(self, headers: SchemaId | None) -> tuple[str, ...]:
        """Headers that are never texts: their bytes are JSON."""
        members = self._members(headers) if headers is not None else {}
        types = {name: self._schemas.schemas.types(member.document) for name, member in members.items()}
        return tuple(name for name, found in types.items() if "string" not in found)

    def _correlation(self, fields: Fields) -> Expression | None:
        node = fields.optional("correlationId")
        if node is None:
            return None
        said = Fields(self._specs, node, f"'correlationId' of {fields.what}")
        said.ignore("description")
        location = read_location(said)
        said.finish()
        return location

    def _envelope(
        self, fields: Fields, payload: SchemaId, name: str
    ) -> tuple[str, SchemaId] | tuple[None, None]:
        """The event type and the data of a payload that is our envelope.

        It demands ``event_type``, a constant, and ``data``, and no more than envelopes have.
        """
        members = self._members(payload)
        required = {member for member, found in members.items() if found.required}
        if not {"event_type", "data"} <= required <= _ENVELOPE or self._closed(payload, members):
            return None, None
        said = members["event_type"].document
        values = [part["const"] for part in self._schemas.schemas.parts(said) if "const" in part]
        place = target_of(fields.required("payload")) or fields.required("payload")
        if values and values != [name]:
            sentence = f"{payload.name} says 'const: {values[0]}' for the event_type of {name}"
            raise place.broken("event-type", f"{sentence}; let both say the same")
        target = reference(members["data"].document)
        if not values or target is None:
            return None, None
        if self._schemas.schemas.kind(self._document(target)) is not Kind.CLASS:
            return None, None
        return name, target

    def _closed(self, payload: SchemaId, members: Mapping[str, Any]) -> bool:
        """Whether the payload forbids a member that our envelopes have."""
        parts = self._schemas.schemas.parts(self._document(payload))
        closed = any(part.get(each) is False for part in parts for each in _CLOSING)
        return closed and not members.keys() >= _ENVELOPE

    def _expression(
        self, fields: Fields, payload: SchemaId, name: str, *, enveloped: bool
    ) -> KeyExpression | None:
        node = fields.optional("x-kafka-key")
        if node is None:
            if enveloped:
                sentence = f"{fields.what} has no x-kafka-key, so its publisher takes any key, or none"
                remedy = "add one such as '{$message.payload#/data/author_id}'"
                fields.warn(fields.key("name"), "missing-key", f"{sentence}; {remedy}")
            return None
        text = fields.text("x-kafka-key")
        try:
            return read_key(text, self._schemas.schemas, self._schemas.schemas.by_id[payload])
        except ValueError as error:
            raise BrokenSpec.at(node.location, "bad-key-expression", f"the key of {name} {error}") from None

    def _members(self, id_: SchemaId) -> Mapping[str, Any]:
        return self._schemas.schemas.members(self._document(id_))

    def _document(self, id_: SchemaId) -> Any:
        return self._schemas.schemas.by_id[id_].document

    def _class_name(self, name: str, part: str, node: Node) -> str:
        """What a schema written in place is called: as its message or trait, if no other is called so."""
        own = SchemaId.of(node.file, node.pointer)
        taken = {s.class_name for s in self._schemas.schemas.by_id.values() if s.id != own}
        trait = _TRAIT.search(node.pointer)
        choices = [f"{name} {part}", f"{name} message {part}"]
        if trait is not None:
            choices = [trait[1] if part in trait[1].lower() else f"{trait[1]} {part}", *choices]
        elif part == "payload":
            choices = [name, *choices]
        try:
            return next((choice for choice in choices if ClassName.of(choice) not in taken), choices[-1])
        except IllegalName as error:
            raise node.broken("illegal-name", f"{error}; rename the trait") from None
