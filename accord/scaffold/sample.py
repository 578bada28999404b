"""The sample project under another name.

It lies in the folder `project` as it was written and tested, for a service called `sample`. Files whose names
begin with a dot are called `dot-…` there, so that no tool takes them for its own.
"""

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

from accord.scaffold.naming import Naming

__all__ = ["sample_project"]

_SAMPLE = Naming("sample")
_IMPORTS = re.compile(r"(?:^from (?:generated|sample_service|tests)\b.*\n)+", re.MULTILINE)


def sample_project(naming: Naming) -> Mapping[str, str]:
    """Each file of the project, by its path."""
    return {
        naming.renamed(path, _SAMPLE): _renamed(text, naming)
        for path, text in _files(files("accord.scaffold") / "project", "")
    }


def _files(folder: Traversable, above: str) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        path = f"{above}{entry.name.replace('dot-', '.', 1) if entry.name.startswith('dot-') else entry.name}"
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from _files(entry, f"{path}/")
        else:
            yield path, entry.read_text(encoding="utf-8")


def _renamed(text: str, naming: Naming) -> str:
    """Also puts imports of the project itself in order again, which depends on its name."""

    def place(line: str) -> str:
        return naming.renamed(line.split()[1], _SAMPLE)

    ordered = _IMPORTS.sub(lambda block: "".join(sorted(block[0].splitlines(True), key=place)), text)
    return naming.renamed(ordered, _SAMPLE)
