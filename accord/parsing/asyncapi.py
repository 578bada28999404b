"""AsyncAPI 3.0: the messages that a service sends and receives, and the topics that carry them."""

import re
from dataclasses import dataclass

from accord.findings import Problems
from accord.model.events import Message, Topic
from accord.parsing.channels import read_topic
from accord.parsing.event_messages import read_message
from accord.parsing.fields import Fields
from accord.parsing.nodes import Node
from accord.parsing.references import Specs, target_of
from accord.parsing.schemas import SchemaReader

__all__ = ["EventApi", "read_asyncapi"]

_VERSION = re.compile(r"3\.0\.[0-9]+")


@dataclass(frozen=True, slots=True)
class EventApi:
    """What one AsyncAPI document says."""

    title: str
    sends: tuple[Message, ...]
    receives: tuple[Message, ...]
    keeps: tuple[Topic, ...] = ()
    """Channels without messages: topics that a service needs for what is no event, such as dead letters."""


def read_asyncapi(specs: Specs, schemas: SchemaReader, file: str) -> EventApi:
    """Read the document ``file``; raises `BrokenSpec` with everything that is wrong in it."""
    document = Fields(specs, specs.root(file), "the document")
    if "asyncapi" not in document.node.members:
        raise document.node.broken("unknown-version", "names no version; begin with 'asyncapi: 3.0.0'")
    version = document.text("asyncapi")
    if not _VERSION.fullmatch(version):
        sentence = (
            f"is AsyncAPI {version}; Accord reads 3.0.x, so convert the document and say 'asyncapi: 3.0.0'"
        )
        raise document.required("asyncapi").broken("unknown-version", sentence)
    document.ignore("id", "servers", "components")
    info = Fields(specs, document.required("info"), "'info'")
    title = info.text("title")
    if document.text("defaultContentType", "application/json") != "application/json":
        sentence = "is no JSON; Accord sends and receives application/json"
        raise document.required("defaultContentType").broken("unsupported", sentence)
    channels = document.mapping("channels")
    operations = document.mapping("operations")
    document.finish()
    reader = _OperationReader(specs, schemas)
    problems = Problems()
    for name, node in operations.items():
        with problems.gathering():
            reader.read(name, node, problems)
    keeps: list[Topic] = []
    for name, node in channels.items():
        with problems.gathering():
            keeps += reader.read_unused(Fields(specs, node, f"the channel {name}"))
    problems.raise_if_any()
    sends, receives = reader.found["send"], reader.found["receive"]
    return EventApi(title, tuple(sends.values()), tuple(receives.values()), tuple(keeps))


class _OperationReader:
    def __init__(self, specs: Specs, schemas: SchemaReader) -> None:
        self._specs, self._schemas = specs, schemas
        self._topics: dict[Node, Topic] = {}
        self.found: dict[str, dict[str, Message]] = {"send": {}, "receive": {}}

    def read(self, name: str, node: Node, problems: Problems) -> None:
        fields = Fields(self._specs, node, f"the operation {name}")
        fields.ignore("title", "summary", "description", "tags", "externalDocs")
        fields.unsupported(
            reply="answer requests over HTTP, or send another event",
            traits="write the members into the operation",
            bindings="the consumer's group is a setting of the service",
            security="brokers are secured by the settings of the service",
        )
        action = fields.text("action")
        if action not in self.found:
            sentence = f"{fields.what} has the action '{action}'; it is 'send' or 'receive'"
            raise fields.required("action").broken("bad-action", sentence)
        channel = Fields(self._specs, fields.required("channel"), f"the channel of {name}")
        if channel.node not in self._topics:
            self._topics[channel.node] = read_topic(self._specs, channel)
        carried = {self._specs.resolve(message): message for message in channel.mapping("messages").values()}
        chosen = fields.items("messages") if fields.optional("messages") else tuple(carried.values())
        fields.finish()
        for message in chosen:
            with problems.gathering():
                self._message(name, action, channel, carried, message)

    def read_unused(self, channel: Fields) -> list[Topic]:
        """The topic of a channel without messages, unless an operation has read it."""
        if channel.node in self._topics or channel.mapping("messages"):
            return []
        return [read_topic(self._specs, channel)]

    def _message(
        self, name: str, action: str, channel: Fields, carried: dict[Node, Node], node: Node
    ) -> None:
        resolved = self._specs.resolve(node)
        if resolved not in carried:
            place = target_of(node) or node
            sentence = (
                f"the operation {name} names a message that {channel.what} does not carry; add it there"
            )
            raise place.broken("foreign-message", sentence)
        message = read_message(self._specs, self._schemas, resolved, self._topics[channel.node])
        other = self.found[action].get(message.event_type)
        if other is not None:
            sentence = (
                f"{message.event_type} is {_PAST[action]} already ({other.location}); rename one of the two"
            )
            raise resolved.broken("duplicate-event", sentence)
        self.found[action][message.event_type] = message


_PAST = {"send": "sent", "receive": "received"}
