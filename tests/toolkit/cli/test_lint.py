"""`accord lint` as people and pipelines run it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from accord.cli import main
from tests.toolkit.lint.project import HTTP, lay_out

WARNING = (HTTP, "        title: { type: string, maxLength: 100 }", "        title: { type: string }")
ERROR = (HTTP, "                  price: 1", "                  price: cheap")


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["lint", "--project", str(folder), *arguments])


def test_specs_of_this_project_have_nothing_against_them() -> None:
    result = CliRunner().invoke(main, ["lint", "--strict"])
    assert result.stdout == ""
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("edits", "arguments", "status"),
    [
        ([], [], 0),
        ([], ["--strict"], 0),
        ([WARNING], [], 0),
        ([WARNING], ["--strict"], 1),
        ([ERROR], [], 1),
        ([ERROR], ["--ignore", "example-invalid"], 0),
        ([ERROR], ["--select", "mixed-case,secret-in-spec"], 0),
        ([ERROR, WARNING], ["--strict", "--select", "lint-schemas"], 1),
    ],
)
def test_the_exit_status_tells_whether_it_is_more_than_warnings(
    edits: list[tuple[str, str, str]], arguments: list[str], status: int, tmp_path: Path
) -> None:
    assert run(lay_out(tmp_path, edits), *arguments).exit_code == status


def test_an_unknown_rule_is_refused_and_its_neighbours_are_named(tmp_path: Path) -> None:
    result = run(lay_out(tmp_path), "--select", "unbounded-strin")
    assert result.exit_code == 2
    assert "near it: unbounded-string" in result.stderr


def test_a_spec_that_cannot_be_read_is_no_clean_spec(tmp_path: Path) -> None:
    result = run(lay_out(tmp_path, [(HTTP, "openapi: 3.1.0", "openapi: [")]))
    assert result.exit_code == 2
    assert "[bad-yaml]" in result.stdout
    assert "Traceback" not in result.output


def test_sarif_names_each_rule_once_and_each_place(tmp_path: Path) -> None:
    result = run(lay_out(tmp_path, [ERROR, WARNING]), "--format", "sarif")
    (log,) = json.loads(result.stdout)["runs"]
    assert [rule["id"] for rule in log["tool"]["driver"]["rules"]] == ["example-invalid", "unbounded-string"]
    assert [(each["ruleIndex"], each["level"]) for each in log["results"]] == [(0, "error"), (1, "warning")]
    (place,) = log["results"][0]["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"].endswith(HTTP)
    assert place["physicalLocation"]["region"] == {"startLine": 43, "startColumn": 26}


def test_json_is_one_object_with_all_findings(tmp_path: Path) -> None:
    result = run(lay_out(tmp_path, [WARNING]), "--format", "json")
    (finding,) = json.loads(result.stdout)["findings"]
    assert (finding["rule"], finding["severity"]) == ("unbounded-string", "warning")
