"""Envelopes: what they hold, and what they refuse to hold."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.boundary import ContractViolation
from accord.bus.contract import Topic
from accord.bus.envelope import EnvelopeBuilder
from accord.bus.errors import UnknownEvent
from accord.observability import correlation
from tests.toolkit.bus.things import contracts

CONTRACTS = contracts(Topic("things", 4))
ID = UUID("1c9d9b52-70c3-4f0e-8d53-6b7f2f0e1a01")
NOON = datetime(2026, 1, 5, 14, 30, 0, 250_000, tzinfo=timezone(timedelta(hours=5)))


def build(data: dict[str, Any], correlation_id: str | None = "cause") -> dict[str, Any]:
    record = EnvelopeBuilder(CONTRACTS).record("thing.made", data, correlation_id)
    envelope: dict[str, Any] = orjson.loads(record.value or b"")
    return envelope


def test_the_record_is_exactly_the_envelope_with_its_key_and_headers() -> None:
    builder = EnvelopeBuilder(CONTRACTS, clock=lambda: NOON, new_id=lambda: str(ID))
    record = builder.record("thing.made", {"id": "ä", "number": 1}, "cause")
    assert record.topic == "things"
    assert record.key == "ä".encode()
    assert record.value == (
        b'{"event_type":"thing.made","event_id":"1c9d9b52-70c3-4f0e-8d53-6b7f2f0e1a01",'
        b'"timestamp":"2026-01-05T09:30:00.250000Z","correlation_id":"cause",'
        b'"data":{"id":"\xc3\xa4","number":1}}'
    )
    assert record.headers == (
        ("event_type", b"thing.made"),
        ("event_id", b"1c9d9b52-70c3-4f0e-8d53-6b7f2f0e1a01"),
        ("correlation_id", b"cause"),
    )


@given(
    st.text(min_size=1).filter(lambda text: text.isprintable()),
    st.integers(0, 2**63 - 1),
    st.datetimes(timezones=st.just(UTC)),
    st.uuids(),
)
def test_what_is_admitted_arrives_as_it_was_and_every_id_is_new(
    key: str, number: int, at: datetime, tag: UUID
) -> None:
    data = {"id": key, "number": number, "at": at, "tag": tag}
    first, second = build(data), build(data)
    assert set(first) == {"event_type", "event_id", "timestamp", "correlation_id", "data"}
    assert first["data"]["id"] == key
    assert first["data"]["number"] == number
    assert datetime.fromisoformat(first["data"]["at"]) == at
    assert first["data"]["at"].endswith("Z")
    assert UUID(first["data"]["tag"]) == tag
    assert UUID(first["event_id"]).version == 4
    assert first["event_id"] != second["event_id"]


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ({"number": 1}, "#/data"),
        ({"id": "a", "number": -1}, "#/data/number"),
        ({"id": "a", "number": True}, "#/data/number"),
        ({"id": "a", "number": float("nan")}, "#/data/number"),
        ({"id": "a", "number": 1, "at": datetime(2026, 1, 5, 9, 30)}, "#/data/at"),
        ({"id": "a", "number": 2**64}, "#"),
        ({"id": "a", "number": 1, "extra": object()}, "#"),
        ({"id": "\ud800", "number": 1}, "#"),
    ],
)
def test_what_the_contract_forbids_or_json_cannot_say_is_refused(data: dict[str, Any], where: str) -> None:
    with pytest.raises(ContractViolation) as refusal:
        build(data)
    assert [violation.pointer for violation in refusal.value.violations] == [where]


def test_a_correlation_id_that_the_contract_forbids_is_refused() -> None:
    with pytest.raises(ContractViolation):
        build({"id": "a", "number": 1}, "two words")


def test_the_current_correlation_id_is_taken_and_made_where_there_is_none() -> None:
    with correlation("current"):
        assert build({"id": "a", "number": 1}, None)["correlation_id"] == "current"
        assert build({"id": "a", "number": 1}, "given")["correlation_id"] == "given"
    assert UUID(build({"id": "a", "number": 1}, None)["correlation_id"]).version == 4


def test_an_event_that_the_contract_does_not_send_is_refused_by_name() -> None:
    with pytest.raises(UnknownEvent, match=r"thing\.sold.*thing\.made"):
        EnvelopeBuilder(CONTRACTS).record("thing.sold", {"id": str(uuid4())})
