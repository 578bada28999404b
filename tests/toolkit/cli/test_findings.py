"""How findings look: the place first, then the lines around it."""

import json
from pathlib import Path

import pytest
from click import unstyle
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from accord.cli.excerpt import AFTER, BEFORE, MAX_WIDTH, Excerpts
from accord.cli.findings import MAX_EXCERPTS, print_findings
from accord.findings import Finding, Location, Severity


def excerpt(path: Path, line: int, column: int) -> list[str]:
    return [unstyle(shown) for shown in Excerpts().of(Location(str(path), line, column), "red")]


def printed(
    capsys: pytest.CaptureFixture[str], findings: list[Finding], form: str = "text"
) -> tuple[str, str]:
    print_findings(findings, form)
    said = capsys.readouterr()
    return said.out, said.err


def test_the_lines_around_the_place_have_numbers_and_a_caret_under_the_word(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("".join(f"key{number}: value{number}\n" for number in range(1, 13)))
    assert excerpt(file, 10, 8) == [
        " 8 | key8: value8",
        " 9 | key9: value9",
        "10 | key10: value10",
        "   |        ^^^^^^^",
        "11 | key11: value11",
    ]


def test_a_quoted_text_is_marked_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("$ref: 'common.yaml#/a b'  # why\n")
    assert excerpt(file, 1, 7)[1] == "  |       ^^^^^^^^^^^^^^^^^^"


def test_wide_characters_and_tabs_do_not_move_the_caret(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("\t著者: bad\n", encoding="utf-8")
    assert excerpt(file, 1, 6) == ["1 |     著者: bad", "  |           ^^^"]


def test_a_long_line_is_cut_around_the_place(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("x" * 5000 + " here " + "y" * 5000)
    line, mark = excerpt(file, 1, 5002)
    assert len(line) <= MAX_WIDTH + 4
    assert line[mark.index("^") :].startswith("here")
    assert line.startswith("1 | …")
    assert line.endswith("…")


def test_no_control_character_of_a_file_reaches_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"name: \x1b]0;title\x07 bad\n")
    assert excerpt(file, 1, 7)[0] == "1 | name: \\x1b]0;title\\x07 bad"


@pytest.mark.parametrize("place", [(99, 1), (0, 1)])
def test_a_place_that_the_file_does_not_have_shows_nothing(place: tuple[int, int], tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: 1\n")
    assert excerpt(file, *place) == []
    assert excerpt(tmp_path / "none.yaml", 1, 1) == []
    assert excerpt(tmp_path, 1, 1) == []


@given(text=st.text(max_size=300), line=st.integers(-1, 12), column=st.integers(1, 400))
def test_whatever_the_file_holds_a_few_short_lines_are_shown(
    text: str, line: int, column: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    shown = excerpt(file, line, column)
    assert len(shown) <= BEFORE + AFTER + 2
    assert all("\n" not in each and "\x1b" not in each and len(each) <= MAX_WIDTH + 6 for each in shown)


def test_each_finding_begins_with_its_place_and_ends_with_its_rule(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Location(str(tmp_path / "a.yaml"), 3, 7)
    error = Finding(place, "bad-shape", "is a list")
    warning = Finding(place, "unsupported", "is unknown", Severity.WARNING)
    out, err = printed(capsys, [error, warning])
    assert out.splitlines() == [
        f"{place}: is a list [bad-shape]",
        f"{place}: warning: is unknown [unsupported]",
    ]
    assert err == "1 finding and 1 warning.\n"


def test_of_very_many_findings_the_first_ones_are_shown_with_their_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: 1\n")
    out, err = printed(capsys, [Finding(Location(str(file)), "bad-shape", "is wrong")] * 200)
    assert out.count("[bad-shape]") == 200
    assert out.count("^") == MAX_EXCERPTS
    assert err == "200 findings.\n"


def test_github_gets_annotations_whose_special_characters_are_encoded(
    capsys: pytest.CaptureFixture[str],
) -> None:
    finding = Finding(Location("a,b:c.yaml", 3, 7), "bad-shape", "is 100%\nwrong: ::error::")
    out, _ = printed(capsys, [finding], "github")
    assert out == (
        "::error file=a%2Cb%3Ac.yaml,line=3,col=7,title=accord bad-shape::is 100%25%0Awrong: ::error::\n"
    )


def test_json_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = printed(capsys, [Finding(Location("a.yaml", 3, 7), "bad-shape", "is a list")], "json")
    assert json.loads(out)["findings"][0]["line"] == 3
    assert err == ""


def test_colour_is_for_terminals_and_no_color_is_honoured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accord.cli import main

    monkeypatch.delenv("NO_COLOR", raising=False)
    arguments = ["check", "--project", str(tmp_path)]
    assert "\x1b" not in CliRunner().invoke(main, arguments).stdout
    assert "\x1b" in CliRunner().invoke(main, arguments, color=True).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in CliRunner().invoke(main, arguments, color=True).stdout
