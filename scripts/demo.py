"""`make demo`: the stack, a story told over it, and a verdict."""

import argparse
import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from accord.bus.messages import Record
from accord.http.client import ClientError
from accord.testing.capture import EventCapture
from accord.testing.process import ProcessFailed
from generated.authors.client import AuthorsClient
from generated.books.client import BooksClient
from scripts.narrator import Narrator
from scripts.service import HOST, ROOT
from scripts.stack import FOLDER, AlreadyRunning, Stack
from scripts.story import STORY, TOPICS, Step
from scripts.terminal import Stopped, ignore_signals, make_console, stop_on_signals
from scripts.world import World

__all__ = ["main", "take"]

STEP_SECONDS = 30.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit with 0 if every step came true, 1 if one did not, 2 if the demo could not begin."""
    parser = argparse.ArgumentParser(
        prog="make demo",
        description="Start PostgreSQL, Kafka and both services, and walk through a story that checks itself: "
        "each step prints its time and the events that Kafka carried for it. Everything ends with the story.",
    )
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where stack.env and the logs go")
    options = parser.parse_args(arguments)
    console = make_console(sys.stdout)
    # Loopback is asked directly, whatever proxy the environment names for the world outside.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = HOST
    stack = Stack(options.folder)
    stop_on_signals()
    began = time.monotonic()
    try:
        with console.status("Starting") as status:
            stack.start(lambda what: status.update(f"Starting {what}"))
        return asyncio.run(_tell(stack, Narrator(console), began))
    except (AlreadyRunning, ProcessFailed) as error:
        make_console(sys.stderr).print(str(error), style="red", soft_wrap=True, markup=False)
        return 2
    except Stopped:
        return 130
    finally:
        ignore_signals()
        stack.stop()


async def _tell(stack: Stack, narrator: Narrator, began: float) -> int:
    where = stack.addresses
    narrator.begin(
        f"Up after {time.monotonic() - began:.1f} s: Authors {where.authors_url}, Books {where.books_url}, "
        f"Kafka {where.kafka_bootstrap_servers}"
    )
    async with (
        AuthorsClient(where.authors_url) as authors,
        BooksClient(where.books_url) as books,
        EventCapture(where.kafka_bootstrap_servers, TOPICS, from_start=True) as capture,
    ):
        world = World(authors, books, capture, where.kafka_bootstrap_servers, ROOT / "specs")
        for number, step in enumerate(STORY, 1):
            if not await take(number, step, world, narrator):
                left = len(STORY) - number
                untold = f" {left} further steps were not tried." if left else ""
                narrator.end(f"Step {number} did not come true.{untold} Logs: {stack.logs}/*.log", "bold red")
                return 1
        narrator.end(
            f"All {len(STORY)} steps came true; Kafka carried {len(capture.records)} records. "
            f"{time.monotonic() - began:.1f} s in all.",
            "bold green",
        )
    return 0


async def take(number: int, step: Step, world: World, narrator: Narrator) -> bool:
    """Take one step and tell it; False if it did not come true."""
    start, began = len(world.capture.records), time.monotonic()
    try:
        async with asyncio.timeout(STEP_SECONDS):
            outcome = await step.act(world)
            for event_type, count in Counter(step.events).items():
                await world.capture.wait_for_all(_carries(event_type), count, since=start)
    except (ClientError, AssertionError, ValueError, OSError) as error:
        why = str(error) or type(error).__name__
        narrator.failure(number, step.title, _since(began), why, world.capture.records[start:])
        return False
    narrator.step(number, step.title, _since(began), outcome, world.capture.records[start:])
    return True


def _carries(event_type: str) -> Callable[[Record], bool]:
    return lambda record: ("event_type", event_type.encode()) in record.headers


def _since(began: float) -> float:
    return (time.monotonic() - began) * 1000


if __name__ == "__main__":
    sys.exit(main())
