"""Generating while somebody edits."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from accord.cli import main, watching

SHOP = Path(__file__).parents[1] / "codegen" / "shop"


class Watcher:
    """`accord generate --watch`, and the lines that it has printed so far."""

    def __init__(self, folder: Path) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "accord", "generate", "--watch"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # A shell that runs the tests in the background has them ignore Ctrl-C, and children inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def until(self, wanted: Callable[[str], bool], since: int = 0) -> int:
        """Wait for a line; answers how many lines there are by then."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if any(wanted(line) for line in self.lines[since:]):
                return len(self.lines)
            time.sleep(0.05)
        raise AssertionError("".join(self.lines))

    def close(self) -> None:
        self.process.wait()
        self._thread.join()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def watching(self, since: int = 0) -> int:
        return self.until(lambda line: line.startswith("Watching "), since)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    shutil.copytree(SHOP, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def watcher(shop: Path) -> Iterator[Watcher]:
    running = Watcher(shop)
    yield running
    running.process.kill()
    running.close()


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.timeout(180)
def test_each_change_is_generated_a_broken_one_is_told_and_ctrl_c_ends_well(
    shop: Path, watcher: Watcher
) -> None:
    spec, made = shop / "specs" / "shop.openapi.yaml", shop / "made" / "shop" / "client.py"
    seen = watcher.watching()
    assert made.is_file()

    edit(spec, "Create an item", "Order an item")
    seen = watcher.watching(seen)
    assert "Order an item" in made.read_text()

    edit(spec, "type: object", "type: objekt")
    watcher.until(lambda line: line.endswith("[bad-schema]\n"), seen)
    seen = watcher.watching(seen)

    edit(spec, "type: objekt", "type: object")
    watcher.until(lambda line: line == "Nothing to do.\n", seen)
    watcher.watching(seen)

    watcher.process.send_signal(signal.SIGINT)
    assert watcher.process.wait(10) == 0


def test_what_a_machine_reads_is_not_watched(shop: Path) -> None:
    result = CliRunner().invoke(main, ["generate", "--watch", "--format", "json", "--project", str(shop)])
    assert result.exit_code == 2
    assert "it prints no JSON" in result.stderr


def test_specs_and_settings_are_looked_at_and_nothing_else(shop: Path) -> None:
    for path in ("specs/.hidden/a.yaml", "specs/node_modules/a.yaml", "specs/notes.txt", "elsewhere.yaml"):
        (shop / path).parent.mkdir(exist_ok=True)
        (shop / path).write_text("")
    seen = {os.path.relpath(path, shop) for path in watching._look(shop)}
    assert seen == {
        "pyproject.toml",
        "specs/common.yaml",
        "specs/shop.asyncapi.yaml",
        "specs/shop.openapi.yaml",
    }


def test_folders_outside_and_copies_of_urls_are_looked_at_too(shop: Path) -> None:
    for path in ("shared/outside.yaml", "vendored/copy.json", "one.yaml"):
        (shop / path).parent.mkdir(exist_ok=True)
        (shop / path).write_text("{}")
    settings = 'outside = ["shared"]\n[tool.accord.remotes]\n"https://a.example/" = "vendored"\n'
    settings += '"https://b.example/one" = "one.yaml"\n[tool.accord.services.shop]'
    edit(shop / "pyproject.toml", "[tool.accord.services.shop]", settings)
    seen = {os.path.relpath(path, shop) for path in watching._look(shop)}
    assert seen > {"shared/outside.yaml", "vendored/copy.json", "one.yaml"}


def test_while_the_settings_are_broken_they_alone_are_looked_at(shop: Path) -> None:
    (shop / "pyproject.toml").write_text("[tool.accord")
    assert [os.path.relpath(path, shop) for path in watching._look(shop)] == ["pyproject.toml"]


def test_a_file_that_never_rests_does_not_keep_the_work_waiting(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "LONGEST_SECONDS", 0.3)
    sizes = iter(range(10_000))
    monkeypatch.setattr(watching, "_look", lambda _start: {"restless.yaml": (0, next(sizes))})
    began = time.monotonic()
    watching._await_change(shop, {})
    assert time.monotonic() - began < 5
