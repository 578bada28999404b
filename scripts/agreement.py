"""``python -m scripts.agreement CHECKOUT``: hold the verdicts of accord diff against those of oasdiff.

CHECKOUT is a copy of github.com/oasdiff/oasdiff, whose data/checker holds pairs of specs; nothing of it is
kept here. Each pair is asked in both directions: does somebody break, or not? Where both differ,
agreement.toml says why.
"""

import json
import shutil
import subprocess
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import yaml

from accord.changes import Change, Effect, compare, read_version
from accord.compatibility import Mode
from accord.findings import BrokenSpec
from accord.parsing.project import find_project

REASONS = Path(__file__).with_suffix(".toml")
ERROR = 3
"""The level at which oasdiff calls a change breaking; 2 is a warning."""
SETTINGS = (
    '[tool.accord]\nspecs = "specs"\noutput = "made"\n[tool.accord.services.api]\nopenapi = "api.yaml"\n'
)


def pairs(checkout: Path) -> Iterator[tuple[str, Path, Path]]:
    """Each pair in both directions, by its name."""
    for base in sorted((checkout / "data" / "checker").glob("*_base.yaml")):
        name = base.name.removesuffix("_base.yaml")
        revision = base.with_name(f"{name}_revision.yaml")
        if revision.is_file():
            yield name, base, revision
            yield f"{name} (back)", revision, base


def theirs(oasdiff: str, old: Path, new: Path) -> bool:
    """Whether oasdiff finds an error."""
    command = [oasdiff, "changelog", "--format", "json", str(old), str(new)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    found = json.loads(done.stdout or "[]") or []
    changes = found if isinstance(found, list) else found.get("changes", [])
    return any(change["level"] >= ERROR for change in changes)


def ours(old: Path, new: Path, mode: Mode) -> list[Change]:
    """What accord diff finds; raises `BrokenSpec`."""
    with tempfile.TemporaryDirectory() as folder:
        sides = []
        for side, path in (("old", old), ("new", new)):
            specs = Path(folder) / side / "specs"
            specs.mkdir(parents=True)
            (specs.parent / "pyproject.toml").write_text(SETTINGS)
            spec = yaml.safe_load(path.read_text())
            mend(spec)
            (specs / "api.yaml").write_text(yaml.safe_dump(spec))
            sides.append(read_version(find_project(specs.parent)))
        return compare(sides[0], sides[1], mode)


def mend(spec: dict[str, Any]) -> None:
    """Correct what OpenAPI forbids and some of these specs do, the same on both sides."""
    for path, item in spec.get("paths", {}).items():
        for operation in item.values():
            if not isinstance(operation, dict):
                continue
            for response in operation.get("responses", {}).values():
                if "$ref" not in response:
                    response.setdefault("description", "")
            body = operation.get("requestBody", {})
            for key in body.keys() - {"description", "content", "required", "$ref"}:
                del body[key]
            for parameter in operation.get("parameters", []):
                described = _described(parameter, spec)
                if described["in"] == "path" and f"{{{described['name']}}}" not in path:
                    described["in"] = "query"


def _described(parameter: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    node: Any = parameter
    if "$ref" in parameter:
        node = spec
        for step in parameter["$ref"].split("/")[1:]:
            node = node[step]
    found: dict[str, Any] = node
    return found


def verdict(changes: list[Change]) -> str:
    """The worst effect."""
    return changes[0].effect.value if changes else Effect.DOCS.value


@click.command()
@click.argument("checkout", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--oasdiff", default="oasdiff", show_default=True, help="The program to compare with.")
@click.option("--verbose", is_flag=True, help="Show the changes of each pair on which both differ.")
def main(checkout: Path, oasdiff: str, verbose: bool) -> None:
    """Count the pairs on which both agree, and say why for each other; status 1 if one has no reason."""
    if shutil.which(oasdiff) is None:
        click.echo(f"There is no program '{oasdiff}': go install github.com/oasdiff/oasdiff@latest", err=True)
        raise SystemExit(2)
    reasons = {
        name: reason["why"]
        for reason in tomllib.loads(REASONS.read_text()).values()
        for name in reason["pairs"]
    }
    counts: Counter[str] = Counter()
    for name, old, new in pairs(checkout):
        broken = theirs(oasdiff, old, new)
        try:
            tolerant, strict = (ours(old, new, mode) for mode in (Mode.TOLERANT, Mode.STRICT))
        except BrokenSpec as error:
            kind, agreed, changes = f"not read: {error.findings[0].sentence}", False, list[Change]()
        else:
            kind, agreed, changes = _agreement(broken, tolerant, strict)
        reason = reasons.get(name, "")
        counts[kind.partition(":")[0] if agreed or not reason else "differ, explained"] += 1
        if not agreed:
            word = "breaking" if broken else "not breaking"
            click.echo(f"{name}: they say {word}, {kind}; {reason or 'WHY?'}")
            for change in changes if verbose else ():
                click.echo(f"    {change.effect}: {change.rule}: {change.subject}: {change.sentence}")
    click.echo(", ".join(f"{count} {kind}" for kind, count in counts.most_common()))
    if set(counts) - {"agree", "agree in strict mode", "differ, explained"}:
        raise SystemExit(1)


def _agreement(broken: bool, tolerant: list[Change], strict: list[Change]) -> tuple[str, bool, list[Change]]:
    """In words, whether both agree, and what was found; unproven is no promise of safety."""
    if broken == any(change.effect.hurts for change in tolerant):
        return "agree", True, tolerant
    if broken and any(change.effect.hurts for change in strict):
        return "agree in strict mode", True, strict
    if not broken and verdict(tolerant) == Effect.UNPROVEN:
        return "unproven", False, tolerant
    return f"we {verdict(tolerant)}", False, tolerant


if __name__ == "__main__":
    main()
