"""Working through dead letters: replay sends what came, once, and decisions last."""

from collections.abc import Sequence

from accord.bus.adapters.kafka_reader import KafkaTopicReader
from accord.bus.adapters.memory_reader import MemoryTopicReader
from accord.bus.dead_letters import DeadLetters
from accord.bus.desk import Desk
from accord.bus.errors import Poison
from accord.bus.letters import DeadLetter, Outcome, Status, read_letter, read_outcome
from accord.bus.messages import OutgoingRecord, Record
from accord.bus.transport import TopicReader
from tests.toolkit.bus.harness import Harness, KafkaHarness, MemoryHarness, Witness
from tests.toolkit.bus.things import numbers, thing

CAME = (("event_type", b"thing.made"), ("dead_letter.reason", b"of another system"), ("x", b"\xff"))


def reader(bus: Harness) -> TopicReader:
    if isinstance(bus, KafkaHarness):
        return KafkaTopicReader(bus.settings)
    assert isinstance(bus, MemoryHarness)
    return MemoryTopicReader(bus.broker)


def desk(bus: Harness) -> Desk:
    return Desk(reader(bus), bus.producer, bus.dead_letter_topic)


async def bury(bus: Harness, *keys: str) -> None:
    """Dead letters of records that could have been."""
    letters = DeadLetters(bus.producer, bus.dead_letter_topic, bus.group)
    for offset, key in enumerate(keys):
        record = Record(bus.topic.name, 2, offset, key.encode(), f"value {key}".encode(), CAME, 17)
        await letters.bury(record, Poison(f"no use for {key}"), "cause")


async def standing(bus: Harness) -> dict[str, tuple[DeadLetter, Outcome | None]]:
    """By key."""
    found = [pair async for pair in desk(bus).letters()]
    return {(letter.record.key or b"").decode(): (letter, outcome) for letter, outcome in found}


async def replay(bus: Harness, keys: Sequence[str]) -> Sequence[str | None]:
    letters = await standing(bus)
    return await desk(bus).replay([letters[key][0] for key in keys])


async def test_a_letter_says_where_it_came_from_and_which_headers_came_with_it(bus: Harness) -> None:
    await bury(bus, "a")
    letter, outcome = (await standing(bus))["a"]
    assert outcome is None
    assert letter.headers == CAME
    assert letter.event_type == "thing.made"
    assert letter.about["reason"] == "no use for a"
    assert letter.about["correlation_id"] == "cause"
    assert (letter.about["topic"], letter.about["partition"], letter.about["offset"]) == (
        bus.topic.name,
        "2",
        "0",
    )


async def test_a_replay_sends_key_value_and_headers_as_they_came(bus: Harness) -> None:
    await bury(bus, "a", "b")
    assert await replay(bus, ["b"]) == [None]
    (sent,) = await bus.records(bus.topic.name)
    assert (sent.key, sent.value, sent.headers) == (b"b", b"value b", CAME)
    letters = await standing(bus)
    assert letters["a"][1] is None
    outcome = letters["b"][1]
    assert outcome is not None
    assert outcome.status is Status.REPLAYED


async def test_a_replayed_event_is_handled_once_its_handler_is_mended(bus: Harness) -> None:
    witness = Witness({7: [RuntimeError("a defect")] * 4})
    consumer = bus.consumer()
    consumer.register_handler("thing.made", witness.one)
    await bus.put(thing(bus.topic.name, 7))
    await consumer.start()
    (found,) = await bus.dead_letters(1)
    assert await desk(bus).replay([read_letter(found)]) == [None]
    assert numbers(await witness.saw(1)) == [7]
    assert len(await bus.dead_letters(1)) == 1


async def test_a_discarded_letter_keeps_the_reason_and_the_last_decision_counts(bus: Harness) -> None:
    await bury(bus, "a")
    letter, _ = (await standing(bus))["a"]
    assert await desk(bus).discard([letter], "of no use") == [None]
    _, outcome = (await standing(bus))["a"]
    assert outcome is not None
    assert (outcome.status, outcome.reason) == (Status.DISCARDED, "of no use")
    assert await replay(bus, ["a"]) == [None]
    _, outcome = (await standing(bus))["a"]
    assert outcome is not None
    assert outcome.status is Status.REPLAYED


async def test_only_what_is_asked_for_is_read(bus: Harness) -> None:
    await bury(bus, "a", "a", "a")
    letters = [letter async for letter, _ in desk(bus).letters()]
    middle = letters[1].record
    within = {middle.partition: (middle.offset, middle.offset + 1)}
    assert [letter.id async for letter, _ in desk(bus).letters(within)] == [letters[1].id]
    assert [letter async for letter, _ in desk(bus).letters({middle.partition: (99, 100)})] == []


async def test_a_letter_without_its_value_or_without_an_origin_is_not_replayed(bus: Harness) -> None:
    await bury(bus, "a")
    await bus.put(OutgoingRecord(bus.dead_letter_topic, b"stranger", b"{}"))
    letters = await standing(bus)
    found = letters["a"][0]
    short = read_letter(
        Record(
            bus.dead_letter_topic,
            0,
            0,
            b"a",
            b"",
            (*found.record.headers, ("dead_letter.value_omitted", b"9")),
        )
    )
    said = await desk(bus).replay([letters["stranger"][0], short])
    assert ["no dead letter" in str(said[0]), "value of 9 bytes" in str(said[1])] == [True, True]
    assert await bus.records(bus.topic.name) == []


async def test_a_replay_that_the_broker_does_not_take_stays_open() -> None:
    bus = MemoryHarness()
    await bury(bus, "a")
    letters = await standing(bus)
    await bus.away()
    assert await desk(bus).replay([letters["a"][0]]) == ["the broker is away"]
    await bus.back()
    assert (await standing(bus))["a"][1] is None


def test_a_decision_about_a_stream_that_was_made_anew_concerns_nobody() -> None:
    old = Outcome("0:0", Status.REPLAYED, "2026-01-05T09:30:00Z", letter="2026-01-05T09:00:00Z")
    record = Record("letters", 0, 0, None, b"")
    assert old.concerns(DeadLetter(record, {"time": "2026-01-05T09:00:00Z"}, ()))
    assert not old.concerns(DeadLetter(record, {"time": "2026-02-01T00:00:00Z"}, ()))


def test_outcomes_survive_the_wire_and_strangers_are_passed_over() -> None:
    outcome = Outcome("1:7", Status.DISCARDED, "2026-01-05T09:30:00Z", "2026-01-05T09:00:00Z", "é")
    sent = outcome.record("letters.outcomes")
    assert sent.key == b"1:7"
    assert read_outcome(Record("letters.outcomes", 0, 0, sent.key, sent.value)) == outcome
    for value in (
        None,
        b"",
        b"[]",
        b'{"id": "1:7"}',
        b'{"id":1,"status":"lost","at":"","letter":"","reason":""}',
    ):
        assert read_outcome(Record("letters.outcomes", 0, 0, None, value)) is None
