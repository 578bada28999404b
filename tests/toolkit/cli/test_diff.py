"""``accord diff`` as people, scripts and code hosts meet it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from accord.cli import main
from tests.toolkit.changes.pairs import BASE, write

NARROWER = {"http#/components/schemas/Order/properties/sku/maxLength": 8}
WIDER = {"http#/components/schemas/Order/properties/sku/maxLength": 80}
UNKNOWN = {"http#/paths/~1orders/get/parameters/0/schema/default": 50}
REMARK = {"http#/paths/~1orders/post/summary": "Buy | *now* <b>"}


def diff(folder: Path, *arguments: str, changed: dict[str, Any] | None = None) -> Result:
    project = write(folder / "shop", changed or {})
    command = ["diff", "--project", str(project), "--against", str(BASE), *arguments]
    return CliRunner().invoke(main, command)


@pytest.mark.parametrize(
    ("changed", "status"), [({}, 0), (WIDER, 0), (REMARK, 0), (NARROWER, 1), (UNKNOWN, 1)]
)
def test_the_exit_status_is_1_where_somebody_may_be_hurt(
    changed: dict[str, Any], status: int, tmp_path: Path
) -> None:
    assert diff(tmp_path, changed=changed).exit_code == status


def test_text_has_one_line_per_change_and_the_proof_below(tmp_path: Path) -> None:
    result = diff(tmp_path, changed=NARROWER | REMARK)
    lines = result.stdout.splitlines()
    assert lines[0].endswith(": breaking: Order: maxLength is 8 instead of 12 [schema-keyword-changed]")
    assert lines[1].strip().startswith("before")
    assert "  hurts   old clients" in lines
    assert '          {"sku": "000000000"}' in lines
    assert (
        "  safely  Widen the readers before the writers, and narrow the writers before the readers." in lines
    )
    assert lines[-1].endswith("docs only: POST /orders: summary changed [remark-changed]")
    assert result.stderr.splitlines()[0] == f"2 changes against {BASE}: 1 breaking, 1 docs only."


def test_nothing_is_said_to_be_nothing(tmp_path: Path) -> None:
    result = diff(tmp_path)
    assert (result.stdout, result.stderr) == ("", f"Nothing changed against {BASE}.\n")


def test_json_is_one_object_with_all_that_is_known(tmp_path: Path) -> None:
    data = json.loads(diff(tmp_path, "--format", "json", changed=NARROWER).stdout)
    assert data["counts"] == {"breaking": 1}
    assert data["mode"] == "tolerant"
    (change,) = data["changes"]
    assert change["hurts"] == ["old clients"]
    assert change["uses"] == ["application/json body of POST /orders"]
    assert change["witness"] == {
        "carrier": "application/json body of POST /orders",
        "value": {"sku": "000000000"},
        "pointer": "#/sku",
        "keyword": "maxLength",
        "sentence": "this value is longer than 8 characters",
    }
    assert change["new"]["path"].endswith("specs/shop.openapi.yaml")


def test_markdown_begins_with_the_verdict_and_folds_the_rest(tmp_path: Path) -> None:
    told = diff(tmp_path, "--format", "markdown", changed=NARROWER | REMARK).stdout
    assert told.startswith("**❌ 2 changes against")
    assert "### Breaking" in told
    assert '`{"sku": "000000000"}`' in told
    assert "<details><summary>1 docs only</summary>" in told
    assert told.count("<details>") == told.count("</details>")
    assert diff(tmp_path / "other", "--format", "markdown").stdout.startswith("**✅ Nothing changed")


def test_github_annotates_what_hurts(tmp_path: Path) -> None:
    told = diff(tmp_path, "--format", "github", changed=NARROWER | UNKNOWN | REMARK).stdout.splitlines()
    assert [line.partition(" ")[0] for line in told] == ["::error", "::warning"]
    assert "title=accord schema-keyword-changed" in told[0]


def test_sarif_names_its_rules_and_places(tmp_path: Path) -> None:
    (run,) = json.loads(diff(tmp_path, "--format", "sarif", changed=NARROWER | REMARK).stdout)["runs"]
    assert [result["level"] for result in run["results"]] == ["error", "none"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] > 1


def test_strict_writers_write_what_their_schema_lets_them(tmp_path: Path) -> None:
    changed = {"http#/components/schemas/Order/properties/gift": {"type": "boolean"}}
    assert diff(tmp_path / "one", changed=changed).exit_code == 0
    assert diff(tmp_path / "two", "--mode", "strict", changed=changed).exit_code == 1


def test_what_cannot_be_compared_is_a_sentence_and_no_partial_report(tmp_path: Path) -> None:
    project = write(tmp_path / "shop")
    result = CliRunner().invoke(main, ["diff", "--project", str(project)])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{project} is in no Git repository: name a folder with --against.\n"
    (project / "specs" / "shop.openapi.yaml").write_text("openapi: 3.1.0\npaths: [")
    result = CliRunner().invoke(main, ["diff", "--project", str(project), "--against", str(BASE)])
    assert result.exit_code == 2
    assert "[bad-yaml]" in result.stdout


def test_a_terminal_is_not_obeyed_by_what_stands_in_a_spec(tmp_path: Path) -> None:
    changed = {"http#/components/schemas/Order/properties/\x1b[2J": {"type": "boolean"}}
    assert "\x1b[2J" not in diff(tmp_path, changed=changed).stdout


def test_a_thousand_schemas_are_compared(tmp_path: Path) -> None:
    def schemas(length: int) -> dict[str, Any]:
        return {
            f"http#/components/schemas/S{index}": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "maxLength": length if index % 2 else 10},
                    "next": {"$ref": f"#/components/schemas/S{(index * 7 + 1) % 1000}"},
                    "when": {"type": "string", "format": "date-time"},
                },
            }
            for index in range(1000)
        }

    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}
    answers = {"204": {"description": "Done."}}
    used = {"http#/paths/~1all": {"post": {"operationId": "all", "requestBody": body, "responses": answers}}}
    old = write(tmp_path / "old", schemas(20) | used)
    new = write(tmp_path / "new", schemas(21) | used)
    result = CliRunner().invoke(main, ["diff", "--project", str(new), "--against", str(old)])
    assert result.exit_code == 0
    assert result.stderr.startswith("500 changes")
