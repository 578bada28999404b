"""Measure generation: this project, specs of growing size, and other generators on the same specs."""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts.bench.tools.commands import Contestant
from scripts.bench.tools.made_up import write_asyncapi, write_openapi
from scripts.bench.tools.peers import asyncapi_cli, datamodel_codegen
from scripts.bench.tools.report import parser_of, prepare, run

ROOT = Path(__file__).parents[3]
ACCORD = str(Path(sys.executable).parent / "accord")
SMALL = 100
"""Schemas of the spec that other generators read; some of them take a minute for a thousand."""


def main() -> int:
    """Print a table; return 0, or 2 if a contestant fails."""
    parser = parser_of("scripts.bench.tools.generation", str(__doc__))
    parser.add_argument("--sizes", type=int, nargs="*", default=[100, 1_000, 5_000], help="schemas of a spec")
    arguments = parser.parse_args()
    prepare(arguments)
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as folder:
        groups = {
            "this project": list(_project(Path(folder) / "project")),
            "growth": list(_growth(Path(folder), arguments.sizes)),
            f"the same {SMALL} schemas": list(_peers(Path(folder) / "peers")),
        }
        return run(groups, arguments)


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


if __name__ == "__main__":
    sys.exit(main())
