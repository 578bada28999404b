"""The report of a run: a table for a person, the same as JSON, and each difference."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from scripts.chaos.ledger import Outcome
from scripts.chaos.run import Result
from scripts.chaos.timeline import draw_timeline

__all__ = ["tell", "write"]

SHOWN = 20
"""Differences of one kind that are printed; the file has them all."""


def write(result: Result, folder: Path) -> None:
    """Write ``report.json`` and ``timeline.svg``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(_figures(result), indent=2, ensure_ascii=False) + "\n")
    (folder / "timeline.svg").write_text(draw_timeline(result), "utf-8")


def tell(result: Result, console: Console) -> None:
    """Print the tables and what does not hold."""
    table = Table(title=f"Faults, seed {result.options.seed}", title_justify="left")
    table.add_column("kind")
    table.add_column("struck", justify="right")
    table.add_column("survived", justify="right")
    for kind, (struck, survived) in _faults(result).items():
        table.add_row(kind, f"{struck:,}", f"{survived:,}")
    table.add_section()
    table.add_row("all", f"{len(result.struck):,}", f"{_survived(result):,}", style="bold")
    console.print(table)
    requests = result.ledger.requests
    acknowledged = requests[Outcome.ACKNOWLEDGED]
    load = Table(title="Load", title_justify="left", show_header=False)
    load.add_column()
    load.add_column(justify="right")
    load.add_row("acknowledged writes", f"{acknowledged:,}")
    load.add_row("unknown outcomes", f"{requests[Outcome.UNKNOWN]:,}")
    load.add_row("refused, never done", f"{requests[Outcome.REFUSED]:,}")
    load.add_row("acknowledged per second", f"{acknowledged / result.load_s:,.0f}")
    load.add_row("seconds under load", f"{result.load_s:,.1f}")
    load.add_row("seconds to recover", f"{result.recovery.seconds:,.1f}")
    console.print(load)
    counts = Table(title="The five counts", title_justify="left", show_header=False)
    counts.add_column()
    counts.add_column(justify="right")
    for name, found in result.verdict.counts.items():
        counts.add_row(name, f"{len(found):,}", style="bold red" if found else "green")
    console.print(counts)
    for name, found in {**result.verdict.counts, "failures": result.failures}.items():
        for line in found[:SHOWN]:
            console.print(f"{name}: {line}", markup=False, soft_wrap=True)
        if len(found) > SHOWN:
            console.print(f"{name}: {len(found) - SHOWN:,} more in report.json", markup=False)
    for oddity, times in Counter(result.ledger.oddities).most_common(SHOWN):
        console.print(f"answered {times} times: {oddity}", markup=False, soft_wrap=True)
    if not result.whole:
        console.print("The broker dropped old records, so that the streams were judged in part only.")


def _faults(result: Result) -> dict[str, tuple[int, int]]:
    struck = Counter(each.fault.kind for each in result.struck)
    survived = Counter(each.fault.kind for each in result.struck if not each.failure)
    return {kind: (struck[kind], survived[kind]) for kind in sorted(struck)}


def _survived(result: Result) -> int:
    return sum(not each.failure for each in result.struck)


def _figures(result: Result) -> dict[str, Any]:
    options = result.options
    return {
        "seed": options.seed,
        "seconds": options.seconds,
        "clients": options.clients,
        "kafka": options.kafka,
        "holds": result.holds,
        "faults": {kind: {"struck": a, "survived": b} for kind, (a, b) in _faults(result).items()},
        "faults_survived": _survived(result),
        "requests": {str(outcome): number for outcome, number in result.ledger.requests.items()},
        "refusals": dict(result.ledger.refusals),
        "load_seconds": round(result.load_s, 1),
        "recovery_seconds": round(result.recovery.seconds, 1),
        "streams_judged_whole": result.whole,
        "differences": result.verdict.counts,
        "failures": result.failures,
        "odd_answers": dict(Counter(result.ledger.oddities)),
        "timeline": [
            {
                "kind": each.fault.kind,
                "target": each.fault.target,
                "began": round(each.began_s, 2),
                "ended": round(each.ended_s, 2),
            }
            for each in result.struck
        ],
    }
