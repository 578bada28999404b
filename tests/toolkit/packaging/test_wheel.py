"""Each extra brings what its part needs, and no more; what is missing is said in a sentence."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.toolkit.packaging.installation import Installation

ROOT = Path(__file__).parents[3]
SHOP = ROOT / "tests" / "toolkit" / "codegen" / "shop"

BASE = ["accord", "accord.findings", "accord.rules", "accord.cli"]
RUN_HALF = ["accord.boundary", "accord.bus", "accord.http", "accord.interface", "accord.observability"]
RUN_HALF += ["accord.settings", "accord.cli.broker", "accord.cli.dead_letters", "accord.cli.letters_shown"]
BUILD_HALF = ["accord.model", "accord.parsing", "accord.codegen", "accord.compatibility", "accord.scaffold"]
BUILD_HALF += ["accord.changes", "accord.cli.diff", "accord.cli.changes", "accord.cli.sarif"]
BUILD_HALF += ["accord.cli.generate", "accord.cli.check", "accord.cli.init"]
PARTS = {
    "": BASE,
    "runtime": RUN_HALF,
    "codegen": BUILD_HALF,
    "testing": ["accord.testing"],
    "codegen,runtime": ["accord.cli"],
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree, unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("accord-*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def installed(wheel: Path, extras: str) -> Installation:
    return Installation(wheel, frozenset(filter(None, extras.split(","))))


def modules_below(wheel: Path, packages: list[str]) -> list[str]:
    found = []
    for package in packages:
        path = wheel.joinpath(*package.split("."))
        files = [path.with_suffix(".py")] if path.with_suffix(".py").is_file() else sorted(path.rglob("*.py"))
        if package in ("accord", "accord.cli") and packages is BASE:
            files = [path / "__init__.py"]
        found += [
            ".".join(file.relative_to(wheel).with_suffix("").parts).removesuffix(".__init__")
            for file in files
            if file.name != "__main__.py"
            and not {"templates", "project"} & set(file.relative_to(wheel).parent.parts)
        ]
    return found


def test_every_module_belongs_to_a_part(wheel: Path) -> None:
    there = {path.stem for path in (wheel / "accord").iterdir() if path.name != "py.typed"}
    parts = {name for modules in PARTS.values() for name in modules}
    assert {f"accord.{name}" for name in there - {"__init__", "__main__"}} <= parts


def test_the_wheel_holds_the_toolkit_and_nothing_else(wheel: Path) -> None:
    assert {path.name.partition("-")[0] for path in wheel.iterdir()} == {"accord"}
    tracked = subprocess.run(
        ["git", "ls-files", "accord"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    missing = [path for path in tracked if (ROOT / path).exists() and not (wheel / path).is_file()]
    assert missing == []
    assert (wheel / "accord" / "py.typed").is_file()


@pytest.mark.parametrize("extras", PARTS)
def test_each_part_imports_with_what_its_extra_brings(extras: str, wheel: Path) -> None:
    modules = modules_below(wheel, PARTS[extras])
    assert len(modules) >= len(PARTS[extras])
    assert installed(wheel, extras).import_all(modules) == []


def test_the_run_half_brings_nothing_of_the_build_half_and_of_tests(wheel: Path) -> None:
    brought = installed(wheel, "runtime").distributions
    assert not brought & {"jinja2", "ruff", "datamodel-code-generator", "rich", "pytest", "confluent-kafka"}
    assert "fastapi" in brought
    assert "fastapi" not in installed(wheel, "codegen").distributions
    assert installed(wheel, "").distributions <= {"click", "colorama"}


def test_an_import_that_no_extra_brings_is_seen(wheel: Path) -> None:
    assert installed(wheel, "runtime").import_all(["accord.parsing", "jinja2"]) == ["jinja2 needs jinja2"]


def test_generate_works_with_the_build_half_alone(wheel: Path, tmp_path: Path) -> None:
    shutil.copytree(SHOP, tmp_path, dirs_exist_ok=True)
    done = installed(wheel, "codegen").accord("generate", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "made" / "shop" / "events.py").is_file()
    assert installed(wheel, "codegen").accord("check", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("arguments", [["--help"], ["rules"], ["explain", "stale"], ["completion", "bash"]])
def test_without_extras_the_command_line_helps(arguments: list[str], wheel: Path) -> None:
    done = installed(wheel, "").accord(*arguments)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "extras"),
    [
        (["generate"], "codegen"),
        (["check"], "codegen"),
        (["topics", "--bootstrap-servers", "127.0.0.1:1"], "codegen,runtime"),
        (["dead-letters", "list", "--topic", "t", "--bootstrap-servers", "127.0.0.1:1"], "runtime"),
        (["verify", "--service", "shop"], "codegen,runtime"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_a_verb_without_its_extra_says_which_to_install(
    arguments: list[str], extras: str, wheel: Path, tmp_path: Path
) -> None:
    shutil.copytree(SHOP, tmp_path, dirs_exist_ok=True)
    done = installed(wheel, "").accord(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"`accord {arguments[0]}` needs the package ")
    assert done.stderr.endswith(f"run `pip install 'accord[{extras}]'`.\n")
    assert done.stdout == ""
