"""The settings of a project: ``[tool.accord]`` in its pyproject.toml."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accord.findings import BrokenSpec, Location, Problems
from accord.parsing.references import shown
from accord.parsing.toml import TomlFile

__all__ = ["Project", "ServiceSettings", "find_project"]

_REMEDY = "see the README for an example"


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """One table ``[tool.accord.services.<name>]``: file names within the folder of specs, one or both."""

    name: str
    openapi: str | None
    asyncapi: str | None

    @property
    def files(self) -> tuple[str, ...]:
        """The specs that there are."""
        return tuple(file for file in (self.openapi, self.asyncapi) if file is not None)


@dataclass(frozen=True, slots=True)
class Project:
    """What the settings say, with absolute folders; ``package`` is the import name of the output.

    References may lead into the folders ``outside`` too; ``remotes`` says where a copy of a URL's files lies.
    """

    root: Path
    specs: Path
    output: Path
    package: str
    services: tuple[ServiceSettings, ...]
    outside: tuple[Path, ...] = ()
    remotes: Mapping[str, Path] = field(default_factory=dict)


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
        self._file = TomlFile(path)
        self._problems = Problems()

    def project(self) -> Project:
        document = self._file.document
        table = document.get("tool", {}).get("accord")
        if not isinstance(table, dict):
            raise self._file.error(
                "has no table [tool.accord]; add it with 'specs', 'output' and [tool.accord.services.…]"
            )
        header = "tool.accord"
        self._known(table, header, {"specs", "output", "outside", "remotes", "services", "lint"})
        specs, output = self._text_of(table, header, "specs"), self._text_of(table, header, "output")
        services = self._services(table.get("services"))
        root = self._path.parent
        outside = [
            path for _, path in self._folders(root, dict(enumerate(table.get("outside", []))), "outside")
        ]
        remotes = dict(self._folders(root, table.get("remotes", {}), "remotes"))
        self._problems.raise_if_any()
        for key, value in (("specs", specs), ("output", output)):
            with self._problems.gathering():
                self._inside(key, value)
        with self._problems.gathering():
            if not (root / specs).is_dir():
                raise self._file.error(
                    f"names the folder '{specs}', which is not there; create it",
                    self._file.place(header, "specs"),
                )
        for service in services:
            for key, file in (("openapi", service.openapi), ("asyncapi", service.asyncapi)):
                with self._problems.gathering():
                    if file is not None and (root / specs).is_dir():
                        self._spec(root / specs, file, f"{header}.services.{service.name}", key)
        self._problems.raise_if_any()
        package = ".".join(Path(output).parts)
        return Project(root, root / specs, root / output, package, services, tuple(outside), remotes)

    def _folders(self, root: Path, named: Any, key: str) -> Iterator[tuple[Any, Path]]:
        """The folders, or files, that a list or a table of the settings names."""
        for name, value in named.items() if isinstance(named, dict) else ():
            with self._problems.gathering():
                if not isinstance(value, str) or not (root / value).exists():
                    sentence = (
                        f"has '{value}' in '{key}', which is not there; write a path seen from this file"
                    )
                    raise self._file.error(sentence, self._file.place("tool.accord", key))
                yield name, root / value

    def _services(self, tables: Any) -> tuple[ServiceSettings, ...]:
        header = "tool.accord.services"
        if not isinstance(tables, dict) or not tables:
            with self._problems.gathering():
                raise self._file.error("names no service; add a table such as [tool.accord.services.authors]")
            return ()
        found = []
        for name, table in tables.items():
            place = self._file.place(f"{header}.{name}")
            with self._problems.gathering():
                if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                    raise self._file.error(
                        f"names the service '{name}'; use lower case letters, digits and '_'", place
                    )
                if not isinstance(table, dict):
                    raise self._file.error(f"has '{name}' as something else than a table; {_REMEDY}", place)
                self._known(table, f"{header}.{name}", {"openapi", "asyncapi"})
                files = {
                    key: self._text_of(table, f"{header}.{name}", key) if key in table else None
                    for key in ("openapi", "asyncapi")
                }
                if not any(files.values()):
                    raise self._file.error(f"gives {name} neither 'openapi' nor 'asyncapi'; add one", place)
                found.append(ServiceSettings(name, **files))
        return tuple(found)

    def _known(self, table: dict[str, Any], header: str, names: set[str]) -> None:
        for name in table:
            if name not in names:
                sentence = (
                    f"has '{name}' in [{header}], which means nothing; it may hold {', '.join(sorted(names))}"
                )
                with self._problems.gathering():
                    raise self._file.error(sentence, self._file.place(header, name))

    def _text_of(self, table: dict[str, Any], header: str, name: str) -> str:
        value = table.get(name)
        with self._problems.gathering():
            if value is None:
                raise self._file.error(f"has no '{name}' in [{header}]; add it", self._file.place(header))
            if not isinstance(value, str) or not value:
                raise self._file.error(
                    f"has '{name}' as something else than a text; {_REMEDY}", self._file.place(header, name)
                )
        return value if isinstance(value, str) else ""

    def _inside(self, key: str, value: str) -> None:
        place = self._file.place("tool.accord", key)
        parts = Path(value).parts
        if Path(value).is_absolute() or ".." in parts or (key == "output" and not parts):
            raise self._file.error(f"names the folder '{value}'; write a path below this file", place)
        if key == "output" and not all(part.isidentifier() for part in parts):
            raise self._file.error(
                f"writes to '{value}', which Python cannot import; use letters, digits and '_'", place
            )

    def _spec(self, folder: Path, name: str, header: str, key: str) -> None:
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
            sentence = f"names the spec '{name}', which is not in {folder.name}/; correct the name"
            raise self._file.error(sentence, self._file.place(header, key))
