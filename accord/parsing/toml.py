"""A TOML file of settings that knows where its tables and keys stand."""

import re
import tomllib
from pathlib import Path
from typing import Any

from accord.findings import BrokenSpec, Location
from accord.parsing.references import shown

__all__ = ["TomlFile"]


class TomlFile:
    """What the file says; raises `BrokenSpec` if that is no TOML."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._text = path.read_text(encoding="utf-8")
        try:
            self.document: dict[str, Any] = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            match = re.search(r"line (\d+), column (\d+)", str(error))
            line, column = (int(match[1]), int(match[2])) if match else (self._text.count("\n") + 1, 1)
            raise self.error(f"is no TOML: {error}", Location(shown(path), line, column)) from None

    def error(self, sentence: str, place: Location | None = None) -> BrokenSpec:
        """A setting that cannot be used; to be raised."""
        return BrokenSpec.at(place or Location(shown(self.path)), "bad-settings", sentence)

    def place(self, header: str, key: str = "", index: int = 0) -> Location:
        """Where a table or a key stands, which the parser of the standard library does not tell.

        ``index`` is for arrays of tables: which of those with this header.
        """
        table, found, seen = "", Location(shown(self.path)), -1
        for number, line in enumerate(self._text.splitlines(), 1):
            stripped = line.strip()
            if stripped.startswith("["):
                table = stripped.strip("[] ").split("]")[0]
                seen += table == header
                if table == header and seen == index:
                    found = Location(shown(self.path), number, 1)
            elif table == header and seen == index and key and _sets(stripped, key):
                return Location(shown(self.path), number, line.index(stripped[0]) + 1)
        return found


def _sets(line: str, key: str) -> bool:
    return re.match(rf"""["']?{re.escape(key)}["']?\s*=""", line) is not None
