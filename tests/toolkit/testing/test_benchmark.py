"""What the benchmark makes of figures: medians, ratios, table, chart; and how it names what failed."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

import scripts.bench.__main__ as command
from accord.testing.process import ProcessFailed
from scripts.bench.ground import Ground
from scripts.bench.report.chart import draw
from scripts.bench.report.ratios import comparisons
from scripts.bench.report.readme import replace_block
from scripts.bench.report.record import Grown, Measured, NoRun, Point, Run, load, save
from scripts.bench.report.table import markdown_table
from scripts.bench.rounds import grow, measure, steps
from scripts.bench.workload import Figures, Growth, LeftOut, Measure, Pace, RoundFailed, Target, Workload

RATE = Measure("rate", "requests/s", targets=(Target("plain", 3.0), Target("bare", 1.0)))
MEMORY = Measure("memory", "MiB", more_is_better=False, targets=(Target("plain", 1.0),))


def rounds(rates: list[float], memory: float) -> list[Figures]:
    return [{"rate": rate, "memory": memory} for rate in rates]


@pytest.fixture
def run() -> Run:
    posts = Measured(
        "post",
        "POST <authors>",
        (RATE, MEMORY),
        {
            "accord": rounds([1_000, 2_000, 900], 80),
            "plain": rounds([250, 1_000, 300], 100),
            "bare": rounds([1_250, 2_000, 1_000], 60),
            "asgi": rounds([20_000, 20_000, 20_000], 40),
        },
    )
    points = [Point(size, [{"rate": size / 2}, {"rate": size / 4}]) for size in (1_000, 10_000, 1_000_000)]
    growth = Grown("backlog", "Relay & backlog", "rows", (Measure("rate", "rows/s"),), {"accord": points})
    return Run("2030-01-02T03:04:05+00:00", "abc1234", False, {"CPU": "a <fast> one"}, [posts], [growth])


def test_a_ratio_is_taken_in_each_round_before_the_median(run: Run) -> None:
    plain = comparisons(run)[0]
    assert (plain.figure.median, plain.other.median) == (1_000, 300)
    assert (plain.ratio.median, plain.ratio.low, plain.ratio.high) == (3, 2, 4)
    assert plain.met


def test_targets_are_least_ratios_where_more_is_better_and_greatest_where_less_is(run: Run) -> None:
    met = {(each.measure.name, each.against): each.met for each in comparisons(run)}
    assert met == {
        ("rate", "plain"): True,
        ("rate", "bare"): False,
        ("rate", "asgi"): None,
        ("memory", "plain"): True,
    }


@given(st.lists(st.floats(0.1, 1e6), min_size=1, max_size=9), st.floats(0.1, 10), st.booleans())
def test_a_target_is_met_exactly_when_all_of_it_is_reached(
    ratios: list[float], target: float, more: bool
) -> None:
    its = Measure("rate", "x", more_is_better=more, targets=(Target("other", target),))
    figures = {"one": [{"rate": each} for each in ratios], "other": [{"rate": 1.0} for _ in ratios]}
    (found,) = comparisons(Run("", "", False, {}, [Measured("w", "w", (its,), figures)]))
    assert found.ratio.low <= found.ratio.median <= found.ratio.high
    assert found.met == (found.ratio.median >= target if more else found.ratio.median <= target)


def test_the_table_says_each_ratio_with_its_spread_and_its_target(run: Run) -> None:
    lines = markdown_table(run).splitlines()
    assert lines[2] == ("| POST <authors> | 1,000 requests/s | plain | 300 | 3.0x (2.0–4.0) | ≥ 3x | ✓ |")
    assert lines[3] == "|  |  | bare | 1,250 | 0.90x (0.80–1.00) | ≥ 1x | ✗ |"
    assert lines[5] == "| POST <authors> (memory) | 80.0 MiB | plain | 100 | 0.80x (0.80–0.80) | ≤ 1x | ✓ |"


def test_the_chart_is_xml_with_a_bar_for_each_target_and_a_line_for_each_growth(run: Run) -> None:
    chart = ElementTree.fromstring(draw(run))
    classes = [element.get("class", "") for element in chart.iter()]
    assert (classes.count("met"), classes.count("missed")) == (2, 1)
    assert sum(" line" in each for each in classes) == 1
    assert "prefers-color-scheme: dark" in draw(run)


def test_a_run_comes_back_from_its_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "bench.json"
    save(run, path)
    assert load(path) == run
    path.write_text('{"date": 1}')
    with pytest.raises(NoRun, match=r"bench\.json is no result"):
        load(path)


def test_the_readme_keeps_what_stands_around_the_markers(run: Run) -> None:
    text = "before <!-- bench --> old <!-- /bench --> after"
    once = replace_block(text, run)
    assert once.startswith("before <!-- bench -->")
    assert once.endswith("<!-- /bench --> after")
    assert "POST <authors>" in once
    assert "old" not in once
    assert replace_block(once, run) == once
    with pytest.raises(ValueError, match="no <!-- bench -->"):
        replace_block("nothing here", run)


DIED = ProcessFailed("ended with 1; the end of its log: no space left")


class Counting(Workload):
    """Each contestant answers which call it was; ``broken`` dies at that call."""

    name, title = "counting", "Counting"
    contestants = ("accord", "plain", "bare")
    measures = (RATE,)
    rounds = 3

    def __init__(self, broken: int = 0, error: Exception = DIED) -> None:
        self.calls: list[str] = []
        self.broken = broken
        self.error = error

    @contextmanager
    def running(self, ground: Ground, pace: Pace) -> Iterator[Mapping[str, Callable[[], Figures]]]:
        def way(name: str) -> Callable[[], Figures]:
            def call() -> Figures:
                self.calls.append(name)
                if len(self.calls) == self.broken:
                    raise self.error
                return {"rate": float(len(self.calls))}

            return call

        yield {name: way(name) for name in self.contestants}


class Growing(Growth):
    """Measures the size itself."""

    name, title, size = "growing", "Growing", "rows"
    contestants = ("accord",)
    measures = (RATE,)
    rounds = 3

    def sizes(self, pace: Pace) -> tuple[int, ...]:
        return pace.of((1, 10, 100), (1, 10))

    @contextmanager
    def running(self, ground: Ground, pace: Pace) -> Iterator[Mapping[str, Callable[[int], Figures]]]:
        yield {"accord": lambda size: {"rate": float(size)}}


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path / "logs")


def test_contestants_take_turns_and_the_first_round_does_not_count(ground: Ground) -> None:
    work, told = Counting(), list[str]()
    found = measure(work, ground, Pace(), told.append)
    rounds = [tuple(work.calls[at : at + 3]) for at in range(0, 12, 3)]
    assert all(sorted(each) == ["accord", "bare", "plain"] for each in rounds)
    assert len(set(rounds)) > 1
    counted = [number for number, name in enumerate(work.calls, 1) if name == "accord"][1:]
    assert found.rounds["accord"] == [{"rate": float(number)} for number in counted]
    assert len(told) == steps(work, Pace()) == 12


def test_a_growth_is_measured_at_each_size_several_times(ground: Ground) -> None:
    told = list[str]()
    found = grow(Growing(), ground, Pace(quick=True), told.append)
    assert found.points["accord"] == [Point(size, [{"rate": float(size)}] * 2) for size in (1, 10)]
    assert len(told) == steps(Growing(), Pace(quick=True)) == 4


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (DIED, "ended with 1; the end of its log: no space left"),
        (RoundFailed("not done after 120 s"), "not done after 120 s"),
        (ZeroDivisionError(), "ZeroDivisionError"),
    ],
    ids=["died", "took too long", "a mistake"],
)
def test_a_contestant_that_fails_is_named_with_the_end_of_its_log(
    ground: Ground, error: Exception, told: str
) -> None:
    work = Counting(broken=4, error=error)
    with pytest.raises(RoundFailed) as failed:
        measure(work, ground, Pace(), lambda _: None)
    assert str(failed.value) == f"Counting: {work.calls[-1]}: {told}"


def test_what_this_machine_cannot_do_is_left_out_and_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(command, "WORKS", [Counting(broken=1, error=LeftOut("Java is missing."))])
    monkeypatch.setattr(command, "stop_on_signals", lambda: None)
    monkeypatch.setattr(command, "ignore_signals", lambda: None)
    assert command.main(["--quick", "--output", str(tmp_path / "bench.json")]) == 0
    assert "Counting: left out. Java is missing." in capsys.readouterr().err


def test_the_command_goes_on_after_a_failure_and_exits_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    output = tmp_path / "bench.json"
    monkeypatch.setattr(command, "WORKS", [Counting(broken=2), Counting(), Growing()])
    monkeypatch.setattr(command, "stop_on_signals", lambda: None)
    monkeypatch.setattr(command, "ignore_signals", lambda: None)
    assert command.main(["--quick", "--output", str(output)]) == 2
    shown = capsys.readouterr()
    assert "Counting: plain: ended with 1" in shown.err
    assert "Counting" in shown.out
    assert [len(load(output).measured), len(load(output).grown)] == [1, 1]
    assert output.with_suffix(".svg").exists()
    assert command.main(["--show", str(output), "--markdown"]) == 0
    assert "| Counting |" in capsys.readouterr().out
    assert command.main(["--show", str(output), "--readme"]) == 2
    assert "not for the README" in capsys.readouterr().err


def test_the_command_says_what_it_cannot_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert command.main(["--show", str(tmp_path / "nothing.json")]) == 2
    assert "nothing.json" in capsys.readouterr().err


def test_the_chart_can_do_without_targets_or_growth(run: Run) -> None:
    for bare in (replace(run, measured=[]), replace(run, grown=[])):
        ElementTree.fromstring(draw(bare))
