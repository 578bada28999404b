"""Settings for specs that somebody else wrote, and copies of those that lie elsewhere."""

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from accord.findings import BrokenSpec, Location
from accord.parsing.references import shown
from accord.parsing.yaml import read_yaml
from accord.scaffold.naming import Naming, suggested

__all__ = ["Settings", "settings_for"]

KINDS = ("openapi", "asyncapi")
SUFFIXES = (".json", ".yaml", ".yml")
MAX_FILES = 1000
"""Of one spec; what is left behind is named by `accord generate`."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The table for pyproject.toml, and files to copy into the project, by path."""

    toml: str
    copies: Mapping[str, str]


def settings_for(folder: Path, specs: Sequence[Path], name: str) -> Settings:
    """What to write into ``folder``; specs within it stay where they are.

    One of each kind makes one service called ``name``; of more, those whose names agree but for the kind.
    Raises `BrokenSpec` for what is no spec, and `accord.scaffold.naming.BadName`.
    """
    services = _services({spec: _kind(spec) for spec in specs}, name)
    folder = folder.resolve()
    places: dict[Path, Path] = {}
    copies: dict[str, str] = {}
    parents: set[Path] = set()
    for spec in specs:
        source = spec.resolve()
        needed = _with_what_it_needs(source)
        if source.is_relative_to(folder):
            within = {path: path.relative_to(folder) for path in needed if path.is_relative_to(folder)}
        else:
            above = Path(os.path.commonpath([path.parent for path in needed]))
            within = {path: Path("specs", path.relative_to(above)) for path in needed}
            for path, target in within.items():
                if copies.setdefault(target.as_posix(), needed[path]) != needed[path]:
                    sentence = f"and another spec both need a file {target}; move them into the project first"
                    raise BrokenSpec.at(Location(shown(spec)), "clashing-specs", sentence)
        places[spec] = within[source]
        parents |= {target.parent for target in within.values()}
    common = Path(os.path.commonpath(parents))
    lines = ["[tool.accord]", f"specs = {_quoted(common)}", 'output = "generated"']
    for service, files in services.items():
        lines += ["", f"[tool.accord.services.{service}]"]
        lines += [
            f"{kind} = {_quoted(places[files[kind]].relative_to(common))}" for kind in KINDS if kind in files
        ]
    return Settings("\n".join([*lines, ""]), copies)


def _quoted(path: Path) -> str:
    """A basic string of TOML, which JSON's strings are too."""
    return json.dumps(path.as_posix(), ensure_ascii=False)


def _kind(spec: Path) -> str:
    root = read_yaml(spec, spec.name, shown(spec)).plain
    kinds = [kind for kind in KINDS if isinstance(root, dict) and kind in root]
    if len(kinds) != 1:
        sentence = "is neither an OpenAPI nor an AsyncAPI document; name one that begins with its version"
        raise BrokenSpec.at(Location(shown(spec)), "unknown-version", sentence)
    return kinds[0]


def _services(kinds: Mapping[Path, str], name: str) -> Mapping[str, Mapping[str, Path]]:
    if len(set(kinds.values())) == len(kinds):
        return {Naming(name).snake: {kind: spec for spec, kind in kinds.items()}}
    services: defaultdict[str, dict[str, Path]] = defaultdict(dict)
    for spec, kind in kinds.items():
        service = Naming(_service_name(spec)).snake
        if kind in services[service]:
            other = shown(services[service][kind])
            sentence = f"would be the {kind} of '{service}', as {other} would; rename one of them"
            raise BrokenSpec.at(Location(shown(spec)), "clashing-specs", sentence)
        services[service][kind] = spec
    return services


def _service_name(spec: Path) -> str:
    stem = spec.stem
    for kind in KINDS:
        stem = stem.removesuffix(kind)
    return suggested(stem or spec.resolve().parent.name)


def _with_what_it_needs(spec: Path) -> Mapping[Path, str]:
    """The text of the file, and of those that its references lead to."""
    found: dict[Path, str] = {}
    waiting = [spec]
    while waiting and len(found) < MAX_FILES:
        path = waiting.pop()
        if path not in found and path.is_file():
            waiting += _referred_to(path)
            found[path] = path.read_text("utf-8-sig")
    return found


def _referred_to(path: Path) -> Iterator[Path]:
    """Files that lie somewhere beside this one: no spec has a say about any other file of this machine."""
    for reference in _references(read_yaml(path, path.name, shown(path)).plain):
        parts = urlsplit(reference)
        target = Path(unquote(parts.path))
        if target.suffix in SUFFIXES and not (parts.scheme or parts.netloc or target.is_absolute()):
            yield (path.parent / target).resolve()


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for member in value.values():
            yield from _references(member)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
