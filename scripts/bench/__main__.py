"""`make bench`: Accord beside what people write by hand, in one run, held against its targets."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from accord.testing.process import ProcessFailed
from scripts.bench.ground import Ground
from scripts.bench.report.chart import draw
from scripts.bench.report.machine import begin
from scripts.bench.report.readme import write_readme
from scripts.bench.report.record import NoRun, Run, load, save
from scripts.bench.report.table import make_table, markdown_table, sentence
from scripts.bench.rounds import grow, measure, steps
from scripts.bench.workload import Growth, LeftOut, Pace, RoundFailed, Workload
from scripts.bench.workloads import GROWTHS, WORKLOADS
from scripts.terminal import Stopped, ignore_signals, make_console, stop_on_signals

__all__ = ["main"]

OUTPUT = Path(__file__).parents[2] / ".accord" / "bench" / "bench.json"
WORKS: Sequence[Workload | Growth] = [*WORKLOADS, *GROWTHS]
REFRESHES_PER_SECOND = 2
"""Few: what shows the progress shares the processors with what is measured."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit with 0 whatever the figures are, 2 if a contestant failed or the run could not begin."""
    options = _parse(arguments)
    console, errors = make_console(sys.stdout), make_console(sys.stderr)
    chosen = [each for each in WORKS if not options.only or each.name in options.only]
    if options.list:
        for each in chosen:
            console.print(f"{each.name:<16} {each.title}: {', '.join(each.contestants)}", soft_wrap=True)
        return 0
    try:
        run, failed = (load(options.show), 0) if options.show else _run(chosen, options, errors)
    except (OSError, NoRun, ProcessFailed) as error:
        errors.print(str(error), style="red", soft_wrap=True, markup=False)
        return 2
    except (KeyboardInterrupt, Stopped):
        errors.print("Ended before the time.", style="red")
        return 2
    if options.markdown:
        print(markdown_table(run))
    else:
        console.print(make_table(run, every=options.all))
        console.print(sentence(run), style="dim", markup=False)
    if options.readme and not failed:
        if run.quick:
            errors.print("Quick rounds are not for the README.", style="red")
            return 2
        write_readme(run)
    return 2 if failed else 0


def _run(
    chosen: Sequence[Workload | Growth], options: argparse.Namespace, errors: Console
) -> tuple[Run, int]:
    """Measure and write the files; return the number of those that failed, each of which was told."""
    run, pace, failed = begin(quick=options.quick), Pace(options.quick), 0
    stop_on_signals()
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    bar = Progress(
        *columns,
        console=errors,
        transient=True,
        disable=not errors.is_terminal,
        refresh_per_second=REFRESHES_PER_SECOND,
    )
    with Ground(options.output.with_suffix(".logs")) as ground, bar:
        task = bar.add_task("", total=sum(steps(each, pace) for each in chosen))

        def progress(what: str) -> None:
            bar.update(task, description=what, advance=1)

        try:
            for each in chosen:
                try:
                    if isinstance(each, Growth):
                        run.grown.append(grow(each, ground, pace, progress))
                    else:
                        run.measured.append(measure(each, ground, pace, progress))
                except LeftOut as missing:
                    errors.print(f"{each.title}: left out. {missing}", soft_wrap=True, markup=False)
                except RoundFailed as failure:
                    failed += 1
                    errors.print(str(failure), style="red", soft_wrap=True, markup=False)
        finally:
            ignore_signals()
    save(run, options.output)
    chart = options.output.with_suffix(".svg")
    chart.write_text(draw(run), "utf-8")
    errors.print(f"All rounds are in {options.output}, the chart is {chart}.", style="dim", soft_wrap=True)
    return run, failed


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    names = [each.name for each in WORKS]
    parser = argparse.ArgumentParser(
        prog="make bench",
        description="Measure the services beside what people write by hand, side by side and round by round.",
        epilog='Through make: make bench ARGS="--only post-16". Exit status: 0 whatever the figures are, '
        "2 if a contestant failed or the run could not begin.",
    )
    parser.add_argument(
        "--only", nargs="+", choices=names, metavar="NAME", help="these alone (--list names them)"
    )
    parser.add_argument("--quick", action="store_true", help="few short rounds, to see that all of it runs")
    parser.add_argument(
        "--output",
        type=Path,
        default=OUTPUT,
        help="JSON of all rounds, chart beside it (.accord/bench/bench.json)",
    )
    parser.add_argument(
        "--show", type=Path, metavar="JSON", help="run nothing; show what was measured before"
    )
    parser.add_argument("--all", action="store_true", help="show latencies and processor time as well")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument("--readme", action="store_true", help="write table and chart into the README")
    parser.add_argument("--list", action="store_true", help="name what can be measured, and by whom")
    found = parser.parse_args(arguments)
    if found.readme and (found.quick or found.only):
        parser.error("--readme shows a whole run, without --quick and --only")
    found.output = found.output.resolve()
    return found


if __name__ == "__main__":
    sys.exit(main())
