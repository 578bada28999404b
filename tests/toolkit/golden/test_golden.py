"""Each golden case gives the tree and the messages that it expects, and all of it is good Python."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.toolkit.golden.harness import CASES, Case, cases

REPOSITORY = CASES.parents[3]


@pytest.mark.parametrize("case", cases(), ids=str)
def test_a_case_gives_what_it_expects(case: Case) -> None:
    assert case.made() == case.expected(), "look at it, then run `make golden`"


@pytest.fixture(scope="session")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All expected trees side by side, as packages of one project."""
    root = tmp_path_factory.mktemp("golden")
    for case in cases():
        if (case.root / "expected").is_dir():
            shutil.copytree(case.root / "expected", root, dirs_exist_ok=True)
    return root


def run(*command: str, path: str = "") -> None:
    done = subprocess.run(
        [sys.executable, *command],
        env={**os.environ, "MYPYPATH": path, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_expected_tree_passes_the_strictest_type_check(trees: Path) -> None:
    cache = REPOSITORY / ".mypy_cache" / "golden"
    settings = ["--config-file", str(REPOSITORY / "pyproject.toml"), "--cache-dir", str(cache)]
    run("-m", "mypy", *settings, str(trees), path=f"{REPOSITORY}{os.pathsep}{trees}")


@pytest.mark.parametrize(
    "command", [["check", "--select=E,F,W,I,N,UP,B,A,C4,SIM,RUF"], ["format", "--check"]]
)
def test_every_expected_tree_passes_ruff(command: list[str], trees: Path) -> None:
    source = f'--config=src=["{trees.as_posix()}"]'
    options = ["--isolated", "--no-cache", "--config=line-length=110", "--target-version=py311", source]
    run("-m", "ruff", *command, *options, str(trees))


@pytest.mark.parametrize("case", [case for case in cases() if (case.root / "expected").is_dir()], ids=str)
def test_every_expected_module_imports_and_its_examples_hold(case: Case) -> None:
    modules = [
        path.relative_to(case.root / "expected").with_suffix("").as_posix().replace("/", ".")
        for path in sorted((case.root / "expected").rglob("*.py"))
    ]
    program = (
        "import doctest, importlib, sys\n"
        "found = [doctest.testmod(importlib.import_module(name)) for name in sys.argv[1:]]\n"
        "sys.exit(any(result.failed for result in found))\n"
    )
    run("-W", "error", "-c", program, *modules, path=f"{REPOSITORY}{os.pathsep}{case.root / 'expected'}")
