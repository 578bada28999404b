"""Formatting of Python text with ruff, by rules of its own whatever the project's are."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

__all__ = ["format_modules"]

_LINE_LENGTH = 110
_LONG_LINES = "# ruff: noqa: E501"
_PLACE = re.compile(r"^(.+\.py):\d+:\d+: E501 ", re.MULTILINE)


def format_modules(texts: Mapping[str, str], package: str) -> dict[str, str]:
    """Sort imports, drop unused ones, and format; keys are paths below ``package``.

    Accord is a library to the projects that use it, so its imports stand with those of other libraries.
    """
    with tempfile.TemporaryDirectory(prefix="accord-") as folder:
        root = Path(folder, *package.split("."))
        for path, text in texts.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        top = package.partition(".")[0]
        _ruff(
            folder,
            "check",
            "--fix",
            "--select=I,F401,UP",
            f'--config=lint.isort.known-first-party=["{top}"]',
        )
        _ruff(folder, "format")
        formatted = {path: (root / path).read_text(encoding="utf-8") for path in texts}
        said = _ruff(folder, "check", "--exit-zero", "--select=E501", "--output-format=concise")
    start = root.relative_to(folder).as_posix()
    long = {place.replace(os.sep, "/").removeprefix(f"{start}/") for place in _PLACE.findall(said)}
    return {path: _excuse_long_lines(text) if path in long else text for path, text in formatted.items()}


def _ruff(folder: str, command: str, *options: str) -> str:
    """Run ruff over the folder, and return what it printed."""
    common = (
        "--isolated",
        "--no-cache",
        "--quiet",
        f"--config=line-length={_LINE_LENGTH}",
        "--target-version=py311",
    )
    arguments = [sys.executable, "-m", "ruff", command, *common, *options, "."]
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        said = f"{done.stdout}{done.stderr}"
        raise RuntimeError(f"ruff {command} refuses what was generated, a defect of Accord:\n{said}")
    return done.stdout


def _excuse_long_lines(text: str) -> str:
    """Regular expressions cannot be broken, and the project may forbid long lines."""
    header, _, rest = text.partition("\n")
    return f"{header}\n{_LONG_LINES}\n{rest}"
