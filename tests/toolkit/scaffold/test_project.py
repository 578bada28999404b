"""The project that `accord init` lays out works at once, and nothing is overwritten for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from accord.cli import main
from accord.scaffold.naming import MAX_LENGTH, BadName, Naming, suggested
from accord.scaffold.sample import sample_project
from accord.scaffold.writing import InTheWay, write_all

LONG = ("a_long_name_of_much" + "x" * MAX_LENGTH)[:MAX_LENGTH]


def accord(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def run(folder: Path, *arguments: str) -> str:
    """Run a Python module in the project, as its Makefile does."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))
    }
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stranger") / "my-shop-service"
    laid_out = accord("init", folder)
    assert laid_out.exit_code == 0, laid_out.output
    assert f"Next: `cd {folder} && make test`" in laid_out.stdout
    assert accord("generate", "--project", folder).exit_code == 0
    return folder


@pytest.mark.timeout(180)
def test_its_own_tests_pass_on_the_embedded_servers(project: Path) -> None:
    assert "7 passed" in run(project, "pytest", "-q", "-p", "no:cacheprovider")


@pytest.mark.timeout(180)
def test_its_types_are_strict(project: Path) -> None:
    assert "no issues" in run(project, "mypy", "--no-incremental")


@pytest.mark.parametrize("name", ["a", "zebra", LONG])
def test_its_style_is_kept_whatever_the_name(name: str, tmp_path: Path) -> None:
    assert accord("init", tmp_path, "--name", name).exit_code == 0
    assert accord("generate", "--project", tmp_path).exit_code == 0
    run(tmp_path, "ruff", "check", "--no-cache", ".")
    run(tmp_path, "ruff", "format", "--no-cache", "--check", ".")


def test_its_specs_are_what_lint_asks_for(project: Path) -> None:
    assert accord("lint", "--strict", "--project", project).exit_code == 0
    assert accord("check", "--strict", "--project", project).exit_code == 0


def test_the_name_is_written_everywhere(project: Path) -> None:
    assert (project / "my_shop_service" / "api" / "routes.py").is_file()
    assert (project / ".gitignore").is_file()
    for path in project.rglob("*"):
        assert "sample" not in str(path.relative_to(project))
        if path.is_file() and path.suffix in (".py", ".yaml", ".toml", ".md", ""):
            assert "sample" not in path.read_text().lower(), path


def test_the_makefile_lists_its_targets(project: Path) -> None:
    done = subprocess.run(["make"], cwd=project, capture_output=True, text=True, check=True)
    assert {line.split()[1] for line in done.stdout.splitlines()} >= {"setup", "generate", "test", "lint"}


@pytest.mark.parametrize("path", ["Makefile", "tests/test_domain.py", ".gitignore"])
def test_a_file_in_the_way_is_listed_and_nothing_is_written(path: str, tmp_path: Path) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    result = accord("init", tmp_path, "--name", "demo")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[0] == f"{tmp_path / path} is there already"
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / path).read_text() == "mine"


def test_files_that_are_not_in_the_way_stay(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_text("mine")
    assert accord("init", tmp_path, "--name", "demo").exit_code == 0
    assert (tmp_path / "LICENSE").read_text() == "mine"


def test_a_file_where_a_folder_belongs_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "tests").write_text("mine")
    with pytest.raises(InTheWay) as refused:
        write_all(tmp_path, sample_project(Naming("demo")))
    assert refused.value.paths == [tmp_path / "tests"]
    assert [path.name for path in tmp_path.iterdir()] == ["tests"]


def test_a_link_that_leads_nowhere_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InTheWay):
        write_all(tmp_path, {"a": "text"})
    assert not (tmp_path / "elsewhere").exists()


def test_what_was_written_before_a_failure_is_taken_back(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="name too long"):
        write_all(tmp_path, {"b/c/one": "text", "x" * 300: "text"})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "1st", "Demo", "my-shop", "a__b", "class", "x" * (MAX_LENGTH + 1)])
def test_a_name_that_cannot_be_used_is_refused_with_what_can(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadName, match="names no service"):
        Naming(name)
    if name:
        result = accord("init", tmp_path, "--name", name)
        assert result.exit_code == 2
        assert "names no service" in result.stderr
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("folder", "name"),
    [("demo", "demo"), ("My Shop", "my_shop"), ("shop-service", "shop"), ("2024-notes", "notes"), ("…", "")],
)
def test_a_folder_suggests_a_name(folder: str, name: str) -> None:
    assert suggested(folder) == name
