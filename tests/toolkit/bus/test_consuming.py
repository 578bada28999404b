"""What a consumer does with records, on the in-memory twin and on Kafka."""

import asyncio
from typing import Any

from structlog.testing import LogCapture

from accord.bus.dead_letters import PREFIX
from accord.bus.errors import Poison, Unavailable
from accord.bus.health import State
from accord.bus.messages import OutgoingRecord, ReceivedEvent, Record
from accord.observability import correlation, current_correlation_id
from tests.toolkit.bus.harness import Harness, Witness, eventually
from tests.toolkit.bus.things import ThingEvent, contracts, numbers, thing


async def test_events_of_one_key_come_in_order_and_each_key_has_its_own(bus: Harness) -> None:
    witness = Witness()
    consumer = bus.consumer()
    consumer.register_handler("thing.made", witness.one)
    await bus.put(*(thing(bus.topic.name, n, key="abcdefgh"[n % 8]) for n in range(200)))
    await consumer.start()
    events = await witness.saw(200)
    for index, key in enumerate("abcdefgh"):
        of_key = [event for event in events if event.record.key == key.encode()]
        assert numbers(of_key) == list(range(index, 200, 8))


async def test_an_event_that_was_sent_twice_comes_twice(bus: Harness) -> None:
    witness = Witness()
    consumer = bus.consumer()
    consumer.register_handler("thing.made", witness.one)
    same = thing(bus.topic.name, 7)
    await bus.put(same, same)
    await consumer.start()
    assert numbers(await witness.saw(2)) == [7, 7]


async def test_what_is_no_event_becomes_a_dead_letter_and_the_next_goes_on(bus: Harness) -> None:
    witness = Witness()
    consumer = bus.consumer()
    consumer.register_handler("thing.made", witness.one)
    broken = [b"\xff\xfe", b"{", b"[1]", b'"x"', b"{}", b'{"event_type": 3}', b"NaN", b""]
    await bus.put(
        *(OutgoingRecord(bus.topic.name, b"a", value) for value in broken), thing(bus.topic.name, 1)
    )
    await consumer.start()
    assert numbers(await witness.saw(1)) == [1]
    letters = await bus.dead_letters(len(broken))
    assert [letter.value for letter in letters] == broken
    reasons = [_headers(letter)[PREFIX + "reason"] for letter in letters]
    assert "no JSON" in reasons[0]
    assert reasons[2] == reasons[3] == "the value is JSON, but no object"
    assert reasons[4] == reasons[5] == "the envelope has no event_type that is a string"


async def test_an_envelope_that_breaks_the_contract_is_not_retried(bus: Harness) -> None:
    seen: list[ThingEvent] = []
    calls = 0

    contract = contracts(bus.topic)["thing.made"]

    async def handler(event: ReceivedEvent) -> None:
        nonlocal calls
        calls += 1
        seen.append(contract.parse(event))

    consumer = bus.consumer()
    consumer.register_handler("thing.made", handler)
    publisher = await bus.publisher()
    await bus.put(thing(bus.topic.name, -1))
    await publisher.publish("thing.made", {"id": "a", "number": 5})
    await consumer.start()
    await eventually(lambda: len(seen))
    assert [event.data["number"] for event in seen] == [5]
    assert calls == 2
    (letter,) = await bus.dead_letters(1)
    assert _headers(letter)[PREFIX + "error"] == "accord.boundary.ContractViolation"
    assert "correlation_id" in _headers(letter)[PREFIX + "reason"]


async def test_a_handler_that_raises_is_retried_and_then_goes_on(bus: Harness, logs: LogCapture) -> None:
    witness = Witness({1: [RuntimeError("once"), RuntimeError("twice"), RuntimeError("three times")]})
    consumer = bus.consumer()
    consumer.register_handler("thing.made", witness.one)
    await bus.put(*(thing(bus.topic.name, n) for n in range(3)))
    await consumer.start()
    assert numbers(await witness.saw(3)) == [0, 1, 2]
    assert numbers(witness.attempts) == [0, 1, 1, 1, 1, 2]
    retries = [line["retry"] for line in logs.entries if line["event"] == "event failed, retried"]
    assert retries == [1, 2, 3]


async def test_a_handler_that_always_raises_gets_a_dead_letter_after_three_retries(bus: Harness) -> None:
    witness = Witness({1: [LookupError("no such thing")] * 9})
    consumer = bus.consumer()
    consumer.register_handler("thing.made", witness.one)
    await bus.put(
        thing(bus.topic.name, 0),
        OutgoingRecord(
            bus.topic.name,
            b"a",
            thing(bus.topic.name, 1, correlation_id="cause-1").value,
            (("event_type", b"thing.made"), ("twice", b"1"), ("twice", b"2")),
        ),
        thing(bus.topic.name, 2),
    )
    await consumer.start()
    assert numbers(await witness.saw(2)) == [0, 2]
    assert numbers(witness.attempts) == [0, 1, 1, 1, 1, 2]
    (letter,) = await bus.dead_letters(1)
    original = next(
        record for record in await bus.records(bus.topic.name) if record.offset == 1 and record.key
    )
    assert (letter.key, letter.value) == (original.key, original.value)
    assert letter.headers[: len(original.headers)] == original.headers
    headers = _headers(letter)
    assert headers.pop(PREFIX + "time").endswith("Z")
    assert {name: text for name, text in headers.items() if name.startswith(PREFIX)} == {
        PREFIX + "reason": "no such thing",
        PREFIX + "error": "builtins.LookupError",
        PREFIX + "topic": original.topic,
        PREFIX + "partition": str(original.partition),
        PREFIX + "offset": str(original.offset),
        PREFIX + "timestamp": str(original.timestamp),
        PREFIX + "group": bus.group,
        PREFIX + "correlation_id": "cause-1",
    }


async def test_a_poison_raised_by_a_handler_is_not_retried(bus: Harness) -> None:
    witness = Witness({0: [Poison("never")]})
    consumer = bus.consumer()
    consumer.register_handler("thing.made", witness.one)
    await bus.put(thing(bus.topic.name, 0), thing(bus.topic.name, 1))
    await consumer.start()
    await witness.saw(1)
    assert numbers(witness.attempts) == [0, 1]
    await bus.dead_letters(1)


async def test_a_database_that_is_away_is_waited_for_and_nothing_is_lost(bus: Harness) -> None:
    witness = Witness({1: [Unavailable("the database is away")] * 12})
    consumer = bus.consumer()
    consumer.register_handler("thing.made", witness.one)
    await bus.put(*(thing(bus.topic.name, n) for n in range(3)))
    await consumer.start()
    await witness.tried(5)
    assert consumer.health.state is State.WAITING
    assert consumer.health.reason == "the database is away"
    assert not consumer.health.ready
    assert numbers(await witness.saw(3)) == [0, 1, 2]
    assert numbers(witness.attempts) == [0, *[1] * 13, 2]
    assert consumer.health.ready
    assert await bus.records(bus.dead_letter_topic) == []


async def test_unknown_events_are_ignored_with_a_warning_and_tombstones_without(
    bus: Harness, logs: LogCapture
) -> None:
    witness = Witness()
    consumer = bus.consumer()
    consumer.register_handler("thing.made", witness.one)
    await bus.put(
        thing(bus.topic.name, 0, event_type="thing.sold"),
        OutgoingRecord(bus.topic.name, b"a", None),
        thing(bus.topic.name, 1),
    )
    await consumer.start()
    assert numbers(await witness.saw(1)) == [1]
    warnings = [line for line in logs.entries if line["log_level"] == "warning"]
    assert [(line["event"], line["event_type"]) for line in warnings] == [
        ("event ignored: unknown type", "thing.sold")
    ]
    await consumer.stop()
    assert await bus.committed() == 3
    assert await bus.records(bus.dead_letter_topic) == []


async def test_the_correlation_id_goes_from_the_publisher_to_the_handler(
    bus: Harness, logs: LogCapture
) -> None:
    bound: list[str | None] = []

    async def handler(_event: ReceivedEvent) -> None:
        bound.append(current_correlation_id())

    consumer = bus.consumer()
    consumer.register_handler("thing.made", handler)
    consumer.register_handler("thing.changed", handler)
    publisher = await bus.publisher()
    await publisher.publish("thing.made", {"id": "a", "number": 1}, "given")
    with correlation("current"):
        await publisher.publish("thing.made", {"id": "a", "number": 2})
    header_alone = OutgoingRecord(
        bus.topic.name, b"a", thing(bus.topic.name, 3).value, (("correlation_id", b"from-header"),)
    )
    await bus.put(header_alone)
    await consumer.start()
    await eventually(lambda: len(bound), 3)
    assert bound == ["given", "current", "from-header"]
    await eventually(lambda: len([line for line in logs.entries if line["event"] == "event consumed"]), 3)
    line = next(line for line in logs.entries if line["event"] == "event consumed")
    assert line["duration_ms"] >= 0
    named = ("event_type", "topic", "offset", "key", "correlation_id")
    assert [line[name] for name in named] == ["thing.made", bus.topic.name, 0, "a", "given"]


async def test_a_restart_goes_on_where_the_former_consumer_stopped(bus: Harness) -> None:
    first, second = Witness(), Witness()
    for witness, sent in ((first, range(5)), (second, range(5, 9))):
        await bus.put(*(thing(bus.topic.name, n) for n in sent))
        consumer = bus.consumer()
        consumer.register_handler("thing.made", witness.one)
        await consumer.start()
        await witness.saw(len(sent))
        await consumer.stop()
        assert consumer.health.state is State.STOPPED
    assert numbers(first.attempts) == list(range(5))
    assert numbers(second.attempts) == list(range(5, 9))


async def test_a_stop_finishes_the_event_in_hand_and_commits_it(bus: Harness) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    done: list[int] = []

    async def slow(event: ReceivedEvent) -> None:
        begun.set()
        await go_on.wait()
        done.append(event.payload["data"]["number"])

    consumer = bus.consumer()
    consumer.register_handler("thing.made", slow)
    await bus.put(*(thing(bus.topic.name, n) for n in range(3)))
    await consumer.start()
    await asyncio.wait_for(begun.wait(), 30)
    stop = asyncio.create_task(consumer.stop())
    await asyncio.sleep(0)
    go_on.set()
    await stop
    assert done == [0]
    assert await bus.committed() == 1


async def test_what_was_not_finished_comes_again(bus: Harness) -> None:
    """The effect is there, the commit is not: what a crash between the two leaves."""
    witness = Witness()
    stuck = asyncio.Event()

    async def crash_after_effect(event: ReceivedEvent) -> None:
        await witness.one(event)
        if event.payload["data"]["number"] == 1:
            stuck.set()
            await asyncio.Event().wait()

    consumer = bus.consumer()
    consumer._stop_timeout_s = 0.0
    consumer.register_handler("thing.made", crash_after_effect)
    await bus.put(*(thing(bus.topic.name, n) for n in range(3)))
    await consumer.start()
    await asyncio.wait_for(stuck.wait(), 30)
    await consumer.stop()
    again = bus.consumer()
    again.register_handler("thing.made", witness.one)
    await again.start()
    assert numbers(await witness.saw(4)) == [0, 1, 1, 2]


async def test_a_stop_gives_up_the_wait_for_what_is_away(bus: Harness) -> None:
    witness = Witness({0: [Unavailable("away")] * 10_000})
    consumer = bus.consumer()
    consumer.register_handler("thing.made", witness.one)
    await bus.put(thing(bus.topic.name, 0))
    await consumer.start()
    await witness.tried(3)
    await asyncio.wait_for(consumer.stop(), 8)
    assert await bus.committed() == 0


def _headers(record: Record) -> dict[str, Any]:
    return {name: value.decode() for name, value in record.headers}
