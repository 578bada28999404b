"""AsyncAPI documents of either version as the checks walk through them: channels and their messages."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from accord.lint.remarks import Remark, on_key
from accord.lint.sources import Sources
from accord.parsing.formats import readable, schema_in
from accord.parsing.nodes import MappingNode, Node
from accord.parsing.traits import with_traits

__all__ = ["Channel", "Message", "channels", "is_compacted", "is_kafka", "messages", "schema"]


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of a document; ``owner`` holds it under ``name``."""

    document: MappingNode
    owner: MappingNode
    name: str
    node: MappingNode


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a channel, by its name; ``node`` has what its traits say merged into it."""

    channel: Channel
    name: str
    node: MappingNode

    def remark(self, rule: str, sentence: str, key: str = "name") -> Remark:
        """About the message, at a member of it."""
        return on_key(self.node, key, rule, sentence)


def channels(sources: Sources) -> Iterator[Channel]:
    """Every channel of every document."""
    for document in sources.asyncapi:
        for owner, name, node in sources.entries(document, "channels"):
            yield Channel(document, owner, name, node)


def messages(sources: Sources, found: Iterable[Channel]) -> Iterator[Message]:
    """What the channels carry; in AsyncAPI 2 an operation names a message, or several in ``oneOf``."""
    for channel in found:
        for _, name, node in sources.entries(channel.node, "messages"):
            yield _message(sources, channel, name, node)
        for action in ("publish", "subscribe"):
            named = sources.object(channel.node, action, "message")
            for each in [named, *map(sources.object, sources.items(named, "oneOf"))]:
                if each is not None and "oneOf" not in each.members:
                    yield _message(sources, channel, channel.name, each)


def _message(sources: Sources, channel: Channel, name: str, node: MappingNode) -> Message:
    second = sources.text(channel.document, "asyncapi").startswith("2")
    whole = with_traits(sources.specs, node, f"the message {name}", traits_win=second)
    return Message(channel, sources.text(whole, "name") or name, whole)


def schema(sources: Sources, message: Message, name: str) -> Node | None:
    """The JSON Schema of ``payload`` or ``headers`` as it stands; None where it is of another language."""
    found = message.node.members.get(name)
    form = sources.text(message.node, "schemaFormat") if name == "payload" else ""
    written = sources.object(found)
    if written is not None and "schemaFormat" in written.members:
        form, found = sources.text(written, "schemaFormat"), written.members.get("schema")
    if found is None or (form and not readable(form)):
        return None
    return schema_in(found, form) if form else found


def is_kafka(sources: Sources, channel: Channel) -> bool:
    """Whether Kafka carries the channel: its bindings say so, or a server of the document does."""
    if sources.object(channel.node, "bindings", "kafka") is not None:
        return True
    servers = [node for _, _, node in sources.entries(channel.document, "servers")]
    return any(sources.text(server, "protocol").startswith("kafka") for server in servers)


def is_compacted(sources: Sources, channel: Channel) -> bool:
    """Whether Kafka keeps the last record of each key (KIP-58)."""
    path = ("bindings", "kafka", "topicConfiguration", "cleanup.policy")
    policies = [sources.text(item) for item in sources.items(channel.node, *path)]
    return "compact" in (policies or sources.text(channel.node, *path).split(","))
