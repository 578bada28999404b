"""Messages on Kafka: keys, envelopes, topics, and enumerations that will grow."""

from collections.abc import Iterator

from accord.lint.events import Message, is_compacted, is_kafka, schema
from accord.lint.inspection import Inspection
from accord.lint.meaning import listed, parts
from accord.lint.remarks import Remark, on_key
from accord.lint.schemas import Use
from accord.lint.sources import Sources
from accord.parsing.nodes import MappingNode, ScalarNode

__all__ = ["check"]

_PLANS = ("x-extensible-enum", "x-enum-fallback", "x-closed-enum")


def check(inspection: Inspection) -> Iterator[Remark]:
    """All of it."""
    sources = inspection.sources
    for channel in inspection.channels:
        if (
            is_kafka(sources, channel)
            and sources.get(channel.node, "bindings", "kafka", "partitions") is None
        ):
            sentence = f"nothing says how many partitions the topic of '{channel.name}' has"
            yield on_key(
                channel.owner,
                channel.name,
                "partitions-unsaid",
                f"{sentence}; add 'bindings.kafka.partitions'",
            )
    for message in inspection.messages:
        yield from _key(sources, message)
    yield from _envelopes(inspection)
    yield from _enumerations(inspection)


def _key(sources: Sources, message: Message) -> Iterator[Remark]:
    channel = message.channel
    keyed = "x-kafka-key" in message.node.members or sources.get(message.node, "bindings", "kafka", "key")
    if keyed or not is_kafka(sources, channel):
        return
    if is_compacted(sources, channel):
        sentence = f"'{message.name}' has no key, and the topic of '{channel.name}' is compacted"
        yield message.remark("compacted-without-key", f"{sentence}: Kafka refuses such records; add a key")
    else:
        sentence = f"'{message.name}' has no key, so Kafka keeps no order among its records"
        yield message.remark("message-without-key", f"{sentence}; add 'bindings.kafka.key'")


def _envelopes(inspection: Inspection) -> Iterator[Remark]:
    """What has half of the envelope is meant to have it; where one event has all of it, each is."""
    found = [(message, _members(inspection.sources, message)) for message in inspection.messages]
    envelope = inspection.envelope
    everywhere = any(members.issuperset(envelope) for _, members in found)
    for message, members in found:
        missing = [name for name in envelope if name not in members]
        meant = everywhere or 2 * len(missing) <= len(envelope)
        if members and missing and meant:
            sentence = f"'{message.name}' carries no {' and no '.join(missing)}"
            yield message.remark("envelope-member-missing", f"{sentence}; add it, as other events have it")


def _members(sources: Sources, message: Message) -> set[str]:
    payload = schema(sources, message, "payload")
    found = [each.node for each in parts(sources, payload)] if payload is not None else []
    properties = [node.members.get("properties") for node in found]
    return {name for node in properties if isinstance(node, MappingNode) for name in node.members}


def _enumerations(inspection: Inspection) -> Iterator[Remark]:
    for place in inspection.schemas.places:
        values = [
            v for v in listed(place.node, "enum") if isinstance(v, ScalarNode) and isinstance(v.value, str)
        ]
        if place.use & Use.PAYLOAD and len(values) > 1 and place.node.members.keys().isdisjoint(_PLANS):
            sentence = "readers refuse each value that is added to this list later; say 'x-extensible-enum', "
            sentence += "or name a value for unknown ones in 'x-enum-fallback'"
            yield on_key(place.node, "enum", "enum-without-plan", sentence)
