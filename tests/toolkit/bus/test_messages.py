"""Messages without our envelope: published, recognised, checked, answered."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.boundary import ContractViolation
from accord.bus.contract import Mark, Topic
from accord.bus.dispatch import read_event
from accord.bus.errors import Poison
from accord.bus.handlers import message_handler
from accord.bus.headers import Headers
from accord.bus.locations import Location
from accord.bus.messages import OutgoingRecord, Record
from accord.bus.outgoing import message_record
from accord.bus.recognition import Recognition
from accord.observability import correlation
from tests.toolkit.bus.lamps import (
    BROKEN,
    MEASURED,
    META,
    ORDERS,
    PING,
    PONG,
    REPLIES,
    STREET,
    Measured,
    Meta,
    boundary,
    raw,
)
from tests.toolkit.bus.things import contracts

CAUSE = "c0ffee00-3f6c-4f0e-9a57-5d1a0e8f7b11"


def read(record: OutgoingRecord, offset: int = 0) -> Record:
    return Record(record.topic, 0, offset, record.key, record.value, record.headers)


def test_a_record_is_where_and_what_the_spec_says() -> None:
    record = message_record(
        MEASURED,
        Measured(lumens=4),
        key=7,
        headers=Meta(app="lamps", hops=3),
        parameters={"street": "main"},
        correlation_id=CAUSE,
    )
    assert record == OutgoingRecord(
        "lamps.main.state", b"7", b'{"lumens":4}', (*META, ("cause", CAUSE.encode()))
    )


@pytest.mark.parametrize(
    ("changed", "subject"),
    [
        ({"payload": {"lumens": "4"}}, "Measured"),
        ({"key": 0}, "LampId"),
        ({"key": None}, "LampId"),
        ({"headers": {"app": "lamps", "hops": 10}}, "Meta"),
        ({"headers": None}, "Meta"),
        ({"parameters": {"street": "Main"}}, "street"),
        ({"parameters": {}}, "street"),
    ],
)
def test_nothing_that_the_spec_forbids_leaves(changed: dict[str, Any], subject: str) -> None:
    good: dict[str, Any] = {
        "payload": {"lumens": 4},
        "key": 7,
        "headers": {"app": "lamps"},
        "parameters": {"street": "main"},
    }
    assert message_record(MEASURED, **good)
    with pytest.raises(ContractViolation) as refusal:
        message_record(MEASURED, **(good | changed))
    assert refusal.value.subject == subject


def test_a_parameter_is_no_way_out_of_its_topic() -> None:
    for address in ("a/b", "a b", "{street}", "é", ""):
        with pytest.raises(ContractViolation, match="cannot be part of a topic's name"):
            message_record(PONG, {"kind": "pong"}, parameters={"address": address})


def test_the_current_correlation_id_goes_into_headers_that_admit_it_and_into_no_payload() -> None:
    said: dict[str, Any] = {"parameters": {"street": "main"}, "key": 7}
    with correlation(CAUSE):
        assert ("cause", CAUSE.encode()) in message_record(
            MEASURED, {"lumens": 1}, headers={"app": "a"}, **said
        ).headers
        assert message_record(PING, {"kind": "ping"}).value == b'{"kind":"ping"}'
        assert message_record(BROKEN, {"fault": "dark"}, parameters={"street": "main"}).headers == (
            ("correlation_id", CAUSE.encode()),
        )
    with correlation("no uuid"):
        headers = message_record(MEASURED, {"lumens": 1}, headers={"app": "a"}, **said).headers
    assert headers == (("app", b"a"),)


def test_an_id_that_is_there_already_stays() -> None:
    record = message_record(PING, {"kind": "ping", "request": 1}, correlation_id=2)
    assert orjson.loads(record.value or b"") == {"kind": "ping", "request": 1}


async def test_a_handler_gets_payload_parameter_key_and_headers_as_the_spec_types_them() -> None:
    seen: list[Any] = []

    async def measured(payload: Measured, *, street: str, key: int, headers: Meta) -> None:
        seen.append((payload, street, key, headers))

    event = Recognition(STREET, [MEASURED]).read(raw({"lumens": 4}))
    await message_handler(MEASURED, measured)(event)
    assert seen == [(Measured(lumens=4), "main", 7, Meta(app="lamps", hops=3))]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (raw({"lumens": "4"}), "Measured breaks the contract: #/lumens"),
        (raw({"lumens": 4}, key=None), "the key of measured breaks the contract: #: there is none"),
        (raw({"lumens": 4}, key=b"0"), "LampId breaks the contract"),
        (raw({"lumens": 4}, key=b"seven"), "LampId breaks the contract"),
        (raw({"lumens": 4}, key=b"\xff"), "the key of measured breaks the contract: #: is no UTF-8"),
        (raw({"lumens": 4}, headers=()), "Meta breaks the contract"),
        (raw({"lumens": 4}, headers=(*META, ("hops", b"x"))), "Meta breaks the contract: #/hops: not JSON"),
        (
            raw({"lumens": 4}, headers=(*META, ("app", b"\xff"))),
            "Meta breaks the contract: #/app: is no UTF-8",
        ),
        (raw({"lumens": 4}, topic="lamps.MAIN.state"), "street breaks the contract"),
    ],
)
async def test_a_record_that_breaks_the_spec_anywhere_reaches_no_handler(record: Record, reason: str) -> None:
    async def never(*_: Any, **__: Any) -> None:
        raise AssertionError("the handler saw a broken record")

    with pytest.raises(ContractViolation) as refusal:
        await message_handler(MEASURED, never)(Recognition(STREET, [MEASURED]).read(record))
    assert reason in str(refusal.value)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"key": b"8"}, "the key of thing.made breaks the contract: #: it is '8' instead of '7'"),
        ({"key": None}, "the key of thing.made breaks the contract: #: it is None instead of '7'"),
        ({"headers": ()}, 'Meta breaks the contract: #: "app" is a required property'),
        ({"headers": (("app", b"\xff"),)}, "Meta breaks the contract: #/app: is no UTF-8"),
        ({}, None),
    ],
    ids=["another key", "no key", "no headers", "no text", "as the spec says"],
)
def test_an_event_under_another_key_or_with_other_headers_breaks_the_contract(
    changed: dict[str, Any], reason: str | None
) -> None:
    contract = contracts(Topic("things"))["thing.made"]
    contract = replace(contract, headers=Headers(boundary(Meta, "Meta")))
    record = message_record(
        contract,
        {
            "event_type": "thing.made",
            "event_id": CAUSE,
            "timestamp": "2026-01-05T09:30:00Z",
            "correlation_id": "cause",
            "data": {"id": "7", "number": 1},
        },
        headers={"app": "a"},
    )
    event = read_event(replace(read(record), **changed))
    if reason is None:
        assert contract.parse(event).data["number"] == 1
        return
    with pytest.raises(ContractViolation) as refusal:
        contract.parse(event)
    assert str(refusal.value) == reason


def test_bytes_in_a_header_that_the_spec_does_not_name_are_nobodys_business() -> None:
    assert MEASURED.headers is not None
    read_headers = MEASURED.headers.read((*META, ("trace-bin", b"\xff\x00")))
    assert read_headers == Meta(app="lamps", hops=3)


def test_a_record_is_recognised_by_its_mark_else_by_the_first_schema_that_admits_it() -> None:
    marked = Recognition(ORDERS, [PING, PONG])
    assert marked.read(raw({"kind": "pong"})).event_type == "pong"
    assert marked.read(raw({"kind": "pong", "request": 3})).correlation_id == "3"
    by_schema = Recognition(STREET, [MEASURED, BROKEN])
    assert by_schema.read(raw({"lumens": 4})).event_type == "measured"
    assert by_schema.read(raw({"fault": "dark"})).event_type == "broken"
    # Headers decide as well: without those of a measurement it can only be the other one.
    assert by_schema.read(raw({"lumens": 4, "fault": "dark"}, headers=())).event_type == "broken"


def test_a_mark_may_be_a_header_that_is_no_text() -> None:
    headers = Headers(boundary(Meta, "Meta"), json=("hops",))
    one, two = (
        replace(contract, headers=headers, mark=Mark(Location("header", ("hops",)), (hops,)))
        for contract, hops in ((PING, 1), (PONG, 2))
    )
    reader = Recognition(ORDERS, [one, two])
    assert reader.read(raw({}, headers=(("hops", b"2"),))).event_type == "pong"
    with pytest.raises(Poison):
        reader.read(raw({}, headers=(("hops", b"true"),)))


def test_a_topic_of_any_name_leaves_the_others_alone() -> None:
    reader = Recognition(REPLIES, [PONG], besides=[STREET])
    assert reader.matches("desk.answers")
    assert not reader.matches("lamps.main.state")


def test_one_topic_of_many_is_named_by_all_its_parameters() -> None:
    for wrong in ({}, {"street": "main", "lane": "1"}):
        with pytest.raises(TypeError, match="takes the arguments: street"):
            STREET.at(**wrong)


def test_what_no_message_admits_is_poison_that_says_why_for_each() -> None:
    with pytest.raises(Poison) as poison:
        Recognition(STREET, [MEASURED, BROKEN]).read(raw({"lumens": "4"}))
    assert "measured: #/lumens" in str(poison.value)
    assert 'broken: #: "fault" is a required property' in str(poison.value)
    for value in (b"", b"{", b'{"a":1,"a":2}'):
        with pytest.raises(Poison, match="no JSON"):
            Recognition(STREET, [MEASURED]).read(raw(value))


@given(st.from_regex(r"[a-z]+", fullmatch=True), st.from_regex(r"[a-z0-9_-]+", fullmatch=True))
def test_a_topic_with_parameters_gives_back_what_it_was_made_of(one: str, other: str) -> None:
    topic = Topic(
        "a.{x}.b.{y}",
        parameters=tuple(
            parameter
            for name in ("y", "x")
            for parameter in [STREET.parameters[0].__class__(name, boundary(str, "Address"), f"{name}_")]
        ),
    )
    concrete = topic.at(x_=one, y_=other)
    assert concrete.name == f"a.{one}.b.{other}"
    assert concrete.parameters == ()
    assert topic.matches(concrete.name)
    assert topic.arguments(concrete.name) == {"x_": one, "y_": other}
    assert not topic.matches(f"{concrete.name}/c")
