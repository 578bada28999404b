"""The top level holds what the design names, and modules stay small."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOP_LEVEL = {
    "specs",
    "generated",
    "accord",
    "authors_service",
    "books_service",
    "scripts",
    "tests",
    "compose.yaml",
    "Makefile",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "requirements.lock",
    # Schemathesis looks for its settings under no other name.
    "schemathesis.toml",
}
MAX_LINES = 300


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [Path(name) for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


@pytest.fixture(scope="module")
def files() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    return tracked_files()


def test_the_top_level_holds_what_the_design_names(files: list[Path]) -> None:
    strangers = {path.parts[0] for path in files} - TOP_LEVEL
    assert {name for name in strangers if not name.startswith(".")} == set()


def test_handwritten_modules_have_at_most_300_lines_and_say_what_lives_there(files: list[Path]) -> None:
    for path in files:
        expected = "golden" in path.parts and "expected" in path.parts
        if path.suffix != ".py" or path.parts[0] == "generated" or expected:
            continue
        text = (ROOT / path).read_text()
        assert text.count("\n") <= MAX_LINES, f"{path} has more than {MAX_LINES} lines"
        assert not text or text.startswith(('"""', 'r"""', "#!")), f"{path} does not open with a docstring"


def test_the_lock_file_names_no_package_index_and_hashes_everything() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert "index-url" not in lock
    requirements = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert requirements
    assert all("==" in line and line.endswith("\\") for line in requirements)
