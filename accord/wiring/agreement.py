"""Whether the two ends of a wire agree: payload, headers, key, topic and envelope."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from accord.compatibility import Judgement, Mode, Verdict, judge
from accord.findings import Location
from accord.lint.remarks import Remark
from accord.model.bundles import bundle
from accord.model.events import KeyExpression, Topic
from accord.model.schemas import Schema, SchemaId
from accord.wiring.wires import End, key_of

__all__ = ["Agreement", "Disagreement"]

_NO_HEADERS = {"type": "object", "properties": {}, "additionalProperties": False}
"""What a sender writes whose spec names no headers."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What is wrong between two ends; the remark is placed at the reader's, ``other`` at the sender's."""

    remark: Remark
    other: Location
    witness: tuple[Any, ...] = ()
    refusal: str = ""


@dataclass
class Agreement:
    """Judges pairs of ends; each pair of schemas once."""

    schemas: Mapping[SchemaId, Schema]
    mode: Mode
    _judged: dict[tuple[SchemaId | None, SchemaId], Judgement] = field(default_factory=dict)

    def disagreements(self, sender: End, reader: End) -> Iterator[Disagreement]:
        """All that does not fit between the two."""
        sent, read = sender.message, reader.message
        yield from self._values(sender, reader, "payload", sent.payload, read.payload)
        if read.headers is not None:
            yield from self._values(sender, reader, "headers", sent.headers, read.headers)
        yield from self._keys(sender, reader)
        yield from _topics(sender, reader)
        if (sent.data is None) is not (read.data is None):
            one, other = (sender, reader) if read.data is None else (reader, sender)
            sentence = f"{other.service} describes {sent.event_type} without the envelope"
            yield _between(
                sender, reader, "envelope-disagrees", f"{sentence} that {one.service} has; describe it alike"
            )
        if sent.correlation != read.correlation and None not in (sent.correlation, read.correlation):
            sentence = (
                f"{reader.service} and {sender.service} look for the correlation id of {sent.event_type}"
            )
            yield _between(
                sender, reader, "envelope-disagrees", f"{sentence} in different places; name the same one"
            )

    def _values(
        self, sender: End, reader: End, what: str, written: SchemaId | None, read: SchemaId
    ) -> Iterator[Disagreement]:
        judgement = self._judge(written, read)
        event = sender.message.event_type
        if judgement.verdict is Verdict.UNPROVEN:
            sentence = f"nobody could prove that {reader.service} takes the {what} of every {event}"
            yield _between(
                sender, reader, "reader-unproven", f"{sentence} of {sender.service}: {judgement.reason}"
            )
        if judgement.witness is None:
            return
        refusal = f"{judgement.witness.pointer}: {judgement.witness.sentence}"
        sentence = f"{reader.service} refuses {what} of {event} that {sender.service} may send, at {refusal}"
        witness = (judgement.witness.value,)
        yield _between(sender, reader, "reader-refuses", f"{sentence}; widen the reader", witness, refusal)

    def _judge(self, written: SchemaId | None, read: SchemaId) -> Judgement:
        if written == read:
            return Judgement(Verdict.SAFE, "both are the same")
        if (written, read) not in self._judged:
            writer = _NO_HEADERS if written is None else bundle({"$ref": written}, self.schemas)
            self._judged[written, read] = judge(writer, bundle({"$ref": read}, self.schemas), self.mode)
        return self._judged[written, read]

    def _keys(self, sender: End, reader: End) -> Iterator[Disagreement]:
        sent, read = sender.message.key, reader.message.key
        if read is None:
            return
        event = sender.message.event_type
        if isinstance(sent, SchemaId) and isinstance(read, SchemaId):
            judgement = self._judge(sent, read)
            if judgement.witness is not None:
                witness = (judgement.witness.value,)
                sentence = f"{reader.service} refuses keys of {event} that {sender.service} may send"
                refusal = judgement.witness.sentence
                yield _between(
                    sender,
                    reader,
                    "key-disagrees",
                    f"{sentence}: {refusal}; widen the reader",
                    witness,
                    refusal,
                )
        elif sent is None or (
            isinstance(sent, KeyExpression) and isinstance(read, KeyExpression) and sent != read
        ):
            said = f"sends {event} under {key_of(sender.message) or 'no key that its spec names'}"
            sentence = f"{sender.service} {said}, and {reader.service} expects {key_of(reader.message)}"
            yield _between(sender, reader, "key-disagrees", f"{sentence}; say the same in both")


def _topics(sender: End, reader: End) -> Iterator[Disagreement]:
    sent, read = sender.message.topic, reader.message.topic
    numbers: tuple[tuple[str, Callable[[Topic], int | None]], ...] = (
        ("partitions", lambda topic: topic.partitions),
        ("replicas", lambda topic: topic.replicas),
    )
    differing = [
        f"{name} {one} and {other}"
        for name, of in numbers
        if (one := of(sent)) != (other := of(read)) and None not in (one, other)
    ]
    differing += [
        f"{name} {sent.config[name]} and {read.config[name]}"
        for name in sorted(sent.config.keys() & read.config.keys())
        if sent.config[name] != read.config[name]
    ]
    if differing:
        sentence = (
            f"{sender.service} and {reader.service} describe {sent.name} differently: {', '.join(differing)}"
        )
        remark = Remark(
            read.location, "topic-disagrees", f"{sentence}; let one refer to the other", _at(reader)
        )
        yield Disagreement(remark, sent.location)


def _between(
    sender: End, reader: End, rule: str, sentence: str, witness: tuple[Any, ...] = (), refusal: str = ""
) -> Disagreement:
    remark = Remark(reader.message.location, rule, sentence, _at(reader))
    return Disagreement(remark, sender.message.location, witness, refusal)


def _at(end: End) -> str:
    return f"{end.service}/{end.message.event_type}"
