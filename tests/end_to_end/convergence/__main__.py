"""`make prove`: thousands of stories told to both services, with progress, seed and verdict."""

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from accord.testing.postgres import EmbeddedPostgres
from accord.testing.process import ProcessFailed
from scripts.terminal import make_console
from tests.end_to_end.convergence.proving import prove

__all__ = ["main"]

EXAMPLES = 2_000
LINES = 10
"""How often progress is reported where there is no terminal."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit with 0 if both sides always agreed, 1 if a story ended otherwise, 2 if none could be told."""
    parser = argparse.ArgumentParser(
        prog="make prove",
        description="Drive both services over a bus that delays, repeats, reorders and dies, and see that "
        "they agree once everything has arrived. The same seed and number of examples give the same stories.",
    )
    parser.add_argument("--examples", type=int, default=EXAMPLES, help=f"stories to tell ({EXAMPLES})")
    parser.add_argument("--seed", type=int, help="where the stories come from (another one each time)")
    options = parser.parse_args(arguments)
    seed = random.randrange(2**32) if options.seed is None else options.seed
    console = make_console(sys.stdout)
    again = f'make prove ARGS="--seed {seed} --examples {options.examples}"'
    console.print(f"{options.examples} examples from seed {seed}; again with: {again}", soft_wrap=True)
    began = time.monotonic()
    try:
        with EmbeddedPostgres() as postgres, _progress(console, options.examples) as progress:
            counts = prove(postgres, options.examples, seed, _report(console, progress, options.examples))
    except KeyboardInterrupt:
        return 130
    except ProcessFailed as error:
        make_console(sys.stderr).print(str(error), style="red", soft_wrap=True, markup=False)
        return 2
    except Exception as error:  # noqa: BLE001  # whatever a service raises is what was looked for
        traceback.print_exception(error, limit=-3, file=sys.stdout)
        console.print(f"\nThe two sides do not agree; again with: {again}", style="red", soft_wrap=True)
        return 1
    for what, number in sorted(counts.items()):
        console.print(f"{number:>9,}  {what}")
    console.print(f"Both sides always agreed ({time.monotonic() - began:.0f} s).", style="green")
    return 0


def _progress(console: Console, examples: int) -> Progress:
    progress = Progress(
        TextColumn("telling stories"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )
    progress.add_task("examples", total=examples)
    return progress


def _report(console: Console, progress: Progress, examples: int) -> Callable[[Counter[str]], None]:
    def report(counts: Counter[str]) -> None:
        done = counts["examples"]
        progress.update(progress.task_ids[0], completed=min(done, examples))
        if not console.is_terminal and done % max(1, examples // LINES) == 0:
            console.print(f"{done} examples, {counts['records delivered']} records delivered")

    return report


if __name__ == "__main__":
    sys.exit(main())
