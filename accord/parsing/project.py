"""The settings of a project: ``[tool.accord]`` in its pyproject.toml."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accord.findings import BrokenSpec, Location, Problems
from accord.parsing.references import shown

__all__ = ["Project", "ServiceSettings", "find_project"]

_REMEDY = "see the README for an example"


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """One table ``[tool.accord.services.<name>]``; both values are file names within the folder of specs."""

    name: str
    openapi: str
    asyncapi: str


@dataclass(frozen=True, slots=True)
class Project:
    """What the settings say, with absolute folders; ``package`` is the import name of the output."""

    root: Path
    specs: Path
    output: Path
    package: str
    common: str
    services: tuple[ServiceSettings, ...]


def find_project(start: Path) -> Project:
    """Read the nearest pyproject.toml at or above ``start``; raises `BrokenSpec`."""
    start = start.resolve()
    for folder in (start, *start.parents):
        path = folder / "pyproject.toml"
        if path.is_file():
            return _Settings(path).project()
    sentence = "has no pyproject.toml, nor has any folder above; add one with a table [tool.accord]"
    raise BrokenSpec.at(Location(shown(start)), "no-project", sentence)


class _Settings:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._text = path.read_text(encoding="utf-8")
        self._problems = Problems()

    def project(self) -> Project:
        try:
            document = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            match = re.search(r"line (\d+), column (\d+)", str(error))
            line, column = (int(match[1]), int(match[2])) if match else (self._text.count("\n") + 1, 1)
            raise self._error(f"is no TOML: {error}", Location(shown(self._path), line, column)) from None
        table = document.get("tool", {}).get("accord")
        if not isinstance(table, dict):
            raise self._error(
                "has no table [tool.accord]; add it with 'specs', 'output' and [tool.accord.services.…]"
            )
        header = "tool.accord"
        self._known(table, header, {"specs", "output", "common", "services"})
        specs, output = self._text_of(table, header, "specs"), self._text_of(table, header, "output")
        common = self._text_of(table, header, "common")
        services = self._services(table.get("services"))
        self._problems.raise_if_any()
        root = self._path.parent
        for key, value in (("specs", specs), ("output", output)):
            with self._problems.gathering():
                self._inside(key, value)
        with self._problems.gathering():
            if not (root / specs).is_dir():
                raise self._error(
                    f"names the folder '{specs}', which is not there; create it", self._place(header, "specs")
                )
            self._file(root / specs, common, header, "common")
        for service in services:
            for key, file in (("openapi", service.openapi), ("asyncapi", service.asyncapi)):
                with self._problems.gathering():
                    self._file(root / specs, file, f"{header}.services.{service.name}", key)
        self._problems.raise_if_any()
        package = ".".join(Path(output).parts)
        return Project(root, root / specs, root / output, package, common, services)

    def _services(self, tables: Any) -> tuple[ServiceSettings, ...]:
        header = "tool.accord.services"
        if not isinstance(tables, dict) or not tables:
            with self._problems.gathering():
                raise self._error("names no service; add a table such as [tool.accord.services.authors]")
            return ()
        found = []
        for name, table in tables.items():
            place = self._place(f"{header}.{name}")
            with self._problems.gathering():
                if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                    raise self._error(
                        f"names the service '{name}'; use lower case letters, digits and '_'", place
                    )
                if not isinstance(table, dict):
                    raise self._error(f"has '{name}' as something else than a table; {_REMEDY}", place)
                self._known(table, f"{header}.{name}", {"openapi", "asyncapi"})
                files = [self._text_of(table, f"{header}.{name}", key) for key in ("openapi", "asyncapi")]
                found.append(ServiceSettings(name, *files))
        return tuple(found)

    def _known(self, table: dict[str, Any], header: str, names: set[str]) -> None:
        for name in table:
            if name not in names:
                sentence = (
                    f"has '{name}' in [{header}], which means nothing; it may hold {', '.join(sorted(names))}"
                )
                with self._problems.gathering():
                    raise self._error(sentence, self._place(header, name))

    def _text_of(self, table: dict[str, Any], header: str, name: str) -> str:
        value = table.get(name)
        with self._problems.gathering():
            if value is None:
                raise self._error(f"has no '{name}' in [{header}]; add it", self._place(header))
            if not isinstance(value, str) or not value:
                raise self._error(
                    f"has '{name}' as something else than a text; {_REMEDY}", self._place(header, name)
                )
        return value if isinstance(value, str) else ""

    def _inside(self, key: str, value: str) -> None:
        place = self._place("tool.accord", key)
        parts = Path(value).parts
        if Path(value).is_absolute() or ".." in parts or not parts:
            raise self._error(f"names the folder '{value}'; write a path below this file", place)
        if key == "output" and not all(part.isidentifier() for part in parts):
            raise self._error(
                f"writes to '{value}', which Python cannot import; use letters, digits and '_'", place
            )

    def _file(self, folder: Path, name: str, header: str, key: str) -> None:
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
            sentence = f"names the spec '{name}', which is not in {folder.name}/; correct the name"
            raise self._error(sentence, self._place(header, key))

    def _error(self, sentence: str, place: Location | None = None) -> BrokenSpec:
        return BrokenSpec.at(place or Location(shown(self._path)), "bad-settings", sentence)

    def _place(self, header: str, key: str = "") -> Location:
        """Where a table or a key stands; the parser of the standard library does not tell."""
        table, found = "", Location(shown(self._path))
        for number, line in enumerate(self._text.splitlines(), 1):
            stripped = line.strip()
            if stripped.startswith("["):
                table = stripped.strip("[] ").split("]")[0]
                if table == header:
                    found = Location(shown(self._path), number, 1)
            elif table == header and key and re.match(rf"""["']?{re.escape(key)}["']?\s*=""", stripped):
                return Location(shown(self._path), number, line.index(stripped[0]) + 1)
        return found
