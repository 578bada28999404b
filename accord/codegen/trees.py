"""Comparing what was rendered with what lies on the disk, and writing it there."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from accord.codegen.files import HEADER, RenderedFile
from accord.findings import BrokenSpec, Finding, Location

__all__ = ["Entry", "State", "compare", "findings", "replace_file", "write"]


class State(StrEnum):
    """How a file of the output relates to what the specs ask for."""

    CURRENT = "current"
    STALE = "stale"
    MISSING = "missing"
    ORPHANED = "orphaned"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file; ``path`` lies below the output, ``shown`` is for people, ``line`` is the first to differ."""

    path: str
    shown: str
    spec: str
    text: str
    state: State
    line: int = 1


def compare(output: Path, rendered: Mapping[str, RenderedFile], shown: str) -> list[Entry]:
    """Hold the folder against what was rendered; files without our header are nobody's business here."""
    entries = []
    for path, file in sorted(rendered.items()):
        present = _read(output / path)
        if present is None:
            state, line = State.MISSING, 1
        elif present == file.text.encode():
            state, line = State.CURRENT, 1
        else:
            state, line = State.STALE, _first_difference(present, file.text)
        entries.append(Entry(path, f"{shown}/{path}", file.spec, file.text, state, line))
    for found in sorted(output.rglob("*.py")):
        path = found.relative_to(output).as_posix()
        present = _read(found) if path not in rendered else None
        if present is not None and present.startswith(HEADER.encode()):
            spec = present.splitlines()[0].decode(errors="replace").removeprefix(HEADER).partition(";")[0]
            entries.append(Entry(path, f"{shown}/{path}", spec, "", State.ORPHANED))
    return entries


def findings(entries: list[Entry]) -> list[Finding]:
    """What a check says about the files that are not current."""
    sentences = {
        State.STALE: "is not what {spec} asks for, from this line on",
        State.MISSING: "is missing, though {spec} asks for it",
        State.ORPHANED: "was generated from {spec}, which asks for it no longer",
    }
    return [
        Finding(
            Location(entry.shown, entry.line),
            entry.state.value,
            sentences[entry.state].format(spec=entry.spec),
        )
        for entry in entries
        if entry.state is not State.CURRENT
    ]


def write(output: Path, entries: list[Entry]) -> None:
    """Bring the folder in line, one file after the other; each is there in full or as it was before.

    Raises `BrokenSpec`, before anything is touched, if a file that somebody else wrote is in the way.
    """
    foreign = [entry for entry in entries if entry.state is State.STALE and not _ours(output / entry.path)]
    if foreign:
        sentence = (
            "does not begin as generated files do, so it may be somebody's work; move it out of the way"
        )
        raise BrokenSpec(Finding(Location(entry.shown), "foreign-file", sentence) for entry in foreign)
    for entry in entries:
        path = output / entry.path
        if entry.state in (State.STALE, State.MISSING):
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, entry.text)
        elif entry.state is State.ORPHANED:
            path.unlink()


def replace_file(path: Path, text: str) -> None:
    """Write the whole file or leave it as it is, with the rights that new files get."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _ours(path: Path) -> bool:
    """Ours, or so empty that nothing is lost."""
    content = _read(path) or b""
    return content.startswith(HEADER.encode()) or not content.strip()


def _first_difference(present: bytes, text: str) -> int:
    lines, wanted = present.splitlines(), text.encode().splitlines()
    pairs = zip(lines, wanted, strict=False)
    same = next((number for number, (a, b) in enumerate(pairs) if a != b), min(len(lines), len(wanted)))
    return same + 1
