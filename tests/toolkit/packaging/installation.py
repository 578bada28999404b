"""A wheel as a stranger would have installed it with some extras, without a network.

The wheel is unpacked, and Python runs on it with an import hook that denies each package which is installed
here and which the wheel's metadata do not bring along for these extras.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

__all__ = ["Installation"]

HOOK = """
import sys
ABSENT = frozenset({absent!r})
class Hook:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in ABSENT:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.path.insert(0, {wheel!r})
sys.meta_path.insert(0, Hook())
"""


@dataclass(frozen=True, slots=True)
class Installation:
    """The unpacked wheel, and the extras that were asked for."""

    wheel: Path
    extras: frozenset[str]

    @property
    def distributions(self) -> frozenset[str]:
        """What these extras bring along, their own requirements included."""
        (metadata,) = self.wheel.glob("*.dist-info/METADATA")
        own = [str(each) for each in Metadata.from_email(metadata.read_bytes()).requires_dist or ()]
        found: set[tuple[str, frozenset[str]]] = set()
        _follow(own, self.extras, found)
        return frozenset(name for name, _ in found)

    def run(self, code: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run Python code there."""
        there = self.distributions | {"accord"}
        absent = [
            top
            for top, names in packages_distributions().items()
            if not there & {canonicalize_name(name) for name in names}
        ]
        hook = HOOK.format(absent=absent, wheel=str(self.wheel))
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            [sys.executable, "-I", "-c", f"{hook}\n{code}"],
            capture_output=True,
            text=True,
            check=False,
            cwd=cwd or self.wheel,
            env=environment,
        )

    def accord(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run the command line there."""
        code = f"from accord.cli import main\nmain({list(arguments)!r}, prog_name='accord')"
        return self.run(code, cwd)

    def import_all(self, modules: Sequence[str]) -> list[str]:
        """Import each module in one process; the complaints about those that need something else."""
        code = (
            f"from importlib import import_module\nfor name in {list(modules)!r}:\n"
            "    try:\n        import_module(name)\n"
            "    except ModuleNotFoundError as error:\n        print(name, 'needs', error.name)\n"
        )
        done = self.run(code)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()


def _follow(
    requirements: Iterable[str], extras: frozenset[str], found: set[tuple[str, frozenset[str]]]
) -> None:
    for text in requirements:
        requirement = Requirement(text)
        wanted = [{"extra": extra} for extra in extras or {""}]
        if requirement.marker and not any(requirement.marker.evaluate(each) for each in wanted):
            continue
        node = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if node not in found:
            found.add(node)
            try:
                further = requires(requirement.name) or ()
            except PackageNotFoundError:
                further = ()
            _follow(further, node[1], found)
