"""Measure generation: this project, specs of growing size, and other generators on the same specs."""

import argparse
import json
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from scripts.bench.commands import Contestant, Cost, measure
from scripts.bench.made_up import write_asyncapi, write_openapi
from scripts.bench.peers import asyncapi_cli, datamodel_codegen, install

ROOT = Path(__file__).parents[2]
ACCORD = str(Path(sys.executable).parent / "accord")
SMALL = 100
"""Schemas of the spec that other generators read; some of them take a minute for a thousand."""


def main() -> int:
    """Print a table and write a JSON file; return 0, or 2 if a contestant fails."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench.generation", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="after one round to warm up (default 5)")
    parser.add_argument("--sizes", type=int, nargs="*", default=[100, 1_000, 5_000], help="schemas of a spec")
    parser.add_argument(
        "--install", action="store_true", help="install the other generators below .accord/bench"
    )
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    arguments = parser.parse_args()
    trouble = Console(stderr=True)
    for sentence in install() if arguments.install else ():
        trouble.print(sentence, markup=False)
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as folder:
        groups = {
            "this project": list(_project(Path(folder) / "project")),
            "growth": list(_growth(Path(folder), arguments.sizes)),
            f"the same {SMALL} schemas": list(_peers(Path(folder) / "peers")),
        }
        total = sum(map(len, groups.values())) * (arguments.rounds + 1)
        with Progress(console=trouble, transient=True, disable=not sys.stderr.isatty()) as progress:
            task = progress.add_task("measuring", total=total)
            try:
                found = {
                    title: measure(group, arguments.rounds, lambda: progress.advance(task))
                    for title, group in groups.items()
                }
            except RuntimeError as failed:
                trouble.print(str(failed), markup=False)
                return 2
    _show(found, arguments.rounds)
    if arguments.json:
        figures = {t: {n: [c.seconds, c.memory] for n, c in group.items()} for t, group in found.items()}
        arguments.json.write_text(json.dumps({"rounds": arguments.rounds, "figures": figures}, indent=2))
    return 0


def _project(folder: Path) -> Iterator[Contestant]:
    shutil.copytree(ROOT / "specs", folder / "specs")
    shutil.copy(ROOT / "pyproject.toml", folder)

    def forget() -> None:
        for name in ("generated", ".accord"):
            shutil.rmtree(folder / name, ignore_errors=True)

    yield Contestant("accord generate, cold", [ACCORD, "generate"], folder, forget)
    yield Contestant("accord generate, nothing changed", [ACCORD, "generate"], folder)
    yield Contestant("accord check", [ACCORD, "check"], folder)
    yield Contestant("accord --help", [ACCORD, "--help"], folder)


def _growth(folder: Path, sizes: Sequence[int]) -> Iterator[Contestant]:
    for size in sizes:
        project = folder / f"size{size}"
        write_openapi(project / "specs" / "things.openapi.yaml", size)
        yield _of(project, f"{size} schemas, {size // 2} operations", 'openapi = "things.openapi.yaml"')


def _peers(folder: Path) -> Iterator[Contestant]:
    for kind, write in (("openapi", write_openapi), ("asyncapi", write_asyncapi)):
        project = folder / kind
        spec = project / "specs" / f"things.{kind}.yaml"
        write(spec, SMALL)
        yield _of(project, f"accord, {kind}", f'{kind} = "{spec.name}"')
        codegen = datamodel_codegen()
        if codegen is not None:
            options = ["--input", str(spec), "--input-file-type", kind, "--output", "models.py"]
            yield Contestant(
                f"datamodel-codegen, {kind} (models only)",
                [
                    str(codegen),
                    *options,
                    "--output-model-type",
                    "pydantic_v2.BaseModel",
                    "--disable-timestamp",
                ],
                project,
            )
        cli = asyncapi_cli()
        if cli is not None and kind == "asyncapi":
            command = [str(cli), "generate", "models", "python", str(spec), "--pyDantic", "-o", "models"]
            yield Contestant("AsyncAPI CLI, asyncapi (models only)", command, project)


def _of(project: Path, name: str, spec: str) -> Contestant:
    text = f'[tool.accord]\nspecs = "specs"\noutput = "made"\n[tool.accord.services.things]\n{spec}\n'
    (project / "pyproject.toml").write_text(text)

    def forget() -> None:
        for folder in ("made", ".accord"):
            shutil.rmtree(project / folder, ignore_errors=True)

    return Contestant(name, [ACCORD, "generate"], project, forget)


def _show(found: dict[str, dict[str, Cost]], rounds: int) -> None:
    table = Table(
        "what", "seconds", "MiB", "against accord", title=f"medians of {rounds} rounds, interleaved"
    )
    for title, group in found.items():
        table.add_section()
        table.add_row(title, style="bold")
        for name, cost in group.items():
            own = group.get(f"accord, {name.rpartition(', ')[2].split()[0]}")
            ratio = f"{cost.seconds / own.seconds:.1f}x" if own and own is not cost else ""
            table.add_row(f"  {name}", f"{cost.seconds:.2f}", f"{cost.memory:.0f}", ratio)
    console = Console()
    console.print(table)
    console.print(f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}")


if __name__ == "__main__":
    sys.exit(main())
