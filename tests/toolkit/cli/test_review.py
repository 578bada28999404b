"""``accord review``: one verdict, one exit status, one report, or a sentence that says why there is none."""

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from accord.cli import main
from accord.cli.review_markdown import LONGEST, as_markdown
from accord.findings import Location
from accord.review.notes import Level, Note, Witnessed
from accord.review.report import Review
from tests.toolkit.review.library import Library


def review(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["review", "--project", str(folder), *arguments], catch_exceptions=False)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library(tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library(tmp_path_factory.mktemp("library"))
    library.shorten_names()
    return library


def test_specs_as_they_were_pass(untouched: Library) -> None:
    result = review(untouched.folder)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "Nothing changed against HEAD" in result.stderr


def test_a_breaking_change_closes_the_gate_and_so_does_stale_code(broken: Library) -> None:
    result = review(broken.folder)
    assert result.exit_code == 1
    assert "breaking: AuthorName: maxLength is 100 instead of 200" in result.stdout
    assert "[stale]" in result.stdout
    assert "Not yet: 1 breaking change and 2 findings." in result.stderr


def test_a_safe_change_with_code_brought_in_line_passes(tmp_path: Path) -> None:
    library = Library(tmp_path)
    library.change("authors.openapi.yaml", "summary: Create an author", "summary: Make an author")
    CliRunner().invoke(main, ["generate", "--project", str(tmp_path)], catch_exceptions=False)
    result = review(tmp_path)
    assert result.exit_code == 0, result.output
    assert "Safe: 1 change against HEAD, and nobody is hurt." in result.stderr


def test_a_project_that_generates_nothing_is_judged_by_its_specs(tmp_path: Path) -> None:
    library = Library(tmp_path)
    shutil.rmtree(tmp_path / "generated")
    library.commit()
    assert review(tmp_path).exit_code == 0
    library.shorten_names()
    result = review(tmp_path)
    assert result.exit_code == 1
    assert "Not yet: 1 breaking change." in result.stderr


def test_another_folder_can_be_the_version_before(untouched: Library, broken: Library) -> None:
    result = review(broken.folder, "--against", str(untouched.folder))
    assert result.exit_code == 1
    assert "AuthorName" in result.stdout


def test_json_holds_the_verdict_the_changes_and_what_each_check_found(broken: Library) -> None:
    document = json.loads(review(broken.folder, "--format", "json").stdout)
    assert document["fails"] is True
    assert document["counts"] == {"breaking": 1, "error": 2}
    (change,) = document["changes"]
    assert change["witness"]["pointer"].endswith("name")
    assert {finding["check"] for finding in document["findings"]} == {"generated code"}


def test_github_gets_an_annotation_at_each_place(broken: Library) -> None:
    lines = review(broken.folder, "--format", "github").stdout.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("::error file=") for line in lines)


def test_markdown_begins_with_the_verdict_and_folds_the_witness(broken: Library) -> None:
    text = review(broken.folder, "--format", "markdown").stdout
    assert text.startswith("## ❌ Not yet: 1 breaking change and 2 findings.\n")
    assert "Hurts **old clients" in text
    assert "<details><summary>the value that shows it, and the safe way</summary>" in text
    assert text.count("<details>") == text.count("</details>")


def many(number: int) -> Review:
    witness = Witnessed(
        "body of POST /things", json.dumps({"name": "x" * 50}), "#/name", "maxLength", "too long"
    )
    notes = [
        Note(
            "changes",
            Level.BREAKING,
            "changed",
            f"Thing{index}",
            "maxLength is 100 instead of 200 | <b>`x`</b> 日本",
            "schema-keyword-changed",
            Location("specs/a.yaml", index + 1),
            hurts=("old clients",),
            witness=witness,
            remedy="Widen the readers before the writers.",
        )
        for index in range(number)
    ]
    return Review("main", "tolerant", tuple(notes))


def test_markdown_is_never_longer_than_a_comment_may_be_and_counts_what_is_left_out() -> None:
    text = as_markdown(many(2_000))
    assert LONGEST - 2_000 < len(text.encode()) <= LONGEST
    shown = text.count("**Thing")
    assert 50 < shown < 2_000
    assert f"{2_000 - shown:,} more are left out: a comment holds 65,536 characters." in text
    assert text.count("<details>") == text.count("</details>")
    assert text.startswith("## ❌ Not yet: 2000 breaking changes.")


def test_markdown_tells_of_one_rule_once_and_counts_the_rest_of_it() -> None:
    notes = [
        Note("lint", level, "found", "", f"sentence {n}", rule, Location("specs/a.yaml", n), remedy="Add it.")
        for n in range(1, 31)
        for level, rule in ((Level.ERROR, "example-invalid"), (Level.WARNING, "unbounded-string"))
    ]
    notes.sort(key=lambda note: list(Level).index(note.level))
    text = as_markdown(Review("main", "tolerant", tuple(notes)))
    assert "- 30 × `example-invalid`: Add it." in text
    assert "and 20 more of the rule `example-invalid`" in text
    assert "<summary>30 warnings</summary>" in text
    assert text.count("sentence") == 20


def test_markdown_takes_text_of_specs_as_text() -> None:
    text = as_markdown(many(1))
    assert "<b>" not in text.replace("\\<b\\>", "")
    assert "200 \\| \\<b\\>\\`x\\`" in text


@pytest.mark.parametrize("form", ["text", "json", "markdown", "github"])
def test_a_baseline_that_is_not_there_is_a_sentence(untouched: Library, tmp_path: Path, form: str) -> None:
    page = tmp_path / "page.html"
    result = review(untouched.folder, "--against", "v9", "--format", form, "--html", str(page))
    assert result.exit_code == 2
    assert "There is neither a folder nor a Git revision 'v9'" in result.stderr
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_project_outside_of_git_is_told_to_name_a_folder(untouched: Library, tmp_path: Path) -> None:
    for name in ("specs", "generated"):
        shutil.copytree(untouched.folder / name, tmp_path / name)
    shutil.copy(untouched.folder / "pyproject.toml", tmp_path)
    result = review(tmp_path)
    assert result.exit_code == 2
    assert "name a folder with --against" in result.stderr


@pytest.mark.parametrize("side", ["before", "now"])
def test_specs_that_do_not_parse_on_one_side_leave_no_page(tmp_path: Path, side: str) -> None:
    library = Library(tmp_path / "it")
    library.change("common.yaml", "    Envelope:", "    Envelope: [")
    if side == "before":
        library.commit()
        library.change("common.yaml", "    Envelope: [", "    Envelope:")
    page = tmp_path / "page.html"
    page.write_text("the one before")
    result = review(library.folder, "--html", str(page))
    assert result.exit_code == 2
    assert "common.yaml" in result.stdout
    assert "Traceback" not in result.output
    assert page.read_text() == "the one before"
    assert [path.name for path in tmp_path.iterdir() if path != library.folder] == ["page.html"]


def test_a_page_for_a_folder_that_is_not_there_is_refused_at_once(untouched: Library, tmp_path: Path) -> None:
    result = review(untouched.folder, "--html", str(tmp_path / "no" / "page.html"))
    assert result.exit_code == 2
    assert "there is no folder" in result.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_page_that_cannot_be_written_is_a_sentence(untouched: Library, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    result = review(untouched.folder, "--html", str(tmp_path / "page.html"))
    assert result.exit_code == 2
    assert "cannot be used" in result.stderr
