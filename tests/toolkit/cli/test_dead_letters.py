"""Dead letters as an operator meets them: what is shown, what is done, and what a second time does."""

import asyncio
import json
import time
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from accord.bus.adapters.kafka import KafkaRecordProducer, KafkaSettings
from accord.bus.dead_letters import DeadLetters
from accord.bus.errors import Poison
from accord.bus.messages import OutgoingRecord, Record
from accord.cli import main
from accord.testing.capture import EventCapture
from accord.testing.kafka import EmbeddedKafka

EVIL = "\x1b]0;owned\x07\x1b[2J\u202e[red]"
VALUE = json.dumps({"event_type": "book.created", "data": {"title": EVIL}}).encode()


class Desk:
    """A dead-letter stream of one's own: three broken records of one stream, and one that was too large."""

    def __init__(self, kafka: EmbeddedKafka) -> None:
        self.kafka = kafka
        self.origin = f"books-{uuid4().hex[:8]}"
        self.topic = f"{self.origin}.dead-letters"

    def run(self, *arguments: str, topic: bool = True, answer: str | None = None) -> Result:
        named = ["--topic", self.topic] if topic else []
        environment = {"KAFKA_BOOTSTRAP_SERVERS": self.kafka.bootstrap_servers}
        return CliRunner().invoke(
            main, ["dead-letters", *arguments, *named], env=environment, input=answer or ""
        )

    def listed(self, *arguments: str) -> dict[str, dict[str, object]]:
        """By key."""
        result = self.run("list", "--format", "json", *arguments)
        assert result.exit_code == 0, result.output
        return {str(each["key"]): each for each in json.loads(result.stdout)["dead_letters"]}

    def id_of(self, key: str) -> str:
        return str(self.listed("--all")[key]["id"])

    def replayed(self) -> list[Record]:
        async def read() -> list[Record]:
            async with EventCapture(self.kafka.bootstrap_servers, [self.origin], from_start=True) as capture:
                return list(await capture.catch_up())

        return asyncio.run(read())

    async def fill(self) -> None:
        producer = KafkaRecordProducer(KafkaSettings(self.kafka.bootstrap_servers))
        await producer.start()
        letters = DeadLetters(producer, self.topic, "a-service")
        headers = (("event_type", b"book.created"), ("trace", b"\xff\x00"))
        await letters.bury(
            Record(self.origin, 0, 1, b"a", VALUE, headers, 5), Poison(f"no title {EVIL}"), "c-1"
        )
        await letters.bury(Record(self.origin, 1, 2, b"b", b"\xff\xfe", (), 5), Poison("no JSON"), "c-2")
        await letters.bury(Record(self.origin, 2, 3, b"c", b"[1]", (), 5), Poison("no object"), "c-3")
        await letters.bury(Record(self.origin, 3, 4, b"d", bytes(1_000_000), (), 5), Poison("large"), "c-4")
        await producer.stop()


@pytest.fixture
def desk(kafka: EmbeddedKafka) -> Desk:
    desk = Desk(kafka)
    asyncio.run(desk.fill())
    return desk


def test_the_list_is_plain_when_piped_and_nothing_in_it_reaches_the_terminal_raw(desk: Desk) -> None:
    result = desk.run("list")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split("  ")[0] == "id"
    assert len(lines) == 5
    assert f"{desk.origin}/0:1" in result.stdout
    assert r"\x1b]0;owned\x07" in result.stdout
    assert not set(result.stdout) & {"\x1b", "\x07", "\u202e"}
    assert result.stderr == f"4 open dead letters in {desk.topic}.\n"


def test_filters_and_the_limit_narrow_the_list(desk: Desk) -> None:
    assert desk.listed("--event-type", "book.created").keys() == {"a"}
    assert desk.listed("--reason-contains", "no ").keys() == {"a", "b", "c"}
    limited = json.loads(desk.run("list", "--limit", "2", "--format", "json").stdout)
    assert (len(limited["dead_letters"]), limited["more"]) == (2, True)
    assert "see --limit" in desk.run("list", "--limit", "2").stderr
    entry = desk.listed()["b"]
    assert (entry["topic"], entry["partition"], entry["offset"]) == (desk.origin, 1, 2)
    assert (entry["correlation_id"], entry["status"]) == ("c-2", "open")


def test_show_tells_everything_and_escapes_it(desk: Desk) -> None:
    result = desk.run("show", desk.id_of("a"))
    assert result.exit_code == 0
    assert '    "title": "\\u001b]0;owned\\u0007' in result.stdout
    assert "header trace: base64:/wA=" in result.stdout
    assert not set(result.stdout) & {"\x1b", "\x07", "\u202e"}
    assert "base64://4=" in desk.run("show", desk.id_of("b")).stdout
    shown = json.loads(desk.run("show", desk.id_of("b"), "--format", "json").stdout)
    assert shown["value"] == {"base64": "//4="}
    missing = desk.run("show", "7:7")
    assert (missing.exit_code, missing.stderr) == (1, "7:7: there is no such dead letter.\n")


def test_a_replay_sends_the_record_once_however_often_it_is_asked_for(desk: Desk) -> None:
    letter = desk.id_of("a")
    assert desk.run("replay", letter).exit_code == 0
    (record,) = desk.replayed()
    assert (record.key, record.value) == (b"a", VALUE)
    assert record.headers == (("event_type", b"book.created"), ("trace", b"\xff\x00"))
    second = desk.run("replay", letter)
    assert (second.exit_code, "was replayed already" in second.stdout) == (0, True)
    assert len(desk.replayed()) == 1
    assert "a" not in desk.listed()
    assert desk.listed("--all")["a"]["status"] == "replayed"
    assert desk.run("replay", letter, "--again").exit_code == 0
    assert len(desk.replayed()) == 2


def test_what_cannot_be_replayed_is_named_and_the_rest_is_done(desk: Desk) -> None:
    result = desk.run("replay", "--all-open", "--yes")
    assert result.exit_code == 1
    assert "value of 1000000 bytes was too large" in result.stdout
    assert "3 replayed, 0 done already, 1 not done." in result.stderr
    assert sorted(str(record.key) for record in desk.replayed()) == ["b'a'", "b'b'", "b'c'"]
    assert desk.listed().keys() == {"d"}


def test_more_than_one_is_asked_about(desk: Desk) -> None:
    refused = desk.run("replay", "--reason-contains", "no ", answer="n\n")
    assert refused.exit_code == 1
    assert f"Replay 3 dead letters of {desk.topic}?" in refused.stderr
    assert desk.replayed() == []
    assert desk.run("replay", "--reason-contains", "no ", answer="y\n").exit_code == 0
    assert len(desk.replayed()) == 3


def test_a_discarded_letter_is_kept_with_the_reason_and_not_replayed_unless_asked(desk: Desk) -> None:
    letter = desk.id_of("c")
    assert desk.run("discard", letter).exit_code == 2, "the reason is required"
    assert desk.run("discard", letter, "--reason", "a test").exit_code == 0
    assert "c" not in desk.listed()
    assert ", discarded at " in desk.run("show", letter).stdout
    assert ": a test" in desk.run("show", letter).stdout
    refused = desk.run("replay", letter)
    assert (refused.exit_code, "--again" in refused.stdout) == (1, True)
    assert desk.replayed() == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("replay",), "Name dead letters by their ids"),
        (("replay", "0:0", "--all-open"), "Name dead letters by their ids"),
        (("show", "first"), "first is no id"),
        (("list", "--bootstrap-servers", "nowhere"), "host:port"),
        (("list", "--limit", "0"), "0 is not in the range"),
    ],
)
def test_what_makes_no_sense_is_refused_with_status_2(
    arguments: tuple[str, ...], sentence: str, desk: Desk
) -> None:
    result = desk.run(*arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_an_unknown_stream_is_named_and_not_made(desk: Desk) -> None:
    for _ in range(2):
        result = desk.run("list", "--topic", "No.such", topic=False)
        assert result.exit_code == 2
        assert result.stderr == f"There is no topic No.such at {desk.kafka.bootstrap_servers}.\n"


def test_without_a_broker_there_is_one_sentence_soon() -> None:
    began = time.monotonic()
    result = CliRunner().invoke(main, ["dead-letters", "list", "--bootstrap-servers", "127.0.0.1:9"])
    assert (result.exit_code, result.output) == (2, "No broker answers at 127.0.0.1:9.\n")
    assert time.monotonic() - began < 15


def test_the_broker_and_the_only_stream_are_found_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    nothing = CliRunner().invoke(main, ["dead-letters", "list"])
    assert (nothing.exit_code, "--bootstrap-servers" in nothing.stderr) == (2, True)
    with EmbeddedKafka(["one.dead-letters"]) as kafka:
        (tmp_path / ".accord").mkdir()
        env = tmp_path / ".accord" / "stack.env"
        env.write_text(f"AUTHORS_URL=x\nKAFKA_BOOTSTRAP_SERVERS={kafka.bootstrap_servers}\n")
        found = CliRunner().invoke(main, ["dead-letters", "list"])
        assert (found.exit_code, found.stderr) == (0, "0 open dead letters in one.dead-letters.\n")
    with EmbeddedKafka(["one.dead-letters", "two.dead-letters"]) as kafka:
        env.write_text(f"KAFKA_BOOTSTRAP_SERVERS={kafka.bootstrap_servers}\n")
        several = CliRunner().invoke(main, ["dead-letters", "list"])
        assert (several.exit_code, "one.dead-letters, two.dead-letters" in several.stderr) == (2, True)


@pytest.mark.parametrize("verb", ["list", "show", "replay", "discard"])
def test_each_verb_has_help(verb: str) -> None:
    result = CliRunner().invoke(main, ["dead-letters", verb, "--help"])
    assert result.exit_code == 0
    assert "--topic" in result.stdout
    assert "KAFKA_BOOTSTRAP_SERVERS" in result.stdout


async def _stranger(kafka: EmbeddedKafka, topic: str) -> None:
    producer = KafkaRecordProducer(KafkaSettings(kafka.bootstrap_servers))
    await producer.start()
    await producer.send([OutgoingRecord(topic, b"e", b"{}", (("dead_letter.topic", b"elsewhere"),))])
    await producer.stop()


def test_a_record_that_is_no_dead_letter_is_listed_and_never_replayed(desk: Desk) -> None:
    asyncio.run(_stranger(desk.kafka, desk.topic))
    result = desk.run("replay", desk.id_of("e"))
    assert result.exit_code == 1
    assert "it is no dead letter" in result.stdout
