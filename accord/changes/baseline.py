"""The version to compare with: a folder, or what Git keeps under a revision."""

import io
import os
import subprocess
import tarfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from accord.changes.version import Version, labelled, read_version
from accord.findings import BrokenSpec
from accord.parsing.project import Project, find_project

__all__ = ["NoBaseline", "baseline"]

SECONDS = 60
"""For one call of Git."""


class NoBaseline(Exception):
    """There is nothing to compare with; the message is a sentence that says why, and the remedy."""


@contextmanager
def baseline(project: Project, against: str) -> Iterator[Version]:
    """The specs of a folder, or of a Git revision of this project.

    A folder is a project of its own, or one of specs under the settings of today. Raises `NoBaseline`, and
    `BrokenSpec` where the specs there cannot be read.
    """
    folder = Path(against)
    if against and folder.is_dir():
        yield read_version(_of_folder(project, folder))
        return
    with TemporaryDirectory(prefix="accord-") as temporary:
        root = Path(os.path.realpath(temporary))
        _unpack(project, against, root)
        yield _read(root, against)


def _read(root: Path, revision: str) -> Version:
    try:
        return read_version(find_project(root), revision)
    except BrokenSpec as broken:
        raise BrokenSpec(
            replace(finding, location=labelled(finding.location, root, revision))
            for finding in broken.findings
        ) from None


def _of_folder(project: Project, folder: Path) -> Project:
    if (folder / "pyproject.toml").is_file():
        return find_project(folder)
    for service in project.services:
        for file in service.files:
            if not (folder / file).is_file():
                raise NoBaseline(
                    f"The folder {folder} has neither a pyproject.toml nor the spec {file}: "
                    f"name a project, or a folder of its specs."
                )
    return replace(project, specs=folder.resolve())


def _unpack(project: Project, revision: str, root: Path) -> None:
    """Write the settings and the specs of a revision below a folder."""
    if _git(project.root, "rev-parse", "--is-inside-work-tree") is None:
        raise NoBaseline(f"{project.root} is in no Git repository: name a folder with --against.")
    if (
        revision.startswith("-")
        or _git(project.root, "rev-parse", "--verify", f"{revision}^{{commit}}") is None
    ):
        raise NoBaseline(
            f"There is neither a folder nor a Git revision '{revision}'; `git log` and `git branch -a` list "
            f"revisions, and a shallow clone has few of them: `git fetch --unshallow`."
        )
    settings = _git(project.root, "show", f"{revision}:./pyproject.toml")
    if settings is None:
        raise NoBaseline(f"The revision '{revision}' has no pyproject.toml in {project.root.name}.")
    paths = ["pyproject.toml", *_paths(settings)]
    archive = _git(project.root, "archive", "--format=tar", revision, "--", *paths)
    if archive is None:
        raise NoBaseline(
            f"The revision '{revision}' lacks something that its settings name: {', '.join(paths)}."
        )
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(root, filter="data")
    except tarfile.TarError as error:
        raise NoBaseline(f"The specs of '{revision}' cannot be unpacked: {error}.") from None


def _paths(settings: bytes) -> list[str]:
    """The folders that the settings of that revision name; settings that are none are told of when read."""
    try:
        table = tomllib.loads(settings.decode("utf-8"))["tool"]["accord"]
        named = [table["specs"], *table.get("outside", ()), *table.get("remotes", {}).values()]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []
    below = (str(path) for path in named if isinstance(path, str))
    return [path for path in below if ".." not in PurePosixPath(path).parts and not path.startswith("/")]


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What Git prints; None where it fails."""
    try:
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(folder), *arguments],  # noqa: S607
            capture_output=True,
            check=True,
            timeout=SECONDS,
        )
    except FileNotFoundError:
        raise NoBaseline("Git is not installed: name a folder with --against.") from None
    except subprocess.TimeoutExpired:
        raise NoBaseline(f"Git did not answer within {SECONDS} s.") from None
    except subprocess.CalledProcessError:
        return None
    return done.stdout
