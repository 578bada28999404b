"""Each extra brings what its part needs, and no more; what is missing is said in a sentence."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from accord.cli import _VERBS
from tests.toolkit.packaging.installation import Installation

ROOT = Path(__file__).parents[3]
SHOP = ROOT / "tests" / "toolkit" / "codegen" / "shop"

PARTS: dict[str, set[str]] = {
    "": {"characters", "findings", "rules"},
    "runtime": {"boundary", "bus", "http", "interface", "observability", "settings"},
    "testing": {"testing"},
    "codegen,runtime": {"cli"},
    "codegen": set(),  # all the rest
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


def modules_of(wheel: Path, extras: str) -> list[str]:
    """The modules of a part, and those of the verbs that need just its extra."""
    there = {path.stem for path in (wheel / "accord").iterdir()} - {"__init__", "__main__", "py"}
    names = PARTS[extras] or there.difference(*PARTS.values())
    verbs = [name.replace("-", "_") for name, verb in _VERBS.items() if verb.extras == extras]
    files = [wheel / "accord" / "cli" / f"{verb}.py" for verb in verbs]
    for name in names:
        path = wheel / "accord" / name
        files += sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    return [
        ".".join(file.relative_to(wheel).with_suffix("").parts).removesuffix(".__init__")
        for file in files
        if not {"templates", "project"} & set(file.relative_to(wheel).parent.parts)
    ]


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
    modules = modules_of(wheel, extras)
    assert len(modules) >= len(PARTS[extras]) + (extras == "codegen") * 50
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


ARGUMENTS = {
    "init": ["--from", "specs/shop.openapi.yaml"],
    "topics": ["--bootstrap-servers", "127.0.0.1:1"],
    "dead-letters": ["list", "--topic", "t", "--bootstrap-servers", "127.0.0.1:1"],
    "verify": ["--service", "shop"],
}
"""What some verbs ask for before they begin."""


@pytest.mark.parametrize("verb", [name for name, verb in _VERBS.items() if verb.extras])
def test_a_verb_without_its_extra_says_which_to_install(verb: str, wheel: Path, tmp_path: Path) -> None:
    shutil.copytree(SHOP, tmp_path, dirs_exist_ok=True)
    done = installed(wheel, "").accord(verb, *ARGUMENTS.get(verb, []), cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"`accord {verb}` needs the package ")
    assert done.stderr.endswith(f"run `pip install 'accord[{_VERBS[verb].extras}]'`.\n")
    assert done.stdout == ""


def test_a_small_project_is_laid_out_without_any_extra(wheel: Path, tmp_path: Path) -> None:
    done = installed(wheel, "").accord("init", "demo", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "demo" / "Makefile").is_file()
