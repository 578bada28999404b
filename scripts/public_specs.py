"""`python -m scripts.public_specs FOLDER`: how Accord fares with the specs of others."""

import argparse
import importlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from accord.cli.table import print_table
from accord.codegen.render import render
from accord.codegen.trees import compare, write
from accord.findings import BrokenSpec, Finding
from accord.model.contract import Contract
from accord.parsing.contract import read_contract
from accord.parsing.project import Project, ServiceSettings
from scripts.public_examples import Outcome, round_trips
from scripts.public_exchanges import exchanges
from scripts.terminal import make_console

__all__ = ["Document", "find_documents", "main", "try_document"]

ROOT = Path(__file__).parents[1]
SUFFIXES = (".yaml", ".yml", ".json")
_VERSION = re.compile(
    r"""^\s*\{?\s*["']?(asyncapi|openapi)["']?\s*:\s*["']?(\d+\.\d+[^"',\s]*)""", re.MULTILINE
)


@dataclass(slots=True)
class Document:
    """One spec, and what became of it; ``failures`` are Accord's, each with its cause."""

    file: str
    kind: str
    version: str
    contract: Contract | None = None
    package: str = ""
    outcomes: list[Outcome] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What was left out, and is said."""
        return self.contract.findings if self.contract is not None else ()

    def count(self, *, good: bool) -> int:
        """Examples that came back, or that break their own schemas."""
        return sum((not o.trouble) if good else o.own for o in self.outcomes)


def find_documents(folder: Path, only: str = "") -> list[Document]:
    """Every OpenAPI or AsyncAPI document below ``folder`` whose path holds ``only``, by path."""
    found = []
    for path in sorted(folder.rglob("*")):
        file = path.relative_to(folder).as_posix()
        if path.suffix in SUFFIXES and path.is_file() and only in file:
            match = _VERSION.search(path.read_text("utf-8", errors="replace")[:20_000])
            if match:
                found.append(Document(file, match[1], match[2]))
    return found


def try_document(document: Document, folder: Path, output: Path, package: str) -> None:
    """Load the document, and write what is generated to a package of its own."""
    openapi = document.file if document.kind == "openapi" else None
    asyncapi = document.file if document.kind == "asyncapi" else None
    service = ServiceSettings("service", openapi, asyncapi)
    project = Project(folder, folder, output / package, package, (service,))
    try:
        document.contract = read_contract(project)
        rendered = render(document.contract, package)
    except BrokenSpec as broken:
        document.failures += [f"refused: {finding}" for finding in broken.findings]
        return
    except Exception as defect:  # noqa: BLE001 - whatever it is, the next document shall have its turn
        document.failures.append(f"defect: {type(defect).__name__}: {defect}")
        return
    project.output.mkdir(parents=True)
    write(project.output, compare(project.output, rendered, package))
    document.package = package


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit with 0 if each document fared well, 1 if one did not, 2 if there is none."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.public_specs",
        description="Load every OpenAPI and AsyncAPI document below a folder, generate its code, import it, "
        "check it with mypy --strict and with ruff, by this project's rules but for those about names (the "
        "names are the spec's), and send the examples that it carries through boundaries and models.",
    )
    parser.add_argument("folder", type=Path, help="where the documents are; references stay in it")
    parser.add_argument("--only", default="", metavar="TEXT", help="documents whose path holds this text")
    parser.add_argument("--warnings", action="store_true", help="list what was left out, too")
    options = parser.parse_args(arguments)
    folder: Path = options.folder.resolve()
    documents = find_documents(folder, options.only) if folder.is_dir() else []
    if not documents:
        print(f"There is no OpenAPI or AsyncAPI document below {options.folder}.", file=sys.stderr)
        return 2
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="accord-") as temporary:
        output = Path(temporary)
        for number, document in _shown(documents):
            try_document(document, folder, output, f"spec_{number:03}")
        _import(documents, output)
        _check_types(documents, output)
        _lint(documents, output)
    _report(documents, options.warnings)
    print(f"{time.monotonic() - began:.0f} s.")
    return 1 if any(document.failures for document in documents) else 0


def _shown(documents: Sequence[Document]) -> Iterator[tuple[int, Document]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = make_console(sys.stderr)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Generating", total=len(documents))
        for number, document in enumerate(documents, 1):
            progress.update(task, description=document.file[-40:])
            yield number, document
            progress.advance(task)


def _import(documents: Sequence[Document], output: Path) -> None:
    sys.path.insert(0, str(output))
    try:
        for document in documents:
            if document.contract is None or not document.package:
                continue
            try:
                for path in sorted((output / document.package).rglob("*.py")):
                    name = ".".join(path.relative_to(output).with_suffix("").parts)
                    importlib.import_module(name.removesuffix(".__init__"))
                pair = document.contract, document.package
                document.outcomes = [*round_trips(*pair), *exchanges(*pair)]
            except Exception as defect:  # noqa: BLE001 - what is generated may fail in any way
                document.failures.append(f"import: {type(defect).__name__}: {defect}")
            troubles = [outcome for outcome in document.outcomes if outcome.trouble and not outcome.own]
            document.failures += [f"example at {each.place}: {each.trouble}" for each in troubles]
    finally:
        sys.path.remove(str(output))


def _check_types(documents: Sequence[Document], output: Path) -> None:
    packages = [document.package for document in documents if document.package]
    if not packages:
        return
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--no-error-summary",
        "--no-incremental",
        "--config-file=",
    ]
    done = subprocess.run(
        [*command, *packages], cwd=output, capture_output=True, text=True, check=False, env=_environment()
    )
    _blame(documents, "mypy", [line for line in done.stdout.splitlines() if ": error:" in line])
    if done.returncode > 1:
        documents[0].failures.append(f"mypy could not run: {done.stderr or done.stdout}")


def _lint(documents: Sequence[Document], output: Path) -> None:
    ours = [document.package for document in documents if document.package]
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise"]
    command += [f"--config={ROOT / 'pyproject.toml'}", f"--config=lint.isort.known-first-party={ours}"]
    command += ["--ignore=A001,A002,A003,N,S105", "."]
    done = subprocess.run(command, cwd=output, capture_output=True, text=True, check=False)
    _blame(documents, "ruff", [line for line in done.stdout.splitlines() if line.startswith("spec_")])


def _blame(documents: Sequence[Document], tool: str, lines: Sequence[str]) -> None:
    by_package = {document.package: document for document in documents if document.package}
    for line in lines:
        by_package[line.partition("/")[0]].failures.append(f"{tool}: {line}")


def _environment() -> dict[str, str]:
    return {**os.environ, "MYPYPATH": str(ROOT)}


def _report(documents: Sequence[Document], warnings: bool) -> None:
    columns = (
        "document",
        "version",
        "sends",
        "receives",
        "operations",
        "warnings",
        "examples",
        "wrong in spec",
        "",
    )
    rows = []
    for document in documents:
        service = document.contract.services[0] if document.contract else None
        counts = (service.sends, service.receives, service.operations) if service else ((), (), ())
        rows.append(
            (
                document.file,
                document.version,
                *(str(len(each)) for each in counts),
                str(len(document.warnings)),
                str(document.count(good=True)),
                str(document.count(good=False)),
                "ok" if not document.failures else f"{len(document.failures)} failures",
            )
        )
    print_table(columns, rows, right=(2, 3, 4, 5, 6, 7))
    for document in documents:
        for sentence in document.failures:
            print(f"{document.file}: {sentence}")
        for outcome in document.outcomes:
            if outcome.own:
                print(
                    f"{document.file}: wrong in the spec itself: "
                    f"{outcome.kind} at {outcome.place}: {outcome.trouble}"
                )
        if warnings:
            for finding in document.warnings:
                print(f"{document.file}: {finding}")
    loaded = sum(document.contract is not None for document in documents)
    well = sum(not document.failures for document in documents)
    good, own = (sum(d.count(good=which) for d in documents) for which in (True, False))
    print(
        f"{len(documents)} documents: {loaded} loaded, {well} imported, typed and linted without a fault; "
        f"{good} examples came back, {own} break their own schemas."
    )


if __name__ == "__main__":
    sys.exit(main())
