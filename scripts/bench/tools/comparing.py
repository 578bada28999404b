"""Measure what a reviewer runs: diff, lint, wiring and review, beside other tools on the same specs."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from scripts.bench.tools.commands import Contestant
from scripts.bench.tools.made_up import write_asyncapi, write_openapi
from scripts.bench.tools.peers import asyncapi_cli, oasdiff
from scripts.bench.tools.report import parser_of, prepare, run

ROOT = Path(__file__).parents[3]
ACCORD = str(Path(sys.executable).parent / "accord")
FOUND = (0, 1)
"""Clean, or something was found."""


def main() -> int:
    """Print a table; return 0, or 2 if a contestant fails."""
    parser = parser_of("scripts.bench.tools.comparing", str(__doc__))
    parser.add_argument("--sizes", type=int, nargs="*", default=[100, 1_000], help="schemas of a spec")
    arguments = parser.parse_args()
    prepare(arguments)
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as folder:
        groups = {"this project": list(_project(Path(folder) / "project"))}
        for size in arguments.sizes:
            groups[f"{size} schemas against {size}"] = list(_pair(Path(folder) / f"size{size}", size))
        return run(groups, arguments)


def _project(folder: Path) -> Iterator[Contestant]:
    for name in ("now", "before"):
        shutil.copytree(ROOT / "specs", folder / name / "specs")
        shutil.copy(ROOT / "pyproject.toml", folder / name)
    shutil.copytree(ROOT / "generated", folder / "now" / "generated")
    against = ["--against", str(folder / "before")]
    yield Contestant("accord diff", [ACCORD, "diff", *against], folder / "now")
    yield Contestant("accord lint", [ACCORD, "lint"], folder / "now")
    yield Contestant("accord wiring", [ACCORD, "wiring"], folder / "now")
    yield Contestant("accord review", [ACCORD, "review", *against, "--html", "page.html"], folder / "now")


def _pair(folder: Path, size: int) -> Iterator[Contestant]:
    for kind, write in (("openapi", write_openapi), ("asyncapi", write_asyncapi)):
        before, now = folder / kind / "before", folder / kind / "now"
        for version in (before, now):
            write(version / "specs" / f"things.{kind}.yaml", size, edited=version is now)
            spec = f'{kind} = "things.{kind}.yaml"\n'
            settings = (
                f'[tool.accord]\nspecs = "specs"\noutput = "made"\n[tool.accord.services.things]\n{spec}'
            )
            (version / "pyproject.toml").write_text(settings)
        command = [ACCORD, "diff", "--against", str(before)]
        yield Contestant(f"accord diff, {kind}", command, now, fine=FOUND)
        files = [str(version / "specs" / f"things.{kind}.yaml") for version in (before, now)]
        tool, cli = oasdiff(), asyncapi_cli()
        if tool is not None and kind == "openapi":
            yield Contestant(f"oasdiff breaking, {kind}", [str(tool), "breaking", *files], now, fine=FOUND)
        if cli is not None and kind == "asyncapi":
            yield Contestant(f"AsyncAPI CLI diff, {kind}", [str(cli), "diff", *files], now, fine=FOUND)


if __name__ == "__main__":
    sys.exit(main())
