"""AsyncAPI 3.0: channels with the Kafka bindings, version 0.5.0."""

import re
from typing import Any

from accord.model.events import Topic
from accord.model.names import ConstantName, IllegalName
from accord.parsing.fields import Fields
from accord.parsing.references import Specs

__all__ = ["read_topic"]

_TOPIC = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,249}")
"""Legal names of a Kafka topic (org.apache.kafka.common.internals.Topic)."""


def read_topic(specs: Specs, channel: Fields) -> Topic:
    """Read a Channel Object; messages are read elsewhere."""
    channel.ignore("title", "summary", "description", "servers", "tags", "externalDocs", "messages")
    address = channel.text("address")
    place = channel.required("address")
    if channel.mapping("parameters") or "{" in address:
        sentence = f"'{address}' has parameters, which Accord does not support; write a channel for each"
        raise place.broken("unsupported", sentence)
    bindings = Fields(specs, channel.required("bindings"), f"'bindings' of {address}")
    kafka = Fields(specs, bindings.required("kafka"), f"the Kafka bindings of {address}")
    bindings.finish()
    kafka.ignore("bindingVersion")
    name = kafka.text("topic", address)
    partitions, replicas = kafka.integer("partitions", 1), kafka.integer("replicas", 1)
    for member, value in (("partitions", partitions), ("replicas", replicas)):
        if value < 1:
            raise kafka.required(member).broken(
                "bad-shape", f"'{member}' of {address} is {value}; it is 1 or more"
            )
    config = {key: _value(node.plain) for key, node in kafka.mapping("topicConfiguration").items()}
    kafka.finish()
    channel.finish()
    if not _TOPIC.fullmatch(name):
        sentence = f"'{name}' is no name of a topic; it is made of letters, digits, '.', '_' and '-'"
        raise (kafka.optional("topic") or place).broken("illegal-name", sentence)
    try:
        constant = ConstantName.of(name)
    except IllegalName as error:
        raise place.broken("illegal-name", f"{error}; rename the topic") from None
    return Topic(name, constant, partitions, replicas, config, channel.node.location)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(_value(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
