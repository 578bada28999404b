"""The catalogue's pairs: the base specs, and a copy of them with a few values set anew."""

import copy
import json
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

__all__ = ["BASE", "Pair", "pairs", "write"]

HERE = Path(__file__).parent
BASE = HERE / "base"
GONE = "~gone"
"""Written where a value is taken away."""


@dataclass(frozen=True)
class Pair:
    """One case; ``changed`` is what is set in the new version, ``first`` what is set in both."""

    name: str
    why: str
    changed: dict[str, Any]
    first: dict[str, Any]
    expected: list[dict[str, Any]]
    mode: str


@cache
def pairs() -> list[Pair]:
    """All of the catalogue, file by file."""
    found = []
    for path in sorted((HERE / "catalogue").glob("*.yaml")):
        for case in yaml.safe_load(path.read_text()):
            found.append(
                Pair(
                    f"{path.stem}: {case['case']}",
                    case["why"],
                    case["set"],
                    case.get("first", {}),
                    [_expected(line) for line in case.get("expect", [])],
                    case.get("mode", "tolerant"),
                )
            )
    return found


def _expected(line: str) -> dict[str, Any]:
    """``breaking member-required: old clients, old readers``."""
    head, _, hurts = line.partition(":")
    effect, _, rule = head.strip().rpartition(" ")
    return {"effect": effect, "rule": rule, "hurts": sorted(filter(None, map(str.strip, hurts.split(","))))}


def write(folder: Path, *settings: dict[str, Any]) -> Path:
    """A project with the base specs, some values of which are set: ``{file#/pointer: value}``."""
    shutil.copytree(BASE, folder)
    files = copy.deepcopy(_specs())
    for values in settings:
        for place, value in values.items():
            name, _, pointer = place.partition("#")
            spec = files[{"http": "shop.openapi.yaml", "events": "shop.asyncapi.yaml"}[name]]
            _set(spec, [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]], value)
    for name, content in files.items():
        # JSON is YAML, and quick to write.
        (folder / "specs" / name).write_text(json.dumps(content, indent=1))
    return folder


@cache
def _specs() -> dict[str, Any]:
    return {path.name: yaml.safe_load(path.read_text()) for path in (BASE / "specs").iterdir()}


def _set(node: Any, path: list[str], value: Any) -> None:
    *way, last = path
    for step in way:
        node = node[int(step)] if isinstance(node, list) else node.setdefault(step, {})
    if isinstance(node, list):
        if last == "-":
            node.append(copy.deepcopy(value))
        elif value == GONE:
            del node[int(last)]
        else:
            node[int(last)] = copy.deepcopy(value)
    elif value == GONE:
        del node[last]
    else:
        node[last] = copy.deepcopy(value)
