"""Style and types, as `make lint` judges them."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["ruff", "check", "--no-cache", "."], id="ruff check"),
        pytest.param(["ruff", "format", "--check", "--no-cache", "."], id="ruff format"),
        pytest.param(["mypy"], id="mypy strict"),
        pytest.param(["accord", "check"], id="generated is current"),
    ],
)
def test_nothing_is_left_to_find(arguments: list[str]) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
