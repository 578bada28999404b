"""The hooks that this repository offers to pre-commit."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.toolkit.review.library import Library

ROOT = Path(__file__).parents[3]
SHOP = ROOT / "tests" / "toolkit" / "codegen" / "shop"
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def run(hook: dict[str, Any], folder: Path) -> int:
    """Run the entry with the installed script, as pre-commit does: at the top of a project, without files."""
    program, *arguments = hook["entry"].split()
    script = Path(sys.executable).parent / program
    return subprocess.run([script, *arguments], cwd=folder, capture_output=True, check=False).returncode


def test_there_is_one_to_check_one_to_generate_and_one_to_review() -> None:
    assert [hook["id"] for hook in HOOKS] == ["accord-check", "accord-generate", "accord-review"]


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_is_what_pre_commit_wants(hook: dict[str, Any]) -> None:
    """https://pre-commit.com, "Creating new hooks"."""
    texts = {"id", "name", "description", "entry", "language"}
    assert texts <= hook.keys() <= texts | {"additional_dependencies", "types_or", "pass_filenames"}
    assert all(isinstance(hook[name], str) and hook[name] for name in texts)
    assert hook["language"] == "python"
    assert hook["entry"].split()[0] in PYPROJECT["project"]["scripts"]
    extras = PYPROJECT["project"]["optional-dependencies"]
    for dependency in hook["additional_dependencies"]:
        assert dependency.removeprefix(".[").removesuffix("]") in extras


def test_the_entries_run_in_a_project_and_agree(tmp_path: Path) -> None:
    shutil.copytree(SHOP, tmp_path, dirs_exist_ok=True)
    check, generate, review = HOOKS
    assert run(check, tmp_path) == 1
    assert run(review, tmp_path) == 2, "there is no version before"
    assert run(generate, tmp_path) == 0
    assert run(check, tmp_path) == 0


def test_the_review_lets_a_safe_change_pass_and_holds_a_breaking_one(tmp_path: Path) -> None:
    library = Library(tmp_path)
    _, generate, review = HOOKS
    library.change("authors.openapi.yaml", "summary: Create an author", "summary: Make an author")
    assert run(generate, tmp_path) == 0
    assert run(review, tmp_path) == 0
    library.shorten_names()
    assert run(generate, tmp_path) == 0
    assert run(review, tmp_path) == 1
