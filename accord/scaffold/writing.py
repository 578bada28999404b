"""Writing files that are not there yet: all of them or none."""

from collections.abc import Mapping
from pathlib import Path

__all__ = ["InTheWay", "write_all"]


class InTheWay(Exception):
    """``paths`` are there already, so nothing was written."""

    def __init__(self, paths: list[Path]) -> None:
        self.paths = paths
        super().__init__(", ".join(map(str, paths)))


def write_all(folder: Path, files: Mapping[str, str]) -> None:
    """Write each text to its path below ``folder``; raises `InTheWay`, and OSError, having left nothing."""
    obstacles = {obstacle for path in files if (obstacle := _obstacle(folder, Path(path)))}
    if obstacles:
        raise InTheWay(sorted(obstacles))
    made: list[Path] = []
    try:
        for path, text in files.items():
            target = folder / path
            missing = [parent for parent in (target.parent, *target.parent.parents) if not parent.exists()]
            for parent in reversed(missing):
                parent.mkdir()
                made.append(parent)
            # "x": another process may have been faster.
            with target.open("x", encoding="utf-8", newline="\n") as file:
                made.append(target)
                file.write(text)
    except OSError as error:
        for done in reversed(made):
            done.rmdir() if done.is_dir() else done.unlink()
        if isinstance(error, FileExistsError):
            raise InTheWay([Path(error.filename)]) from None
        raise


def _obstacle(folder: Path, path: Path) -> Path | None:
    """What stands where the file, or a folder on the way to it, belongs."""
    if (folder / path).exists() or (folder / path).is_symlink():
        return folder / path
    ways = [folder / parent for parent in path.parents]
    return next((way for way in ways if way.exists() and not way.is_dir()), None)
