"""`make kafka`: one broker of Apache Kafka with its data on disk, for as long as somebody wants it."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from accord.testing.apache_kafka import ApacheKafka
from accord.testing.kafka_distribution import VERSION, KafkaNotAvailable, KafkaNotFetched, find_java, jars
from accord.testing.process import ProcessFailed
from scripts.logs import last_lines
from scripts.stack import FOLDER
from scripts.terminal import Stopped, ignore_signals, make_console, stop_on_signals

__all__ = ["main"]

LOG = "log"
LOOK_SECONDS = 0.25


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit with 0 when asked to end, 1 if the broker died or was not fetched, 2 if it could not begin."""
    options = _parse(arguments)
    parent = os.getppid() if options.end_with_parent else None
    console, errors = make_console(sys.stdout), make_console(sys.stderr)
    broker = ApacheKafka(folder=options.folder, port=options.port)
    stop_on_signals()
    try:
        _fetch(console)
        if options.fetch:
            return 0
        with console.status("Starting Apache Kafka"):
            broker.start()
        _tell(console, broker, options.folder)
        return _follow(broker, parent, options.folder / LOG, errors)
    except (KafkaNotAvailable, ProcessFailed, OSError) as error:
        errors.print(str(error), style="red", soft_wrap=True, markup=False)
        return 1 if isinstance(error, KafkaNotFetched) else 2
    except Stopped:
        console.print("Ending it; the data stay.", style="dim")
        return 0
    finally:
        ignore_signals()
        broker.stop()


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make kafka",
        description=f"Run one broker of Apache Kafka {VERSION} on this machine until Ctrl-C. It needs "
        "Java 17 or newer; its jars are fetched through Maven, once. Its data stay for the next time.",
        epilog='Through make: make kafka ARGS="--port 9092". Exit status: 0 when asked to end, 1 if the '
        "broker died or its jars could not be fetched, 2 if it could not begin, without Java for example.",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=FOLDER / "kafka",
        help="where the data and the log are kept (.accord/kafka)",
    )
    parser.add_argument("--port", type=int, default=0, help="where it listens (any port that is free)")
    parser.add_argument("--fetch", action="store_true", help="only fetch the jars, where they are missing")
    parser.add_argument("--end-with-parent", action="store_true", help="end when the calling process is gone")
    return parser.parse_args(arguments)


def _fetch(console: Console) -> None:
    """Say what is being fetched in a terminal, where somebody waits for it."""
    find_java()
    with console.status(f"Looking for Apache Kafka {VERSION}") as status:
        jars(lambda name: status.update(f"Fetching Apache Kafka {VERSION}: {name}"))


def _tell(console: Console, broker: ApacheKafka, folder: Path) -> None:
    where = broker.bootstrap_servers
    console.print(f"[bold green]Up.[/] Apache Kafka {VERSION}, process {broker.pid}.\n")
    for label, value in (("Bootstrap", where), ("Data", folder / "data"), ("Log", folder / LOG)):
        console.print(f"  [bold]{label:<10}[/]  {value}", soft_wrap=True)
    console.print("\nTry", style="bold")
    console.print(f"  accord topics --bootstrap-servers {where}", soft_wrap=True)
    console.print("\nCtrl-C ends it.", style="dim")


def _follow(broker: ApacheKafka, parent: int | None, log: Path, errors: Console) -> int:
    """Watch until somebody asks for the end, or the broker is gone."""
    while parent is None or parent == os.getppid():
        if (status := broker.poll()) is not None:
            how = (
                f"was ended by {signal.Signals(status - 128).name}"
                if status > 128
                else f"ended with {status}"
            )
            errors.print(f"Kafka {how}; the end of {log}:", style="red", soft_wrap=True)
            for line in last_lines(log, 5):
                errors.print(f"  {line}", style="dim", markup=False, soft_wrap=True)
            return 1
        time.sleep(LOOK_SECONDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
