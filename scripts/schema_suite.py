"""Hold generated boundaries against draft 2020-12 of the JSON Schema Test Suite."""

import argparse
import importlib
import json
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import track
from rich.table import Table

from accord.boundary import Boundary, ContractViolation
from accord.codegen.render import render
from accord.findings import BrokenSpec
from accord.parsing.contract import read_contract
from accord.parsing.project import find_project

FORMATS = "optional/format"
ANNOTATION_ONLY = re.compile(r"invalid .* is only an annotation by default")
"""Such tests demand that formats are not checked, which a contract wants them to be."""


@dataclass(slots=True)
class Count:
    """Tests of one file, or of all."""

    tests: int = 0
    boundary: int = 0
    model: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    narrow: list[str] = field(default_factory=list)
    """Values that the boundary rightly admits and the class behind it cannot hold."""

    def add(self, other: "Count") -> None:
        """Sum up."""
        self.tests += other.tests
        self.boundary += other.boundary
        self.model += other.model
        self.left_out += other.left_out
        self.wrong += other.wrong
        self.narrow += other.narrow


def main() -> int:
    """Return 0 if 99 % are right and each class holds what its boundary admits, else 1; 2 without suite."""
    parser = argparse.ArgumentParser(prog="python -m scripts.schema_suite", description=__doc__)
    parser.add_argument("checkout", type=Path, help="a copy of json-schema-org/JSON-Schema-Test-Suite")
    parser.add_argument("--formats", action="store_true", help=f"the files under {FORMATS} as well")
    arguments = parser.parse_args()
    folder = arguments.checkout / "tests" / "draft2020-12"
    if not folder.is_dir():
        print(f"{folder} is not there; name a copy of the JSON Schema Test Suite", file=sys.stderr)
        return 2
    files = sorted(folder.glob("*.json")) + (sorted((folder / FORMATS).glob("*.json")) * arguments.formats)
    console = Console()
    table = Table("file", "tests", "boundary right", "model right", "left out")
    total = Count()
    for file in track(files, console=Console(stderr=True), disable=not sys.stderr.isatty()):
        count = _file(file, arguments.checkout / "remotes")
        total.add(count)
        if count.tests > count.boundary or count.left_out:
            left_out = ", ".join(f"{number} {why}" for why, number in count.left_out.items())
            table.add_row(file.name, str(count.tests), str(count.boundary), str(count.model), left_out)
    table.add_section()
    left_out = ", ".join(f"{number} {why}" for why, number in total.left_out.items())
    table.add_row("all", str(total.tests), str(total.boundary), str(total.model), left_out)
    console.print(table)
    for wrong in total.wrong:
        console.print(f"wrong: {wrong}", markup=False)
    for narrow in total.narrow:
        console.print(f"no class holds it: {narrow}", markup=False)
    share = total.boundary / total.tests
    console.print(f"{share:.2%} of {total.tests} right; the plain models {total.model / total.tests:.0%}.")
    return 0 if share >= 0.99 and not total.narrow else 1


def _file(file: Path, remotes: Path) -> Count:
    groups = dict(enumerate(json.loads(file.read_text())))
    count = Count()
    with tempfile.TemporaryDirectory(prefix="accord-suite-") as folder:
        while groups:
            try:
                schemas = _generate(Path(folder), file.stem, groups, remotes)
                break
            except BrokenSpec as broken:
                for index in _refused(broken, groups):
                    count.left_out[broken.findings[0].rule] += len(groups.pop(index)["tests"])
        for index, group in groups.items():
            boundary = _boundary(schemas, index)
            for test in group["tests"]:
                if ANNOTATION_ONLY.fullmatch(test["description"]):
                    count.left_out["format-annotation"] += 1
                    continue
                _judge(count, boundary, test, f"{file.name}: {group['description']}: {test['description']}")
    return count


def _boundary(schemas: Any, index: int) -> Boundary[Any]:
    """A schema in a file is called like the file; one that is true or false is called by where it stands."""
    name = re.compile(rf"(.*_)?GROUP{index}(_.*)?")
    return next(v for k, v in vars(schemas).items() if isinstance(v, Boundary) and name.fullmatch(k))


def _refused(broken: BrokenSpec, groups: dict[int, Any]) -> list[int]:
    names = {Path(finding.location.path).stem for finding in broken.findings}
    found = [index for index in groups if f"group{index}" in names]
    if not found:
        raise broken
    return found


def _generate(root: Path, name: str, groups: dict[int, Any], remotes: Path) -> Any:
    package = f"suite_{name.replace('-', '_')}"
    shutil.rmtree(root / "specs", ignore_errors=True)
    (root / "specs").mkdir()
    (root / "pyproject.toml").write_text(
        f'[tool.accord]\nspecs = "specs"\noutput = "{package}"\n'
        f'[tool.accord.remotes]\n"http://localhost:1234/" = "{remotes.resolve().as_posix()}"\n'
        '[tool.accord.services.cases]\nopenapi = "cases.openapi.json"\n'
    )
    paths = dict(_paths(root / "specs", groups))
    document = {"openapi": "3.1.0", "info": {"title": "Cases", "version": "1"}, "paths": paths}
    (root / "specs" / "cases.openapi.json").write_text(json.dumps(document))
    rendered = render(read_contract(find_project(root)), package)
    for path, text in rendered.items():
        target = root / package / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.text)
    sys.path.insert(0, str(root))
    try:
        importlib.invalidate_caches()
        return importlib.import_module(f"{package}.cases.schemas")
    finally:
        sys.path.remove(str(root))


def _paths(folder: Path, groups: dict[int, Any]) -> Iterator[tuple[str, Any]]:
    for index, group in groups.items():
        schema = group["schema"]
        if isinstance(schema, dict):
            (folder / f"group{index}.json").write_text(json.dumps(schema))
            schema = {"$ref": f"group{index}.json"}
        body = {"required": True, "content": {"application/json": {"schema": schema}}}
        operation = {
            "operationId": f"group{index}",
            "requestBody": body,
            "responses": {"204": {"description": "Taken."}},
        }
        yield f"/groups/{index}", {"post": operation}


def _judge(count: Count, boundary: Boundary[Any], test: Any, name: str) -> None:
    count.tests += 1
    try:
        boundary.check(test["data"])
        admitted = True
    except ContractViolation:
        admitted = False
    if admitted == test["valid"]:
        count.boundary += 1
    else:
        count.wrong.append(name)
    adapter: TypeAdapter[Any] = TypeAdapter(boundary.model)
    try:
        adapter.validate_python(test["data"])
        taken = True
    except ValidationError:
        taken = False
    count.model += taken == test["valid"]
    if admitted and test["valid"] and not taken:
        count.narrow.append(name)


if __name__ == "__main__":
    sys.exit(main())
