"""Each rule finds what is wrong, at its line and nowhere else, and nothing where all is right."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from accord.rules import all_rules
from tests.toolkit.lint.project import HERE, HTTP, found_in, lay_out

CASES: list[dict[str, Any]] = tomllib.loads((HERE / "cases.toml").read_text())["case"]
NAMES = [f"{case['rule']}-{number}" for number, case in enumerate(CASES)]


def edited(case: dict[str, Any], text: str, more: str) -> list[tuple[str, str, str]]:
    spec = case.get("spec", HTTP)
    return [(spec, case["before"], text), *((spec, *each) for each in case.get(more, []))]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_rule_finds_exactly_what_is_wrong_at_its_line(case: dict[str, Any], tmp_path: Path) -> None:
    folder = lay_out(tmp_path, edited(case, case["after"], "also"))
    text = (folder / "specs" / case.get("spec", HTTP)).read_text()
    mark = case.get("here", "# here")
    assert text.count(mark) == 1
    start = text.index(mark) + len(mark) - len(mark.lstrip("\n"))
    (finding,) = found_in(folder)
    assert finding.rule == case["rule"]
    assert finding.location.path.endswith(case.get("spec", HTTP))
    assert finding.location.line == text.count("\n", 0, start) + 1


@pytest.mark.parametrize("case", [case for case in CASES if "right" in case], ids=lambda case: case["rule"])
def test_a_rule_has_nothing_against_what_is_right(case: dict[str, Any], tmp_path: Path) -> None:
    assert found_in(lay_out(tmp_path, edited(case, case["right"], "also_right"))) == ()


def test_nothing_is_wrong_with_what_the_cases_edit(tmp_path: Path) -> None:
    assert found_in(lay_out(tmp_path)) == ()


def test_each_rule_of_lint_is_under_test_and_has_an_example() -> None:
    rules = [
        rule
        for rule in all_rules().values()
        if rule.topic.startswith("lint-") and rule.topic != "lint-settings"
    ]
    assert {rule.id for rule in rules} <= {case["rule"] for case in CASES}
    assert len(rules) == 29
    for rule in rules:
        assert rule.severity in ("error", "warning")
        assert rule.wrong or rule.id == "unused-component"


def test_a_chain_of_a_thousand_schemas_is_walked_to_its_end(tmp_path: Path) -> None:
    folder = lay_out(tmp_path)
    links = "".join(
        f"    Link{number}:\n      type: object\n      description: One of many.\n      properties:\n"
        f'        next: {{ $ref: "#/components/schemas/Link{number + 1}" }}\n'
        for number in range(1_000)
    )
    last = "    Link1000: { type: string, description: The last., example: 1 }\n"
    spec = folder / "specs" / HTTP
    text = spec.read_text().replace(
        "        title: {", '        next: { $ref: "#/components/schemas/Link0" }\n        title: {'
    )
    spec.write_text(f"{text}{links}{last}")
    assert {finding.rule for finding in found_in(folder)} == {"example-invalid", "unbounded-string"}
