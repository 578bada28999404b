"""Meets Accord as a stranger does: a wheel, an empty environment, `accord init`, and what comes of it.

Everything happens in a temporary folder outside of this repository. Without arguments the small project is
laid out and its `make test` is run. With --from, code is made of these specs instead, imported, and held
against mypy's strict rules and ruff's order of imports.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
SECONDS = 900.0
"""For one step; the longest is the installing of packages."""

IMPORT_ALL = """
import importlib, pkgutil, generated
names = [module.name for module in pkgutil.walk_packages(generated.__path__, "generated.")]
for name in names:
    importlib.import_module(name)
print(f"{len(names)} modules imported")
"""


class Stranger:
    """Runs one step after the other in ``folder`` and says how long each took."""

    def __init__(self, folder: Path, python: str) -> None:
        self.folder = folder
        self.python = python
        self.bin = folder / "venv" / "bin"
        # Nothing of this repository's environment shall help; pip keeps the settings that it was told.
        self._environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ARGS", "MAKE", "PYTHON", "VIRTUAL_ENV"))
        }

    def do(self, told: str, *command: str | Path, within: Path | None = None) -> None:
        """Run a command; raises SystemExit with what it said if it fails."""
        began = time.monotonic()
        try:
            done = subprocess.run(
                list(map(str, command)),
                cwd=within or self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            sys.exit(f"✗ {told}: not done within {SECONDS:g} s")
        if done.returncode:
            sys.exit(f"{done.stdout}\n✗ {told}: exit status {done.returncode}")
        last = next((line for line in reversed(done.stdout.splitlines()) if line.strip()), "")
        print(f"✓ {told:44} {time.monotonic() - began:6.1f} s  {last.strip():.70}", flush=True)

    def install(self, extras: str) -> None:
        """Build the wheel and install it with these extras."""
        dist = self.folder / "dist"
        build = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", dist)
        self.do("build the wheel", *build, within=ROOT)
        (wheel,) = dist.glob("accord-*.whl")
        self.do("make an empty environment", self.python, "-m", "venv", self.folder / "venv")
        self.pip(f"pip install accord[{extras}]", f"{wheel}[{extras}]")

    def pip(self, told: str, *packages: str) -> None:
        """Install packages."""
        self.do(told, self.bin / "python", "-m", "pip", "install", "--disable-pip-version-check", *packages)


def small_project(stranger: Stranger) -> None:
    """The project that `accord init` lays out."""
    stranger.install("codegen")
    stranger.do("accord init demo", stranger.bin / "accord", "init", "demo")
    demo = stranger.folder / "demo"
    stranger.do("make setup", "make", "setup", f"PYTHON={stranger.python}", within=demo)
    stranger.do("make test", "make", "test", within=demo)
    stranger.do("make lint", "make", "lint", within=demo)
    stranger.do("make check, nothing changed", "make", "check", within=demo)


def foreign_project(stranger: Stranger, specs: Sequence[Path]) -> None:
    """Specs that somebody else wrote."""
    stranger.install("codegen,runtime")
    stranger.pip("pip install mypy", "mypy")
    project = stranger.folder / "foreign"
    named = [part for spec in specs for part in ("--from", str(spec.resolve()))]
    stranger.do("accord init --from", stranger.bin / "accord", "init", project, *named)
    stranger.do("accord generate", stranger.bin / "accord", "generate", within=project)
    stranger.do("accord check", stranger.bin / "accord", "check", within=project)
    stranger.do("import all of it", stranger.bin / "python", "-c", IMPORT_ALL, within=project)
    mypy = (stranger.bin / "python", "-m", "mypy", "--strict", "generated")
    stranger.do("mypy --strict", *mypy, within=project)
    ruff = (stranger.bin / "ruff", "check", "--isolated", "--select", "I,F", "generated")
    stranger.do("ruff: imports in order", *ruff, within=project)


def main() -> None:
    """Parse the arguments and run the steps; the exit status is 1 if one fails."""
    parser = argparse.ArgumentParser(prog="make stranger", description=__doc__)
    parser.add_argument("--from", dest="specs", metavar="SPEC", type=Path, nargs="+", default=[])
    parser.add_argument("--python", default=sys.executable, help="what the environments are made with")
    arguments = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="accord-stranger-") as folder:
        stranger = Stranger(Path(folder), arguments.python)
        if arguments.specs:
            foreign_project(stranger, arguments.specs)
        else:
            small_project(stranger)
    print(f"All of it works for a stranger; {time.monotonic() - began:.0f} s.")


if __name__ == "__main__":
    main()
