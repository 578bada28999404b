"""The workflow that reviews pull requests of this repository."""

import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / ".github" / "workflows" / "review.yml").read_text()
WORKFLOW: dict[Any, Any] = yaml.safe_load(TEXT)
STEPS: list[dict[str, Any]] = WORKFLOW["jobs"]["review"]["steps"]


def test_it_needs_no_secrets_and_asks_for_few_rights() -> None:
    assert "secrets." not in TEXT
    assert WORKFLOW["permissions"] == {"contents": "read", "pull-requests": "write"}


def test_it_has_the_history_that_a_comparison_needs() -> None:
    (checkout,) = [step for step in STEPS if step.get("uses", "").startswith("actions/checkout@")]
    assert checkout["with"]["fetch-depth"] == 0


def test_text_of_the_pull_request_never_becomes_part_of_a_script() -> None:
    for step in STEPS:
        assert "${{" not in step.get("run", ""), step["name"]


def test_it_calls_a_target_that_is_there_with_options_that_are_there(tmp_path: Path) -> None:
    (call,) = [step["run"] for step in STEPS if "make --silent review" in step.get("run", "")]
    command = subprocess.run(
        ["make", "--dry-run", "review"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "/accord review" in command.stdout
    options = set(re.findall(r"--(?!silent)[a-z]+", call))
    told = subprocess.run(
        [ROOT / ".venv" / "bin" / "accord", "review", "--help"], capture_output=True, text=True, check=True
    )
    assert options == {"--against", "--format", "--html"}
    assert all(option in told.stdout for option in options)


def test_each_script_is_one_that_a_shell_can_read() -> None:
    for step in STEPS:
        subprocess.run(["bash", "-n"], input=step.get("run", ""), text=True, check=True)
