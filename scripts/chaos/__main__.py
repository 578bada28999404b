"""`make chaos`: the system under load, broken at random, and judged at the end."""

import argparse
import asyncio
import contextlib
import secrets
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.status import Status

from accord.testing.kafka_distribution import KafkaNotAvailable
from accord.testing.process import ProcessFailed
from scripts.chaos.ledger import Outcome
from scripts.chaos.report import tell, write
from scripts.chaos.run import Options, Result, Run
from scripts.chaos.system import System
from scripts.terminal import make_console

__all__ = ["main"]

FOLDER = Path(__file__).parents[2] / ".accord" / "chaos"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit with 0 if nothing was lost, 1 if something was, 2 if it could not run."""
    options = _parse(arguments)
    console = make_console(sys.stdout)
    try:
        result = asyncio.run(_run(options, console))
    except (KafkaNotAvailable, ProcessFailed) as error:
        make_console(sys.stderr).print(str(error), style="red", soft_wrap=True, markup=False)
        return 2
    except (KeyboardInterrupt, asyncio.CancelledError):
        make_console(sys.stderr).print("Ended before the time.", style="red")
        return 2
    write(result, options.folder)
    tell(result, console)
    console.print(f"{options.folder}/report.json, timeline.svg, logs/", style="dim", soft_wrap=True)
    return 0 if result.holds else 1


async def _run(options: Options, console: Console) -> Result:
    task = asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if task is not None:
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with console.status("Starting") if console.is_terminal else contextlib.nullcontext() as status:
        system = System(options.folder, options.kafka)
        try:
            await system.start(lambda what: status.update(f"Starting {what}") if status else None)
            return await Run(options, system).carry_out(lambda run: _show(run, status))
        finally:
            await system.stop()


def _show(run: Run, status: Status | None) -> None:
    if status is None:
        return
    requests = run.ledger.requests
    under_way = ", ".join(f"{fault.blow} {target}" for target, fault in run.faults.under_way.items())
    status.update(
        f"{run.phase} {run.elapsed_s:.0f} of {run.options.seconds:.0f} s: "
        f"{requests[Outcome.ACKNOWLEDGED]:,} acknowledged, {requests[Outcome.UNKNOWN]:,} unknown, "
        f"{len(run.faults.struck)} faults survived  [bold red]{under_way}[/]"
    )


def _parse(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(
        prog="make chaos",
        description="Write through REST, break what is below at random, and judge what was acknowledged.",
    )
    parser.add_argument("--seconds", type=float, default=600.0, help="how long the load lasts (600)")
    parser.add_argument("--seed", type=int, help="draws the faults and the writes (a random one)")
    parser.add_argument("--clients", type=int, default=12, help="how many write at a time (12)")
    parser.add_argument("--rate", type=float, default=200.0, help="writes per second they aim at (200)")
    parser.add_argument(
        "--kafka", choices=("apache", "mock"), default="apache", help="the broker; the mock needs no Java"
    )
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, help="where report, picture and logs go (.accord/chaos)"
    )
    parser.add_argument(
        "--patience", type=float, default=120.0, help="seconds until a recovery has failed (120)"
    )
    found = parser.parse_args(arguments)
    if found.seconds <= 0 or found.clients < 1 or found.rate <= 0:
        parser.error("--seconds, --clients and --rate must be above 0")
    seed = secrets.randbelow(10**6) if found.seed is None else found.seed
    return Options(
        found.seconds, seed, found.clients, found.rate, found.kafka, found.folder.resolve(), found.patience
    )


if __name__ == "__main__":
    sys.exit(main())
