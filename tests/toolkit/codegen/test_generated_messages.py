"""Generated publishers and handlers of messages without our envelope, at work over the in-memory broker."""

import importlib
import inspect
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest

from accord.boundary import ContractViolation
from accord.bus.adapters.memory import MemoryBroker, MemoryConsumer, MemoryPublisher
from accord.bus.messages import OutgoingRecord
from accord.interface import IncompleteImplementation
from accord.testing.conformance import Conformance
from tests.toolkit.bus.harness import FAST, eventually
from tests.toolkit.codegen.conftest import HERE
from tests.toolkit.parsing.reading import contract_of, rendered

SPEC = (HERE / "lamps.asyncapi.yaml").read_text()
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def lamps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    root = tmp_path_factory.mktemp("lamps")
    for path, text in rendered(root / "specs", SPEC, "made_lamps").items():
        file = root / "made_lamps" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(root))
        yield importlib.import_module("made_lamps.lamps.channels")


@pytest.fixture
def broker() -> MemoryBroker:
    return MemoryBroker()


@pytest.fixture
def publisher(lamps: ModuleType, broker: MemoryBroker) -> Any:
    return lamps.LampsPublisher(MemoryPublisher(broker, lamps.SENDS))


class Heard:
    """What each handler was called with, in order."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []


@pytest.fixture
async def heard(lamps: ModuleType, broker: MemoryBroker) -> AsyncIterator[Heard]:
    found = Heard()

    class Handlers(lamps.LampsHandlers):  # type: ignore[misc, name-defined]
        async def measured_state(self, payload: Any, *, street: str, key: int, headers: Any) -> None:
            found.calls.append(("measured", payload, street, key, headers))

        async def failed(self, payload: str, *, street: str) -> None:
            found.calls.append(("failed", payload, street))

        async def ask(self, payload: Any, *, headers: Any) -> Any:
            found.calls.append(("ask", payload.lamp))
            return lamps.events.Told(lumens=payload.lamp * 10) if payload.lamp else None

        async def reset(self, payload: Any) -> None:
            found.calls.append(("reset",))

        async def told_inbox(self, payload: Any) -> None:
            found.calls.append(("told", payload))

    consumer = MemoryConsumer(broker, "lamps", lamps.RECEIVED_TOPICS, policy=FAST)
    Handlers().register(consumer, MemoryPublisher(broker, lamps.SENDS))
    await consumer.start()
    yield found
    await consumer.stop()


def test_names_are_the_messages_own_and_the_channels_where_two_are_alike(lamps: ModuleType) -> None:
    assert list(lamps.SENDS) == [
        *("measured.state", "failed", "measured.history", "told.answers", "unknown", "ask")
    ]
    assert list(lamps.RECEIVES) == ["measured.state", "failed", "ask", "reset", "told.inbox"]


def test_topic_key_and_headers_are_in_the_signature(lamps: ModuleType) -> None:
    said = inspect.signature(lamps.LampsPublisher.measured_state)
    assert list(said.parameters) == [*("self", "payload", "street", "key", "headers", "correlation_id")]
    assert said.parameters["headers"].default is inspect.Parameter.empty
    assert str(said.parameters["street"].annotation) == "typing.Literal['elm', 'main']"
    assert said.parameters["key"].annotation is int
    free = inspect.signature(lamps.LampsPublisher.measured_history)
    assert str(free.parameters["key"]) == "key: str | None = None"


async def test_what_is_published_reaches_its_handler_as_it_was(
    lamps: ModuleType, publisher: Any, heard: Heard
) -> None:
    measured = lamps.events.Measured(lumens=4, at=NOON)
    headers = lamps.events.MeasuredHeaders(app="desk", hops=2)
    await publisher.measured_state(measured, street="elm", key=7, headers=headers)
    await publisher.failed("E1", street="main")
    await eventually(lambda: len(heard.calls), at_least=2)
    assert sorted(heard.calls, key=str) == sorted(
        [("measured", measured, "elm", 7, headers), ("failed", "E1", "main")], key=str
    )


@pytest.mark.parametrize(
    "wrong", [{"street": "oak"}, {"key": 0}, {"headers": {"app": "desk", "hops": 10}}, {"headers": None}]
)
async def test_nothing_leaves_that_the_spec_forbids(
    lamps: ModuleType, publisher: Any, broker: MemoryBroker, wrong: dict[str, Any]
) -> None:
    good = {"street": "elm", "key": 1, "headers": {"app": "desk"}}
    with pytest.raises(ContractViolation):
        await publisher.measured_state(lamps.events.Measured(lumens=4, at=NOON), **(good | wrong))
    assert broker.topics == frozenset()


async def test_a_payload_that_is_no_object_is_typed_too(
    lamps: ModuleType, publisher: Any, broker: MemoryBroker
) -> None:
    await publisher.measured_history([lamps.events.Measured(lumens=4, at=NOON)])
    (record,) = broker.records("lamps.history")
    assert orjson.loads(record.value or b"") == [{"lumens": 4, "at": "2026-01-05T12:00:00Z"}]


@pytest.mark.parametrize(
    ("value", "key", "headers", "reason"),
    [
        (b'{"lumens":4,"at":"2026-01-05T12:00:00Z"}', b"7", {}, "none of the messages"),
        (b'{"lumens":"4"}', b"7", {"app": b"a"}, "none of the messages"),
        (b'{"lumens":4,"at":"2026-01-05T12:00:00Z"}', None, {"app": b"a"}, "the key of measured.state"),
        (b'{"lumens":4,"at":"2026-01-05T12:00:00Z"}', b"x", {"app": b"a"}, "breaks the contract"),
        (b"{", b"7", {"app": b"a"}, "no JSON"),
    ],
)
async def test_a_record_that_breaks_the_spec_is_a_dead_letter_with_its_reason(
    broker: MemoryBroker,
    heard: Heard,
    value: bytes,
    key: bytes | None,
    headers: dict[str, bytes],
    reason: str,
) -> None:
    broker.append(OutgoingRecord("lamps.elm.state", key, value, tuple(headers.items())))
    await eventually(lambda: len(broker.records("lamps.dead-letters")))
    (letter,) = broker.records("lamps.dead-letters")
    assert reason in dict(letter.headers)["dead_letter.reason"].decode()
    assert heard.calls == []


async def test_a_request_is_answered_where_it_says_under_its_correlation_id(
    lamps: ModuleType, publisher: Any, broker: MemoryBroker, heard: Heard
) -> None:
    for lamp in (3, 0):
        ask = lamps.events.Ask(kind="ask", lamp=lamp, number=40 + lamp)
        await publisher.ask(ask, headers=lamps.events.AskHeaders(reply_to="desk.answers"))
    await eventually(lambda: len(broker.records("desk.answers")), at_least=2)
    found = sorted(record.value or b"" for record in broker.records("desk.answers"))
    assert found == [b"null", b'{"lumens":30,"number":43}']


async def test_messages_of_the_channel_that_are_nobodys_business_are_passed_over(
    broker: MemoryBroker, heard: Heard
) -> None:
    for kind in ("audit", "reset"):
        broker.append(OutgoingRecord("lamps.requests", b"1", orjson.dumps({"kind": kind})))
    broker.append(OutgoingRecord("lamps.inbox", None, b'{"lumens":1}'))
    await eventually(lambda: len(heard.calls), at_least=2)
    assert {call[0] for call in heard.calls} == {"reset", "told"}
    assert broker.records("lamps.dead-letters") == []


def test_a_forgotten_message_is_named_as_the_spec_names_it(lamps: ModuleType) -> None:
    with pytest.raises(IncompleteImplementation) as refused:
        type("Forgetful", (lamps.LampsHandlers,), {})()
    assert all(f"message {name} " in str(refused.value) for name in lamps.RECEIVES)


def test_a_reply_that_could_not_be_addressed_is_left_out_and_said(tmp_path: Path) -> None:
    text = SPEC.replace('      address: { location: "$message.header#/reply_to" }\n', "")
    contract = contract_of(tmp_path, text)
    (finding,) = contract.findings
    assert finding.rule == "unsupported"
    assert "has no address" in finding.sentence
    assert all(message.reply is None for message in contract.services[0].receives)


async def test_what_was_published_conforms_to_the_spec_and_what_was_not_is_told(
    lamps: ModuleType, publisher: Any, broker: MemoryBroker
) -> None:
    judge = Conformance(lamps.SENDS, HERE / "lamps.asyncapi.yaml")
    measured = lamps.events.Measured(lumens=4, at=NOON)
    await publisher.measured_state(measured, street="elm", key=7, headers={"app": "desk"})
    await publisher.failed("E1", street="main")
    await publisher.measured_history([measured])
    await publisher.ask(
        lamps.events.Ask(kind="ask", lamp=1), headers=lamps.events.AskHeaders(reply_to="lamps.inbox")
    )
    sent = [record for topic in sorted(broker.topics) for record in broker.records(topic)]
    assert len(sent) == 4
    judge.check(sent)
    for record in sent:
        (complaint,) = judge.violations([replace(record, value=b"{}")])
        assert "it is no message of lamps." in complaint
    (keyed,) = broker.records("lamps.elm.state")
    assert "the key of measured.state" in judge.violations([replace(keyed, key=None)])[0]
    assert "Headers breaks the contract" in judge.violations([replace(keyed, headers=())])[0]
