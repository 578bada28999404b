"""What the last run rendered, kept in the project's `.accord`, so that nothing is done twice.

It is used only if all is as it was then: the bytes of each spec that was read, the settings, the folder that
the command runs in (findings name files as seen from there), Accord's own sources and what is installed
beside it. Anything else, damage included, means that all is rendered anew.
"""

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import accord
from accord.codegen.files import RenderedFile
from accord.findings import Finding, Location, Severity
from accord.parsing.project import Project

__all__ = ["Rendered", "recall", "remember"]

_FOLDER = Path(".accord", "cache")
_FILE = "rendered"
"""The digest of what follows, on a line of its own, and that as JSON."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The files that the specs ask for, by their paths below the output, and the contract's warnings."""

    files: Mapping[str, RenderedFile]
    warnings: tuple[Finding, ...]


def recall(project: Project) -> Rendered | None:
    """What rendering this project gave, if it would give the same again; None if that is not certain."""
    try:
        checksum, _, written = (project.root / _FOLDER / _FILE).read_bytes().partition(b"\n")
        if checksum != _digest_of([written]).encode():
            return None
        content = json.loads(written)
        if content["circumstances"] != _circumstances(project):
            return None
        if any(_digest_of_file(path) != digest for path, digest in content["inputs"].items()):
            return None
        files = {path: RenderedFile(**file) for path, file in content["files"].items()}
        return Rendered(files, tuple(map(_finding, content["warnings"])))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def remember(project: Project, inputs: Mapping[Path, str], rendered: Rendered) -> None:
    """Keep what was rendered from ``inputs``, files with their digests; where that fails, nothing is kept."""
    content = {
        "circumstances": _circumstances(project),
        "inputs": {str(path): digest for path, digest in sorted(inputs.items())},
        "files": {path: asdict(file) for path, file in rendered.files.items()},
        "warnings": [warning.as_json() for warning in rendered.warnings],
    }
    written = json.dumps(content).encode()
    folder = project.root / _FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n")
        descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=f"{_FILE}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(_digest_of([written]).encode() + b"\n" + written)
            os.replace(temporary, folder / _FILE)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError:
        return


def _circumstances(project: Project) -> str:
    """All that rendering depends on besides the specs, in one digest."""
    return _digest_of(part.encode() for part in (repr(project), os.getcwd(), _toolkit()))


@cache
def _toolkit() -> str:
    """Asked once, at the beginning: what is changed later does not change the code that runs already."""
    return _digest_of((sys.version.encode(), *(name.encode() for name in _installed()), *_sources()))


def _digest_of(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def _installed() -> Iterator[str]:
    """Names and versions of all packages that can be imported, as the names of their metadata folders."""
    for entry in sys.path:
        try:
            yield from sorted(path for path in os.listdir(entry or ".") if path.endswith(".dist-info"))
        except OSError:
            continue


def _sources() -> Iterator[bytes]:
    """Accord itself: its version does not change while somebody works on it."""
    for root in accord.__path__:
        for path in sorted(Path(root).rglob("*")):
            if path.suffix in (".py", ".jinja") and "scaffold" not in path.parts:
                yield str(path.relative_to(root)).encode()
                yield path.read_bytes()


def _finding(flat: Mapping[str, Any]) -> Finding:
    place = Location(flat["path"], flat["line"], flat["column"])
    return Finding(place, flat["rule"], flat["sentence"], Severity(flat["severity"]))


def _digest_of_file(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
