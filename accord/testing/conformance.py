"""Holds records as they lie on Kafka against the AsyncAPI spec, by other means than the services use.

The schemas are read from the spec files themselves and followed through their references by jsonschema-rs; of
the generated code only the topics, the keys and the headers are taken.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

import jsonschema_rs
import yaml

from accord.boundary import ContractViolation
from accord.bus.contract import EventContract
from accord.bus.messages import Record

__all__ = ["Conformance"]

ENVELOPE = {"event_type", "event_id", "timestamp", "correlation_id", "data"}
REPEATED = ("event_type", "event_id", "correlation_id")
"""What the Kafka headers say again."""


class Conformance:
    """Judges the events that one service sends: ``contracts`` is what it generated from the file ``spec``."""

    def __init__(self, contracts: Mapping[str, EventContract[Any]], spec: Path) -> None:
        self._contracts = contracts
        uris = dict(_payloads(spec.resolve().as_uri(), _load(spec)))
        self._validators = {name: _validator(name, uris) for name in contracts}

    @property
    def topics(self) -> frozenset[str]:
        """Where the service sends to."""
        return frozenset(contract.topic.name for contract in self._contracts.values())

    def violations(self, records: Iterable[Record]) -> list[str]:
        """Return a sentence for everything that is wrong with these records; none if all is well."""
        return [
            f"{record.topic}@{record.partition}:{record.offset}: {complaint}"
            for record in records
            for complaint in self._complaints(record)
        ]

    def check(self, records: Iterable[Record]) -> None:
        """Raise `AssertionError` that lists all `violations`."""
        violations = self.violations(records)
        assert not violations, "records break the contract:\n" + "\n".join(violations)

    def _complaints(self, record: Record) -> Iterator[str]:
        try:
            value = json.loads(record.value or b"")
        except ValueError as error:
            yield f"the value is no JSON: {error}"
            return
        every = [contract for contract in self._contracts.values() if contract.topic.matches(record.topic)]
        carried = [contract for contract in every if not contract.topic.unknown] or every
        if carried and not any(map(_has_envelope, carried)):
            yield from self._of_messages(record, value, carried)
        else:
            yield from self._of_events(record, value)

    def _of_messages(
        self, record: Record, value: Any, carried: Iterable[EventContract[Any]]
    ) -> Iterator[str]:
        """A message without our envelope is one of those that the channel carries, with key and headers."""
        refusals = []
        for contract in carried:
            found = next(self._validators[contract.event_type].iter_errors(value), None)
            if found is not None:
                refusals.append(
                    f"{contract.event_type}: {'/'.join(map(str, found.instance_path))}: {found.message}"
                )
                continue
            try:
                contract.check_around(record, value)
                contract.topic.values(record.topic)
            except ContractViolation as violation:
                refusals.append(f"{contract.event_type}: {violation}")
            else:
                return
        yield f"it is no message of {record.topic}: {'; '.join(refusals)}"

    def _of_events(self, record: Record, envelope: Any) -> Iterator[str]:
        if not isinstance(envelope, dict) or set(envelope) != ENVELOPE:
            members = sorted(envelope) if isinstance(envelope, dict) else type(envelope).__name__
            yield f"the envelope has not exactly its five members, but {members}"
            return
        contract = self._contracts.get(str(envelope["event_type"]))
        if contract is None:
            yield f"the service sends no {envelope['event_type']!r}"
            return
        broken = [
            f"{'/'.join(map(str, error.instance_path))}: {error.message}"
            for error in self._validators[contract.event_type].iter_errors(envelope)
        ]
        yield from broken
        if not broken:
            yield from _misplacements(record, envelope, contract)


def _has_envelope(contract: EventContract[Any]) -> bool:
    return {"event_type", "data"} <= getattr(contract.payload.model, "model_fields", {}).keys()


def _validator(name: str, uris: Mapping[str, str | None]) -> jsonschema_rs.Draft202012Validator:
    """That of the payload; where names are alike, the generated one has the channel's behind it.

    Raises KeyError for a message that the spec does not have.
    """
    uri = uris[name] if name in uris else uris[name.partition(".")[0]]
    schema = {} if uri is None else {"$ref": uri}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, retriever=_retrieve)


def _payloads(base: str, document: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """The URI of each payload, None for any JSON, by the names of its message, also with the channel."""
    uri: str | None
    for key, message in document.get("components", {}).get("messages", {}).items():
        uri = _payload(f"{base}#/components/messages/{_escaped(key)}", message)
        yield key, uri
        yield message.get("name", key), uri
    for path, channel in document.get("channels", {}).items():
        for key, message, place in _carried(channel):
            if "$ref" in message:
                uri = f"{urljoin(base, message['$ref'])}/payload"
            else:
                uri = _payload(f"{base}#/channels/{_escaped(path)}{place}", message)
            for name in {key, message.get("name", key), message.get("messageId", key)}:
                yield f"{name}.{path}", uri
                yield name, uri


def _carried(channel: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """The messages of a channel of AsyncAPI 3 or 2, each with a name and its place in the channel."""
    for key, message in channel.get("messages", {}).items():
        yield key, message, f"/messages/{_escaped(key)}"
    for side in {"publish", "subscribe"} & channel.keys():
        operation = channel[side]
        message = operation.get("message", {})
        several = message.get("oneOf")
        for number, one in enumerate([message] if several is None else several):
            place = f"/{side}/message" + ("" if several is None else f"/oneOf/{number}")
            named = one.get("$ref", "").rpartition("/")[2] or operation.get("operationId", side)
            yield named, one, place


def _payload(uri: str, message: Mapping[str, Any]) -> str | None:
    if "payload" not in message:
        return None
    several = "schemaFormat" in message["payload"]
    return f"{uri}/payload/schema" if several else f"{uri}/payload"


def _escaped(token: str) -> str:
    return quote(token.replace("~", "~0").replace("/", "~1"), safe="")


def _misplacements(
    record: Record, envelope: Mapping[str, Any], contract: EventContract[Any]
) -> Iterator[str]:
    """Judge where a valid envelope lies, and what is written around it."""
    if record.topic != contract.topic.name:
        yield f"{contract.event_type} belongs to {contract.topic.name}"
    if not 0 <= record.partition < (contract.topic.partitions or record.partition + 1):
        yield f"{contract.topic.name} has {contract.topic.partitions} partitions"
    key = contract.computed_key(envelope)
    if key is not None and record.key != key.encode():
        yield f"the key is {record.key!r} instead of {key.encode()!r}"
    if not envelope["timestamp"].endswith(("Z", "+00:00")):
        yield f"the timestamp {envelope['timestamp']} is not in UTC"
    if envelope["event_id"][14] != "4":
        yield f"the event_id {envelope['event_id']} is no UUID of version 4"
    for name in REPEATED:
        values = [value for header, value in record.headers if header == name]
        if values != [envelope[name].encode()]:
            yield f"the header {name} is {values!r} instead of {envelope[name]!r}"


@lru_cache
def _retrieve(uri: str) -> Any:
    return _load(Path(unquote(urlsplit(uri).path)))


def _load(spec: Path) -> Any:
    # The loader in C, where the wheel has it: these files are read again for every message.
    return yaml.load(spec.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
