"""Holds records as they lie on Kafka against the AsyncAPI spec, by other means than the services use.

The schemas are read from the spec files themselves and followed through their references by jsonschema-rs; of
the generated code only the topics and the keys are taken.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema_rs
import yaml

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
        self._validators = {
            message["name"]: jsonschema_rs.Draft202012Validator(
                {"$ref": f"{spec.resolve().as_uri()}#/components/messages/{name}/payload"},
                validate_formats=True,
                retriever=_retrieve,
            )
            for name, message in _load(spec)["components"]["messages"].items()
        }

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
            envelope = json.loads(record.value or b"")
        except ValueError as error:
            yield f"the value is no JSON: {error}"
            return
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
