"""Consumers of messages without our envelope, and their answers."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from accord.boundary import Boundary
from accord.bus.adapters.memory import MemoryBroker, MemoryConsumer, MemoryPublisher
from accord.bus.consumer import EventConsumer
from accord.bus.contract import EventContract, Topic
from accord.bus.handlers import Answer, Replies, message_handler, replying_handler
from accord.bus.headers import Headers
from accord.bus.locations import Location
from accord.bus.messages import OutgoingRecord
from accord.bus.recognition import Recognition
from tests.toolkit.bus.harness import FAST, eventually
from tests.toolkit.bus.lamps import (
    BROKEN,
    CONTRACTS,
    ORDERS,
    PING,
    PONG,
    REPLIES,
    STREET,
    Broken,
    Kind,
    Measured,
    Meta,
    Pong,
    boundary,
    raw,
)


@pytest.fixture
async def broker() -> MemoryBroker:
    return MemoryBroker()


@pytest.fixture
async def consuming(
    broker: MemoryBroker,
) -> AsyncIterator[Callable[[list[Topic], Callable[[EventConsumer], None]], Any]]:
    started: list[EventConsumer] = []

    async def start(topics: list[Topic], register: Callable[[EventConsumer], None]) -> EventConsumer:
        consumer = MemoryConsumer(broker, "lamps", topics, policy=FAST)
        register(consumer)
        await consumer.start()
        started.append(consumer)
        return consumer

    yield start
    for consumer in started:
        await consumer.stop()


async def test_a_topic_that_appears_later_is_read_too(broker: MemoryBroker, consuming: Any) -> None:
    seen: list[tuple[str, str]] = []

    async def broken(payload: Broken, *, street: str) -> None:
        seen.append((street, payload.fault))

    def register(consumer: EventConsumer) -> None:
        consumer.register_reader(Recognition(STREET, [BROKEN]))
        consumer.register_handler("broken", message_handler(BROKEN, broken))

    await consuming([STREET], register)
    publisher = MemoryPublisher(broker, CONTRACTS)
    for street in ("main", "elm"):
        await publisher.send("broken", Broken(fault="dark"), parameters={"street": street})
        await eventually(lambda: len(seen), at_least=1 if street == "main" else 2)
    assert seen == [("main", "dark"), ("elm", "dark")]


async def test_what_a_handler_returns_is_published_to_the_address_that_the_request_names(
    broker: MemoryBroker, consuming: Any
) -> None:
    asking = EventContract(
        "ping",
        ORDERS,
        None,
        boundary(Kind, "Ping"),
        Headers(boundary(Meta, "Meta")),
        Location("payload", ("request",)),
    )
    publisher = MemoryPublisher(broker, CONTRACTS)

    async def ping(payload: Kind, *, headers: Meta) -> Pong | Answer[Pong, None]:
        answer = Pong(kind="pong")
        return Answer(answer, None, key="k") if headers.app == "keyed" else answer

    def register(consumer: EventConsumer) -> None:
        replies = Replies([PONG], Location("header", ("reply_to",)))
        consumer.register_reader(Recognition(ORDERS, [asking]))
        consumer.register_handler("ping", replying_handler(asking, ping, replies, publisher))

    await consuming([ORDERS], register)
    for app, request in (("plain", 41), ("keyed", 42)):
        headers = (("app", app.encode()), ("reply_to", b"answers"))
        broker.append(
            OutgoingRecord(ORDERS.name, None, orjson.dumps({"kind": "ping", "request": request}), headers)
        )
    await eventually(lambda: len(broker.records("answers")), at_least=2)
    found = {record.value: record.key for record in broker.records("answers")}
    assert found == {b'{"kind":"pong","request":41}': None, b'{"kind":"pong","request":42}': b"k"}
    assert REPLIES.at(address="answers").name == "answers"


async def test_of_several_replies_the_one_of_the_answers_class_is_sent(broker: MemoryBroker) -> None:
    anything = replace(BROKEN, topic=Topic("lamps.anything"), payload=boundary(Broken, "Address"))
    loose = EventContract("loose", Topic("lamps.loose"), None, Boundary(Measured, "Any", {"Any": {}}))
    told = replace(PONG, topic=Topic("lamps.told"))
    sent = {contract.event_type: contract for contract in (anything, loose, told)}
    publisher = MemoryPublisher(broker, sent)

    async def ping(payload: Kind) -> Any:
        return Pong(kind="pong") if payload.request else {"lumens": 1}

    handle = replying_handler(PING, ping, Replies([anything, loose, told]), publisher)
    for request in (1, None):
        value = {"kind": "ping"} | ({"request": request} if request else {})
        await handle(Recognition(ORDERS, [PING]).read(raw(value, topic=ORDERS.name)))
    assert [record.value for record in broker.records("lamps.told")] == [b'{"kind":"pong","request":1}']
    assert [record.value for record in broker.records("lamps.loose")] == [b'{"lumens":1}']


async def test_a_request_that_names_no_address_is_a_dead_letter(broker: MemoryBroker, consuming: Any) -> None:
    async def ping(payload: Kind) -> Pong:
        raise AssertionError("nobody could hear the answer")

    def register(consumer: EventConsumer) -> None:
        replies = Replies([PONG], Location("header", ("reply_to",)))
        consumer.register_reader(Recognition(ORDERS, [PING]))
        consumer.register_handler(
            "ping", replying_handler(PING, ping, replies, MemoryPublisher(broker, CONTRACTS))
        )

    await consuming([ORDERS], register)
    broker.append(OutgoingRecord(ORDERS.name, None, b'{"kind":"ping"}'))
    await eventually(lambda: len(broker.records("lamps.dead-letters")))
    (letter,) = broker.records("lamps.dead-letters")
    assert (
        b"no address for the reply at $message.header#/reply_to" in dict(letter.headers)["dead_letter.reason"]
    )
