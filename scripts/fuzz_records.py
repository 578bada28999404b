"""`make fuzz`: records that nobody should send, and what the Authors Service does with each."""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from accord.cli.table import print_table
from accord.testing.kafka import EmbeddedKafka
from accord.testing.postgres import EmbeddedPostgres
from accord.testing.process import ProcessFailed
from scripts.fuzz_run import Stuck, Tally, fuzz
from scripts.fuzzed import Fate, cases
from scripts.terminal import Stopped, ignore_signals, make_console, stop_on_signals

__all__ = ["main"]

COUNT = 100_000
SEED = 20260105
SHOWN = 20
"""Cases that fared ill; the rest would only repeat the picture."""

PLAIN_PROGRESS_SECONDS = 15.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit with 0 if each record fared as it must, 1 if one did not, 2 if it could not begin."""
    parser = argparse.ArgumentParser(
        prog="make fuzz",
        description="Feed good and broken records to the Authors Service over embedded servers.",
    )
    parser.add_argument("--count", type=_count, default=COUNT, help=f"records to send ({COUNT:,})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"the same seed sends the same ({SEED})")
    options = parser.parse_args(arguments)
    stop_on_signals()
    try:
        with EmbeddedPostgres() as postgres, EmbeddedKafka() as kafka, _progress(options.count) as progress:
            records = cases(options.seed, options.count)
            url = postgres.create_database("authors_db")
            tally = asyncio.run(fuzz(records, url, kafka.bootstrap_servers, progress))
    except Stopped:
        return 130
    except Stuck as error:
        print(f"The consumer stopped: {error}", file=sys.stderr)
        return 1
    except ProcessFailed as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        ignore_signals()
    _report(tally, options.seed)
    return 1 if tally.wrong or not tally.adds_up else 0


def _report(tally: Tally, seed: int) -> None:
    columns = ("kind of record", "in", *(str(fate) for fate in Fate), "reason of the first")
    rows = [
        (
            kind,
            f"{sent:,}",
            *(f"{tally.fates[kind][fate]:,}" if tally.fates[kind][fate] else "" for fate in Fate),
            _shortened(tally.reasons.get(kind, "")),
        )
        for kind, sent in sorted(tally.sent.items())
    ]
    total = ("all", f"{tally.records:,}", *(f"{tally.count(fate):,}" for fate in Fate), "")
    print_table(columns, [*rows, total], right=(1, 2, 3, 4))
    for sentence in tally.wrong[:SHOWN]:
        print(sentence)
    sum_up = " + ".join(f"{tally.count(fate):,} {fate}" for fate in Fate)
    print(
        f"{tally.records:,} in {'=' if tally.adds_up else 'is not'} {sum_up}; "
        f"{tally.letters:,} dead letters; {tally.retries:,} retries; {len(tally.wrong):,} fared ill."
    )
    print(f"{tally.seconds:.0f} s, {tally.records / tally.seconds:,.0f} records/s, seed {seed}.")


def _shortened(reason: str, most: int = 60) -> str:
    line = " ".join(reason.encode("ascii", "backslashreplace").decode().split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


@contextmanager
def _progress(count: int) -> Iterator[Callable[[Tally], None]]:
    """A bar in a terminal, elsewhere a line now and then; both on standard error."""
    console = make_console(sys.stderr)
    if not console.is_terminal:
        last = time.monotonic()

        def tell(tally: Tally) -> None:
            nonlocal last
            if time.monotonic() - last >= PLAIN_PROGRESS_SECONDS:
                last = time.monotonic()
                rate = tally.records / tally.seconds
                print(f"{tally.records:,} of {count:,}, {rate:,.0f}/s", file=sys.stderr, flush=True)

        yield tell
        return
    columns = (TextColumn("Records"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("records", total=count)
        yield lambda tally: bar.update(task, completed=tally.records)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("it must be at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
