"""`make up`: the stack, for as long as somebody wants it."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from accord.testing.process import ProcessFailed
from scripts.logs import last_lines
from scripts.stack import FOLDER, AlreadyRunning, Stack
from scripts.terminal import Stopped, ignore_signals, make_console, stop_on_signals

__all__ = ["main"]

LOOK_SECONDS = 0.25


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit with 0 when asked to end, 1 if something failed, 2 if it could not begin."""
    parser = argparse.ArgumentParser(
        prog="make up", description="Start PostgreSQL, Kafka and both services, and keep them until Ctrl-C."
    )
    parser.add_argument("--end-with-parent", action="store_true", help="end when the calling process is gone")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where stack.env and the logs go")
    options = parser.parse_args(arguments)
    parent = os.getppid() if options.end_with_parent else None
    console = make_console(sys.stdout)
    stack = Stack(options.folder)
    stop_on_signals()
    try:
        _start(stack, console)
        return _follow(stack, console, parent)
    except AlreadyRunning as error:
        make_console(sys.stderr).print(str(error), style="red", soft_wrap=True)
        return 2
    except ProcessFailed as error:
        make_console(sys.stderr).print(str(error), style="red", soft_wrap=True, markup=False)
        return 1
    except Stopped:
        console.print("Ending it all.", style="dim")
        return 0
    finally:
        ignore_signals()
        stack.stop()


def _start(stack: Stack, console: Console) -> None:
    began = time.monotonic()
    with console.status("Starting") as status:
        stack.start(lambda what: status.update(f"Starting {what}"))
    console.print(f"[bold green]Up[/] after {time.monotonic() - began:.1f} s.\n")
    _tell(stack, console)


def _tell(stack: Stack, console: Console) -> None:
    where = stack.addresses
    logs = stack.logs.relative_to(Path.cwd()) if stack.logs.is_relative_to(Path.cwd()) else stack.logs
    rows = [
        ("Authors", where.authors_url),
        ("", f"{where.authors_url}/docs"),
        ("", f"{where.authors_url}/asyncapi.yaml"),
        ("", f"{where.authors_url}/health/ready"),
        ("Books", where.books_url),
        ("", f"{where.books_url}/docs"),
        ("", f"{where.books_url}/asyncapi.yaml"),
        ("", f"{where.books_url}/health/ready"),
        ("Kafka", where.kafka_bootstrap_servers),
        ("PostgreSQL", where.authors_database_url),
        ("", where.books_database_url),
        ("Variables", str(logs.parent / stack.env_file.name)),
        ("Logs", str(logs / "*.log")),
    ]
    for label, value in rows:
        # Never wrapped, so that an address can be copied.
        console.print(f"  [bold]{label:<10}[/]  {value}", soft_wrap=True)
    console.print("\nTry", style="bold")
    body = '{"name": "Ursula K. Le Guin"}'
    for line in (
        f"curl -i {where.authors_url}/authors \\",
        f"    -H 'Content-Type: application/json' -d '{body}'",
        f"kcat -b {where.kafka_bootstrap_servers} -t library.authors -C -o beginning -e -f '%k  %s\\n'",
    ):
        console.print(f"  {line}", soft_wrap=True, markup=False)
    console.print()


def _follow(stack: Stack, console: Console, parent: int | None) -> int:
    """Watch until somebody asks for the end, or a server is gone that nothing works without."""
    known: set[str] = set()
    with console.status("Following; Ctrl-C ends it. All data are temporary."):
        while parent is None or parent == os.getppid():
            for name, status in stack.dead().items():
                if name not in known:
                    known.add(name)
                    _tell_death(stack, console, name, status)
            if not known.isdisjoint(("postgres", "kafka")):
                return 1
            time.sleep(LOOK_SECONDS)
    return 0


def _tell_death(stack: Stack, console: Console, name: str, status: int) -> None:
    how = (
        f"was ended by {signal.Signals(status - 128).name}" if status > 128 else f"ended with status {status}"
    )
    log = stack.logs / f"{name}.log"
    console.print(f"[bold red]{name} {how}[/]; the end of {log}:", soft_wrap=True)
    for line in last_lines(log, 5):
        console.print(f"  {line}", no_wrap=True, overflow="ellipsis", markup=False, style="dim")
    if name in stack.services:
        console.print(
            f"  The rest goes on. Start it again: {stack.services[name].command_line}", soft_wrap=True
        )


if __name__ == "__main__":
    sys.exit(main())
