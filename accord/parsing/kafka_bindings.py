"""The Kafka bindings of channels, operations and messages, version 0.5.0."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from accord.parsing.fields import Fields
from accord.parsing.nodes import Node, ScalarNode, SequenceNode
from accord.parsing.references import Specs

__all__ = ["ChannelBinding", "fixed_text", "kafka_binding", "read_channel_binding", "read_key_schema"]


@dataclass(frozen=True, slots=True)
class ChannelBinding:
    """What a channel says for Kafka; ``place`` is the member with the topic's name."""

    topic: str | None = None
    place: Node | None = None
    partitions: int | None = None
    replicas: int | None = None
    config: Mapping[str, str] = field(default_factory=dict)


def kafka_binding(specs: Specs, owner: Fields) -> Fields | None:
    """The member ``kafka`` of the bindings of ``owner``, if there is one."""
    node = owner.optional("bindings")
    if node is None:
        return None
    bindings = Fields(specs, node, f"'bindings' of {owner.what}")
    found = bindings.optional("kafka")
    if found is None:
        return None
    kafka = Fields(specs, found, f"the Kafka bindings of {owner.what}")
    kafka.ignore("bindingVersion")
    return kafka


def read_channel_binding(specs: Specs, channel: Fields) -> ChannelBinding | None:
    """None for a channel without Kafka bindings; raises `BrokenSpec`."""
    kafka = kafka_binding(specs, channel)
    if kafka is None:
        return None
    topic = kafka.text("topic") if kafka.optional("topic") is not None else None
    counts = {name: _count(kafka, name, channel.what) for name in ("partitions", "replicas")}
    config = {key: _value(node.plain) for key, node in kafka.mapping("topicConfiguration").items()}
    kafka.finish()
    return ChannelBinding(topic, kafka.optional("topic"), config=config, **counts)


def read_key_schema(specs: Specs, message: Fields) -> Node | None:
    """The schema of the keys of a message, if it has one."""
    kafka = kafka_binding(specs, message)
    if kafka is None:
        return None
    kafka.unsupported(
        schemaIdLocation="the value of a record is its JSON alone, without the id of a registry",
        schemaIdPayloadEncoding="the value of a record is its JSON alone, without the id of a registry",
    )
    kafka.ignore("schemaLookupStrategy")
    key = kafka.optional("key")
    kafka.finish()
    return key


def fixed_text(specs: Specs, binding: Fields, name: str) -> str | None:
    """The only text that the schema ``name`` admits, say of a ``groupId``; None if it leaves a choice."""
    node = binding.optional(name)
    if node is None:
        return None
    if isinstance(node, ScalarNode) and isinstance(node.value, str):
        return node.value  # a text before version 0.2.0 of the bindings
    schema = Fields(specs, node, f"'{name}' of {binding.what}")
    const, enum = schema.optional("const"), schema.optional("enum")
    items = enum.items if isinstance(enum, SequenceNode) else ()
    chosen = const if const is not None else items[0] if len(items) == 1 else None
    return chosen.value if isinstance(chosen, ScalarNode) and isinstance(chosen.value, str) else None


def _count(kafka: Fields, name: str, what: str) -> int | None:
    if kafka.optional(name) is None:
        return None
    value = kafka.integer(name, 1)
    if value < 1:
        raise kafka.required(name).broken("bad-shape", f"'{name}' of {what} is {value}; it is 1 or more")
    return value


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(_value(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
