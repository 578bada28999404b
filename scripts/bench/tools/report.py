"""A benchmark from its contestants to its table: the options that all have, the run, what is shown."""

import argparse
import json
import platform
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from scripts.bench.tools.commands import Contestant, Cost, measure
from scripts.bench.tools.peers import install

__all__ = ["parser_of", "prepare", "run"]


def parser_of(module: str, description: str) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    parser.add_argument("--rounds", type=int, default=5, help="after one round to warm up (default 5)")
    parser.add_argument("--install", action="store_true", help="install the other tools below .accord/bench")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    return parser


def prepare(arguments: argparse.Namespace) -> None:
    """Install the other tools if that is asked for; what cannot be installed is said, and left out."""
    for sentence in install() if arguments.install else ():
        Console(stderr=True).print(sentence, markup=False)


def run(groups: Mapping[str, Sequence[Contestant]], arguments: argparse.Namespace) -> int:
    """Measure all groups and show them; return 0, or 2 if a contestant fails.

    Within a group the others are set against the contestant of Accord with the same last word in its name.
    """
    trouble = Console(stderr=True)
    total = sum(map(len, groups.values())) * (arguments.rounds + 1)
    with Progress(console=trouble, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("measuring", total=total)
        try:
            found = {
                title: measure(group, arguments.rounds, lambda: progress.advance(task))
                for title, group in groups.items()
            }
        except RuntimeError as failed:
            trouble.print(str(failed), markup=False)
            return 2
    _show(found, arguments.rounds)
    if arguments.json:
        figures = {t: {n: [c.seconds, c.memory] for n, c in group.items()} for t, group in found.items()}
        arguments.json.write_text(json.dumps({"rounds": arguments.rounds, "figures": figures}, indent=2))
    return 0


def _show(found: Mapping[str, Mapping[str, Cost]], rounds: int) -> None:
    title = f"medians of {rounds} rounds, interleaved"
    table = Table("what", "seconds", "MiB", "against accord", title=title)
    for heading, group in found.items():
        table.add_section()
        table.add_row(heading, style="bold")
        for name, cost in group.items():
            own = next(
                (c for n, c in group.items() if n.startswith("accord") and _kind(n) == _kind(name)), None
            )
            ratio = f"{cost.seconds / own.seconds:.1f}x" if own and not name.startswith("accord") else ""
            table.add_row(f"  {name}", f"{cost.seconds:.2f}", f"{cost.memory:.0f}", ratio)
    console = Console()
    console.print(table)
    console.print(f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}")


def _kind(name: str) -> str:
    return name.rpartition(", ")[2].partition(" ")[0]
