"""AsyncAPI 2 and 3: the messages that a service sends and receives, and the topics that carry them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from accord.findings import Problems
from accord.model.events import Channel, Message, Reply, Topic
from accord.parsing.asyncapi2 import Reader2
from accord.parsing.asyncapi3 import Reader3
from accord.parsing.channels import ChannelNode, read_topics
from accord.parsing.event_messages import Draft, MessageReader
from accord.parsing.fields import Fields
from accord.parsing.formats import DEFAULT_CONTENT_TYPE
from accord.parsing.marks import find_marks
from accord.parsing.message_names import Named, Nameless, name_messages, topic_constant
from accord.parsing.nodes import Node
from accord.parsing.operations import OperationNode
from accord.parsing.references import Specs
from accord.parsing.schemas import SchemaReader

__all__ = ["EventApi", "read_asyncapi"]

_VERSION = re.compile(r"(2\.[0-6]|3\.[01])\.[0-9]+(-.*)?")


@dataclass(frozen=True, slots=True)
class EventApi:
    """What one AsyncAPI document says; ``keeps`` are topics for what is no event, such as dead letters.

    ``channels`` are those that are read and in which no envelope of ours tells the messages apart.
    ``group_ids`` and ``client_ids`` are those that the Kafka bindings fix, by operation.
    """

    title: str
    sends: tuple[Message, ...] = ()
    receives: tuple[Message, ...] = ()
    keeps: tuple[Topic, ...] = ()
    channels: tuple[Channel, ...] = ()
    group_ids: Mapping[str, str] = field(default_factory=dict)
    client_ids: Mapping[str, str] = field(default_factory=dict)


def read_asyncapi(specs: Specs, schemas: SchemaReader, file: str) -> EventApi:
    """Read the document ``file``; raises `BrokenSpec` with everything that is wrong in it."""
    document = Fields(specs, specs.root(file), "the document")
    if "asyncapi" not in document.node.members:
        raise document.node.broken("unknown-version", "names no version; begin with 'asyncapi: 3.0.0'")
    version = document.text("asyncapi")
    if not _VERSION.fullmatch(version):
        sentence = f"is AsyncAPI {version}; Accord reads 2.0 to 2.6, 3.0 and 3.1, so convert the document"
        raise document.required("asyncapi").broken("unknown-version", sentence)
    document.ignore("id", "servers", "components", "tags", "externalDocs")
    title = Fields(specs, document.required("info"), "'info'").text("title")
    content_type = document.text("defaultContentType", DEFAULT_CONTENT_TYPE)
    document.mapping("channels")
    problems = Problems()
    major = int(version[0])
    reader: Reader2 | Reader3
    if major == 2:
        reader = Reader2(specs, document, problems)
    else:
        document.mapping("operations")
        reader = Reader3(specs, document, problems)
    document.finish()
    problems.raise_if_any()
    assembly = _Assembly(specs, schemas, MessageReader(specs, schemas, content_type, major), reader.channels)
    return assembly.api(title, reader.operations)


class _Assembly:
    """Puts the messages of all operations together."""

    def __init__(
        self, specs: Specs, schemas: SchemaReader, reader: MessageReader, channels: list[ChannelNode]
    ) -> None:
        self._specs, self._schemas, self._reader = specs, schemas, reader
        self._channels = channels
        self._topics = read_topics(specs, schemas, channels)
        self._found: dict[tuple[ChannelNode, Node], Message] = {}

    def api(self, title: str, operations: list[OperationNode]) -> EventApi:
        used = [operation.channel for operation in operations]
        used += [operation.reply.channel for operation in operations if operation.reply]
        self._read([channel for channel in self._channels if channel in used])
        sends: list[Message] = []
        receives: list[Message] = []
        for operation in operations:
            found = self._of(operation.channel, operation.messages)
            answers = self._of(operation.reply.channel, operation.reply.messages) if operation.reply else []
            if operation.sends:
                sends += found
                receives += answers
            else:
                receives += [self._answered(message, operation, answers) for message in found]
                sends += answers
        receives = _once(receives)
        return EventApi(
            title,
            tuple(_once(sends)),
            tuple(receives),
            tuple(self._topics[each] for each in self._channels if not each.messages),
            self._read_from(receives),
            {each.id: each.group_id for each in operations if each.group_id is not None},
            {each.id: each.client_id for each in operations if each.client_id is not None},
        )

    def _read(self, channels: list[ChannelNode]) -> None:
        """All messages of these channels, named and told apart."""
        problems = Problems()
        nameless: dict[tuple[ChannelNode, Node], Nameless] = {}
        for channel in channels:
            for key, node in channel.messages.items():
                with problems.gathering():
                    draft = self._reader.read(node, key)
                    if draft is not None:
                        nameless[channel, node] = Nameless(draft, key, channel.id)
        problems.raise_if_any()
        named = name_messages(list(nameless.values()))
        self._topics = {
            channel: replace(topic, constant=topic_constant(topic.constant, named))
            for channel, topic in self._topics.items()
        }
        for (channel, node), message in nameless.items():
            self._found[channel, node] = _message(message.draft, named[message], self._topics[channel])
        for carried in self._carried().values():
            self._mark(carried)

    def _read_from(self, receives: list[Message]) -> tuple[Channel, ...]:
        """The topics that are read and need a reader, those first that match the fewest names.

        Where a topic has parameters, and so may match any name, those with our envelope need one as well.
        """
        names = {message.topic.name for message in receives}
        patterns = any(message.topic.parameters for message in receives)
        channels = [
            Channel(self._found[several[0]].topic, tuple(self._found[where] for where in several))
            for name, several in self._carried(enveloped=patterns).items()
            if name in names
        ]
        return tuple(sorted(channels, key=lambda channel: channel.topic.vagueness))

    def _carried(self, *, enveloped: bool = False) -> dict[str, list[tuple[ChannelNode, Node]]]:
        """What each topic carries that has more than events in our envelope, or ``enveloped`` too."""
        found: dict[str, list[tuple[ChannelNode, Node]]] = {}
        for where, message in self._found.items():
            found.setdefault(message.topic.name, []).append(where)
        return {
            name: several
            for name, several in found.items()
            if enveloped or any(self._found[where].data is None for where in several)
        }

    def _mark(self, carried: list[tuple[ChannelNode, Node]]) -> None:
        shapes = [(self._found[where].payload, self._found[where].headers) for where in carried]
        for where, mark in zip(carried, find_marks(self._schemas.schemas, shapes) or (), strict=False):
            self._found[where] = replace(self._found[where], mark=mark)

    def _of(self, channel: ChannelNode, nodes: Iterable[Node]) -> list[Message]:
        return [self._found[channel, node] for node in nodes if (channel, node) in self._found]

    def _answered(self, message: Message, operation: OperationNode, answers: list[Message]) -> Message:
        reply = operation.reply
        if reply is None or not answers:
            return message
        if reply.address is None:
            known = {parameter.name for parameter in message.topic.parameters}
            for parameter in answers[0].topic.parameters:
                if parameter.source is None and parameter.name not in known:
                    sentence = f"the reply of {operation.id} goes to {answers[0].topic.name}, and the request"
                    remedy = f"does not say '{parameter.name}'; add 'location' to the parameter"
                    reply.channel.fields.warn(reply.place, "unsupported", f"{sentence} {remedy}")
                    return message
        return replace(message, reply=Reply(tuple(answers), reply.address))


def _message(draft: Draft, name: Named, topic: Topic) -> Message:
    # Events in our envelope are published without parameters: such a topic takes messages of any shape.
    free = any(parameter.source is None for parameter in topic.parameters)
    return Message(
        name.event_type,
        name.method,
        name.constant,
        draft.summary,
        topic,
        draft.payload,
        None if free else draft.data,
        draft.headers,
        draft.key,
        draft.place,
        draft.json_headers,
        draft.headers_required,
        draft.correlation,
        examples=draft.examples,
    )


def _once(messages: Iterable[Message]) -> list[Message]:
    """Each message once, with its reply if one of the operations that receive it has one."""
    found: dict[str, Message] = {}
    for message in messages:
        known = found.setdefault(message.event_type, message)
        if known.reply is None and message.reply is not None:
            found[message.event_type] = message
    return list(found.values())
