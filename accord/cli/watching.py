"""Doing something again whenever a spec or the settings change, until Ctrl-C.

The files are looked at a few times a second, which works on every file system and in every container.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

import click

from accord.findings import BrokenSpec
from accord.parsing.project import find_project

__all__ = ["repeat"]

LOOK_SECONDS = 0.25
REST = 20
"""How many times as long as a look takes the next one waits: thousands of files cost no more than a few."""

SETTLE_SECONDS = 0.1
"""Editors write in several steps: the work begins when nothing has changed for so long."""

LONGEST_SECONDS = 2.0
"""And at the latest then, for files that never rest."""

MAX_FILES = 10_000
SUFFIXES = (".json", ".yaml", ".yml")
_NOT_SPECS = {"__pycache__", "node_modules", "venv"}

Seen = dict[str, tuple[int, int]]
"""Each file with its time of change and its size."""


def repeat(start: Path, work: Callable[[], None]) -> None:
    """Run ``work`` now and after each change; what it refuses is for the user to mend, so it goes on."""
    try:
        while True:
            before = _look(start)
            with suppress(SystemExit):
                work()
            click.echo(f"Watching {len(before)} files; Ctrl-C ends.", err=True)
            _await_change(start, before)
    except KeyboardInterrupt:
        click.echo("", err=True)


def _await_change(start: Path, before: Seen) -> None:
    while True:
        began = time.monotonic()
        if (now := _look(start)) != before:
            break
        time.sleep(max(LOOK_SECONDS, (time.monotonic() - began) * REST))
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        time.sleep(SETTLE_SECONDS)
        earlier, now = now, _look(start)
        if now == earlier:
            return


def _look(start: Path) -> Seen:
    seen: Seen = {}
    for path in islice(_files(start), MAX_FILES):
        try:
            status = os.stat(path)
        except OSError:
            continue
        seen[path] = (status.st_mtime_ns, status.st_size)
    return seen


def _files(start: Path) -> Iterator[str]:
    """The settings, and all that may be a spec; while the settings are broken, these alone."""
    folders = (start.resolve(), *start.resolve().parents)
    yield from (str(path) for folder in folders if (path := folder / "pyproject.toml").is_file())
    try:
        project = find_project(start)
    except (BrokenSpec, OSError):
        return
    for place in (project.specs, *project.outside, *project.remotes.values()):
        if place.is_file():
            yield str(place)
        for folder, inner, names in os.walk(place):
            inner[:] = sorted(name for name in inner if not name.startswith(".") and name not in _NOT_SPECS)
            yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(SUFFIXES))
