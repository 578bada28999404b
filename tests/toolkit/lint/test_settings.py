"""A project says how much a rule counts, and what it passes over for which reason."""

from pathlib import Path

import pytest

from accord.findings import BrokenSpec, Severity
from accord.lint import Chosen
from tests.toolkit.lint.project import EVENTS, HTTP, found_in, lay_out

LONG = [
    (
        HTTP,
        "        name: { type: string, maxLength: 100 }\n        note",
        "        name: { type: string }\n        note",
    )
]
IGNORE = """
[[tool.accord.lint.ignores]]
rule = "unbounded-string"
at = "shop.openapi.yaml#/components/schemas/*"
reason = "Names are cut by the database."
"""


def test_a_rule_counts_as_its_entry_says(tmp_path: Path) -> None:
    (finding,) = found_in(lay_out(tmp_path, LONG))
    assert (finding.rule, finding.severity) == ("unbounded-string", Severity.WARNING)


@pytest.mark.parametrize(("said", "severities"), [("error", [Severity.ERROR]), ("off", [])])
def test_a_project_weighs_rules_otherwise(said: str, severities: list[Severity], tmp_path: Path) -> None:
    folder = lay_out(tmp_path, LONG, f'[tool.accord.lint.severity]\nunbounded-string = "{said}"\n')
    assert [finding.severity for finding in found_in(folder)] == severities


def test_an_ignore_with_a_reason_passes_findings_over(tmp_path: Path) -> None:
    assert found_in(lay_out(tmp_path, LONG, IGNORE)) == ()


def test_an_ignore_without_a_reason_is_a_finding_and_passes_nothing_over(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, LONG, IGNORE.replace("Names are cut by the database.", " "))
    assert {finding.rule for finding in found_in(folder)} == {"unbounded-string", "ignore-without-reason"}


@pytest.mark.parametrize("at", ["shop.openapi.yaml#/paths/*", "other.yaml#*"])
def test_an_ignore_that_matches_nothing_is_a_finding_at_its_place(at: str, tmp_path: Path) -> None:
    folder = lay_out(tmp_path, LONG, IGNORE.replace("shop.openapi.yaml#/components/schemas/*", at))
    unused, _ = sorted(found_in(folder), key=lambda finding: finding.rule)
    assert unused.rule == "ignore-unused"
    lines = (folder / "pyproject.toml").read_text().splitlines()
    assert lines[unused.location.line - 1] == "[[tool.accord.lint.ignores]]"


def test_an_ignore_of_a_rule_that_does_not_run_is_not_missed(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, (), IGNORE)
    assert [finding.rule for finding in found_in(folder)] == ["ignore-unused"]
    assert found_in(folder, Chosen(ignore=frozenset(["unbounded-string"]))) == ()


def test_the_second_of_two_ignores_is_found_at_its_own_line(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, LONG, IGNORE + IGNORE.replace("openapi", "asyncapi"))
    (unused,) = found_in(folder)
    lines = (folder / "pyproject.toml").read_text().splitlines()
    assert 'at = "shop.asyncapi.yaml' in lines[unused.location.line + 1]


def test_another_envelope_is_demanded_where_the_project_has_another(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, (), '[tool.accord.lint]\nenvelope = ["event_id", "source"]\n')
    (finding,) = found_in(folder)
    assert finding.rule == "envelope-member-missing"
    assert "carries no source;" in finding.sentence
    assert finding.location.path.endswith(EVENTS)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("[tool.accord.lint]\nseverities = 1", "'severities' in [tool.accord.lint], which means nothing"),
        ('[tool.accord.lint]\nenvelope = "event_id"', "'envelope' as something else than a list"),
        ('[tool.accord.lint.severity]\nunbounded-strin = "off"', "did you mean unbounded-string?"),
        ('[tool.accord.lint.severity]\nmixed-case = "fatal"', "it is error, warning or off"),
        ("[tool.accord.lint]\nseverity = 3", "as something else than a table"),
        ('[tool.accord.lint]\nignores = ["mixed-case"]', "as something else than tables"),
        ('[[tool.accord.lint.ignores]]\nat = "*"\nreason = "x"', "without naming a rule"),
        ('[[tool.accord.lint.ignores]]\nrule = "mixed-case"\nwhere = "x"', "has 'where'"),
    ],
)
def test_settings_that_cannot_be_obeyed_are_refused_with_a_sentence(
    settings: str, said: str, tmp_path: Path
) -> None:
    folder = lay_out(tmp_path, (), settings)
    with pytest.raises(BrokenSpec) as caught:
        found_in(folder)
    (finding,) = caught.value.findings
    assert finding.rule == "bad-settings"
    assert said in finding.sentence
    assert finding.location.path.endswith("pyproject.toml")
