"""``python -m tests.toolkit.compatibility``: search for a wrong verdict, with values made for the writer."""

import time
from collections import Counter
from typing import Any

import click
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from accord.compatibility import Mode, judge
from accord.compatibility.documents import OutOfReach
from accord.compatibility.searching import values_of
from tests.toolkit.compatibility.edits import pairs, values
from tests.toolkit.compatibility.soundness import (
    admitted_by_the_writer,
    algebra_contradiction,
    contradiction,
    is_schema,
)

TRIED = 40


def _written(writer: Any, mode: Mode) -> st.SearchStrategy[Any]:
    """Values of the writer's schema, where they can be generated."""
    try:
        made: st.SearchStrategy[Any] = values_of(admitted_by_the_writer(writer, mode))
    except OutOfReach:
        return values()
    return values() if made.is_empty else made | values()


@click.command()
@click.option("--examples", default=5_000, show_default=True, help="How many pairs of schemas to judge.")
@click.option("--seed", "start", default=0, show_default=True, help="The same seed tells the same story.")
def main(examples: int, start: int) -> None:
    """Judge random pairs of schemas and try to contradict each verdict; exit status 1 if that succeeds."""
    verdicts: Counter[str] = Counter()
    times: list[float] = []

    @seed(start)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(pair=pairs(), mode=st.sampled_from(Mode), data=st.data())
    def one_more(pair: tuple[Any, Any], mode: Mode, data: st.DataObject) -> None:
        writer, reader = pair
        if not (is_schema(writer) and is_schema(reader)):
            verdicts["no schema"] += 1
            return
        begun = time.perf_counter()
        judgement = judge(writer, reader, mode)
        times.append(time.perf_counter() - begun)
        verdicts[judgement.verdict.value] += 1
        tried = data.draw(st.lists(_written(writer, mode), max_size=TRIED))
        wrong = contradiction(writer, reader, mode, judgement, tried)
        wrong = wrong or algebra_contradiction(writer, reader, tried)
        assert wrong is None, f"{wrong}\nwriter {writer}\nreader {reader}\nmode {mode}"

    try:
        one_more()
    except AssertionError as wrong:
        click.echo(str(wrong))
        raise SystemExit(1) from None
    finally:
        times.sort()
        click.echo(", ".join(f"{count:,} {verdict}" for verdict, count in sorted(verdicts.items())), err=True)
        if times:
            shown = (f"{1000 * times[int(share * (len(times) - 1))]:.1f} ms" for share in (0.5, 0.99, 1))
            click.echo("median {}, 99 % within {}, longest {}".format(*shown), err=True)
    click.echo("No verdict was contradicted.")


main()
