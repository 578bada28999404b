"""pytest finds the fixtures by itself, and only where all that they need is installed."""

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from accord.testing import entry

TEST = """
import json
import pytest
from confluent_kafka import Producer

@pytest.mark.asyncio
async def test_all_of_it(database, kafka, events):
    assert database.startswith("postgresql+asyncpg://")
    heard = await events("stranger.things")
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers})
    producer.produce("stranger.things", value=b"no JSON")
    producer.produce("stranger.things", value=json.dumps({"event_type": "thing.made", "data": 7}))
    assert producer.flush(10) == 0
    assert (await heard.event("thing.made"))["data"] == 7
"""


def test_the_plugin_is_announced_to_pytest() -> None:
    announced = [point.value for point in entry_points(group="pytest11") if point.name == "accord"]
    assert announced == ["accord.testing.entry"]


def test_a_strangers_test_asks_for_fixtures_and_gets_them(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TEST)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("absent", ["confluent_kafka", "pytest_asyncio", ""])
def test_without_the_extra_pytest_is_left_alone(absent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[str] = []
    manager: Any = SimpleNamespace(import_plugin=imported.append)
    monkeypatch.setattr(entry, "find_spec", lambda name: None if name == absent else object())
    parser: Any = SimpleNamespace()
    entry.pytest_addoption(parser, manager)
    assert imported == ([] if absent else ["accord.testing.plugin"])
