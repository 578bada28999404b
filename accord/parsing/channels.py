"""Channels of AsyncAPI as topics of Kafka."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from accord.model.events import Topic
from accord.model.names import ConstantName, IllegalName
from accord.parsing.fields import Fields
from accord.parsing.kafka_bindings import ChannelBinding, read_channel_binding
from accord.parsing.nodes import Node
from accord.parsing.references import Specs
from accord.parsing.schemas import SchemaReader
from accord.parsing.topic_parameters import names_in, read_parameters, unknown_address

__all__ = ["ChannelNode", "read_topics"]

_TOPIC = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,249}")
"""Legal names of a Kafka topic (org.apache.kafka.common.internals.Topic)."""

_UNKNOWN = "{address}"
"""Stands for an address that is known at run time only."""


@dataclass(frozen=True, slots=True, eq=False)
class ChannelNode:
    """A channel of either version of AsyncAPI; ``id`` is its name, which is its address in AsyncAPI 2.

    ``messages`` are those that it carries, by their names if they have one there.
    """

    id: str
    fields: Fields
    address: str | None
    place: Node
    messages: Mapping[str, Node] = field(default_factory=dict)


def read_topics(specs: Specs, schemas: SchemaReader, channels: list[ChannelNode]) -> dict[ChannelNode, Topic]:
    """The topic of each channel; channels of one address are one topic. Raises `BrokenSpec`."""
    bindings = {channel: read_channel_binding(specs, channel.fields) for channel in channels}
    names = {channel: _name(channel, bindings[channel]) for channel in channels}
    constants = _constants(names)
    found: dict[ChannelNode, Topic] = {}
    by_name: dict[str, Topic] = {}
    # What a binding describes stands for the channels of the same address that say nothing.
    for channel in sorted(channels, key=lambda channel: bindings[channel] is None):
        name = names[channel]
        topic = _topic(specs, schemas, channel, name, bindings[channel], constants[channel])
        if not topic.legal and name not in by_name:
            _warn(channel, name)
        known = by_name.setdefault(name, topic) if name != _UNKNOWN else topic
        if bindings[channel] is not None and _described(known) != _described(topic):
            sentence = f"{name} is described differently at {known.location}; let both say the same"
            raise channel.fields.node.broken("two-descriptions", sentence)
        found[channel] = known
    _refuse_clashes(found)
    return found


def _refuse_clashes(found: Mapping[ChannelNode, Topic]) -> None:
    owners: dict[str, Topic] = {}
    for channel, topic in found.items():
        other = owners.setdefault(topic.constant, topic)
        if other.name != topic.name or (topic.name == _UNKNOWN and other is not topic):
            sentence = f"{topic.name} and {other.name} ({other.location}) would both be {topic.constant}"
            raise channel.place.broken("name-clash", f"{sentence}; rename one")


def _name(channel: ChannelNode, binding: ChannelBinding | None) -> str:
    said = binding.topic if binding is not None else None
    return said or channel.address or _UNKNOWN


def _constants(names: Mapping[ChannelNode, str]) -> dict[ChannelNode, ConstantName]:
    """Topics are called by their names; what is no plain name by its channel's, if it has one channel."""
    called: dict[ChannelNode, str] = {}
    for channel, name in names.items():
        alone = list(names.values()).count(name) == 1 or name == _UNKNOWN
        plain = _is_legal(name) and not names_in(name)
        called[channel] = name if plain or not alone else channel.id
        try:
            ConstantName.of(called[channel])
        except IllegalName as error:
            raise channel.place.broken("illegal-name", f"{error}; rename the topic") from None
    made = ConstantName.distinct(called.values())
    return {channel: made[text] for channel, text in called.items()}


def _topic(
    specs: Specs,
    schemas: SchemaReader,
    channel: ChannelNode,
    name: str,
    binding: ChannelBinding | None,
    constant: ConstantName,
) -> Topic:
    unknown = channel.address is None and name == _UNKNOWN
    others = names_in(channel.address or "")
    read = read_parameters(specs, schemas, channel.fields, name, others) if not unknown else ()
    parameters = read or ((unknown_address(),) if unknown else ())
    legal = _is_legal(name)
    if not legal and binding is not None:
        raise (binding.place or channel.place).broken("illegal-name", _no_topic(name))
    said = binding or ChannelBinding()
    where = channel.fields.node.location
    return Topic(name, constant, said.partitions, said.replicas, said.config, where, parameters, legal)


def _warn(channel: ChannelNode, name: str) -> None:
    remedy = "say another with 'bindings.kafka.topic', or publish over another broker"
    channel.fields.warn(channel.place, "foreign-address", f"{_no_topic(name)}; {remedy}")


def _no_topic(name: str) -> str:
    return f"'{name}' is no name of a topic; it is made of letters, digits, '.', '_' and '-'"


def _is_legal(name: str) -> bool:
    for parameter in names_in(name):
        name = name.replace(f"{{{parameter}}}", "x")
    return _TOPIC.fullmatch(name) is not None


def _described(topic: Topic) -> tuple[object, ...]:
    return topic.partitions, topic.replicas, dict(topic.config)
