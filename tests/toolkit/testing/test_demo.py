"""The demo tells what came true, and what did not."""

import io
import json
from collections.abc import Callable

from rich.console import Console

from accord.bus.messages import Record
from accord.testing.brokers import KafkaBroker
from accord.testing.plugin import CaptureEvents
from generated.authors.client import AuthorsClient
from generated.books.client import BooksClient
from scripts.demo import take
from scripts.narrator import Narrator
from scripts.service import ROOT
from scripts.story import Step
from scripts.terminal import make_console
from scripts.world import Unmet, World

EVENT = {
    "event_type": "author.created",
    "data": {"author_id": 17, "name": "Ursula K. Le Guin, of whom more could be said", "version": 1},
}
RECORD = Record(
    "library.authors", 2, 5, b"17", json.dumps(EVENT).encode(), (("event_type", b"author.created"),)
)


def narrate(tell: Callable[[Narrator], None]) -> list[str]:
    out = io.StringIO()
    tell(Narrator(make_console(out)))
    return out.getvalue().splitlines()


async def try_step(kafka: KafkaBroker, events: CaptureEvents, step: Step) -> tuple[bool, str]:
    out = io.StringIO()
    capture = await events("demo.events")
    async with AuthorsClient("http://127.0.0.1:1") as authors, BooksClient("http://127.0.0.1:1") as books:
        world = World(authors, books, capture, kafka.bootstrap_servers, ROOT / "specs")
        came_true = await take(3, step, world, Narrator(Console(file=out, width=100)))
    return came_true, out.getvalue()


def test_a_step_is_told_with_its_time_and_its_events_within_the_width_of_a_terminal() -> None:
    blank, heading, outcome, event = narrate(
        lambda narrator: narrator.step(1, "Create", 12.3, "Done.", [RECORD])
    )
    assert blank == ""
    assert heading.split() == ["1", "✓", "Create", "12", "ms"]
    assert outcome.strip() == "Done."
    assert event.split()[:4] == ["library.authors", "17", "author.created", "2@5"]
    assert event.endswith("…")
    assert len(event) <= 100


def test_a_record_that_is_no_json_is_told_too() -> None:
    record = Record("library.authors", 0, 1, None, b"\xff", ())
    assert "library.authors" in narrate(lambda narrator: narrator.step(1, "Send", 1, "Sent.", [record]))[-1]


async def test_a_step_whose_event_came_has_come_true(kafka: KafkaBroker, events: CaptureEvents) -> None:
    async def act(world: World) -> str:
        await world.send("demo.events", 0, b"17", json.dumps(EVENT).encode())
        await world.capture.wait_for(lambda record: record.key == b"17")
        return "Sent."

    came_true, told = await try_step(kafka, events, Step("Send", act))
    assert came_true
    assert "author.created" in told


async def test_a_step_that_fails_says_why(kafka: KafkaBroker, events: CaptureEvents) -> None:
    async def act(_: World) -> str:
        raise Unmet("the link never arrived")

    came_true, told = await try_step(kafka, events, Step("Link", act))
    assert not came_true
    assert "✗ Link" in told
    assert "the link never arrived" in told


async def test_a_service_that_is_away_fails_the_step(kafka: KafkaBroker, events: CaptureEvents) -> None:
    async def act(world: World) -> str:
        return str(await world.authors.list_authors())

    came_true, told = await try_step(kafka, events, Step("List", act))
    assert not came_true
    assert "GET http://127.0.0.1:1/authors" in told
