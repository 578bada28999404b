"""Records are held against the AsyncAPI spec."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accord.bus.messages import Record
from accord.testing.conformance import Conformance
from generated.authors.channels import SENDS

EVENT_ID = "1c9d9b52-70c3-4f0e-8d53-6b7f2f0e1a01"
HEADERS = (("event_type", b"author.created"), ("event_id", EVENT_ID.encode()), ("correlation_id", b"cause"))
DATA = {
    "author_id": 17,
    "name": "Ursula K. Le Guin",
    "nationality": None,
    "biography": None,
    "version": 1,
    "created_at": "2026-01-05T09:30:00.000000Z",
    "updated_at": "2026-01-05T09:30:00.000000Z",
}


@pytest.fixture(scope="module")
def judge() -> Conformance:
    return Conformance(SENDS, Path(__file__).parents[3] / "specs" / "authors.asyncapi.yaml")


def record(**changes: Any) -> Record:
    envelope = {
        "event_type": "author.created",
        "event_id": EVENT_ID,
        "timestamp": "2026-01-05T09:30:00.000000Z",
        "correlation_id": "cause",
        "data": DATA,
    } | changes
    return Record("library.authors", 1, 0, b"17", json.dumps(envelope).encode(), HEADERS)


def test_a_record_as_the_spec_wants_it_conforms(judge: Conformance) -> None:
    judge.check([record()])


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (replace(record(), value=None), "the value is no JSON"),
        (replace(record(), value=b"\xff"), "the value is no JSON"),
        (replace(record(), value=b"[]"), "not exactly its five members, but list"),
        (record(extra=1), "not exactly its five members"),
        (record(event_type="author.sang"), "sends no 'author.sang'"),
        (record(event_type=["author.created"]), "sends no ['author.created']"),
        (record(data=DATA | {"name": ""}), "data/name"),
        (record(data=DATA | {"author_id": "17"}), "data/author_id"),
        (record(timestamp="yesterday"), "timestamp"),
        (record(timestamp="2026-01-05T10:30:00+01:00"), "is not in UTC"),
        (record(event_id="1c9d9b52-70c3-1f0e-8d53-6b7f2f0e1a01"), "no UUID of version 4"),
        (record(correlation_id="another"), "the header correlation_id is [b'cause']"),
        (replace(record(), headers=HEADERS + HEADERS[:1]), "the header event_type is"),
        (replace(record(), headers=()), "the header event_type is []"),
        (replace(record(), key=b"18"), "the key is b'18' instead of b'17'"),
        (replace(record(), topic="library.books"), "belongs to library.authors"),
        (replace(record(), partition=4), "has 4 partitions"),
    ],
)
def test_what_breaks_the_contract_is_told(judge: Conformance, broken: Record, complaint: str) -> None:
    assert complaint in "\n".join(judge.violations([record(), broken]))
    with pytest.raises(AssertionError, match="records break the contract"):
        judge.check([broken])
