"""`accord verify` finds the service's own check, and tells it where database and broker are."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from accord.cli import main

PYPROJECT = """
[tool.accord]
specs = "specs"
output = "generated"
[tool.accord.services.things]
openapi = "o.yaml"
asyncapi = "a.yaml"
"""
CHECK = """
import os, sys
print(sys.argv[1:], os.environ.get("THINGS_DATABASE_URL"), os.environ.get("THINGS_KAFKA_BOOTSTRAP_SERVERS"))
sys.exit(int(os.environ.get("STATUS", "0")))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("THINGS_DATABASE_URL", "THINGS_KAFKA_BOOTSTRAP_SERVERS"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "specs").mkdir()
    for name in ("o.yaml", "a.yaml"):
        (tmp_path / "specs" / name).touch()
    (tmp_path / "things_service").mkdir()
    (tmp_path / "things_service" / "__main__.py").write_text(CHECK)
    (tmp_path / ".accord").mkdir()
    (tmp_path / ".accord" / "stack.env").write_text(
        "THINGS_DATABASE_URL=stack\nKAFKA_BOOTSTRAP_SERVERS=b:1\n"
    )
    return tmp_path


def verify(project: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "accord", "verify", "--project", str(project), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**variables})


def test_it_takes_the_stack_that_runs_unless_something_else_is_said(project: Path) -> None:
    finished = verify(project, "--service", "things")
    assert (finished.returncode, finished.stdout) == (0, "['verify', '--format', 'text'] stack b:1\n")
    finished = verify(project, "--service", "things", THINGS_DATABASE_URL="environment")
    assert finished.stdout.endswith("environment b:1\n")
    finished = verify(project, "--service", "things", "--database-url", "option", THINGS_DATABASE_URL="x")
    assert finished.stdout.endswith("option b:1\n")


@pytest.mark.parametrize(("status", "answer"), [("1", 1), ("2", 2), ("77", 2)])
def test_the_exit_status_is_that_of_the_check(project: Path, status: str, answer: int) -> None:
    assert verify(project, "--service", "things", STATUS=status).returncode == answer


def test_a_service_that_is_none_is_named_with_those_that_are(project: Path) -> None:
    outcome = CliRunner().invoke(main, ["verify", "--project", str(project), "--service", "other"])
    assert outcome.exit_code == 2
    assert "There is no service other here, but things." in outcome.stderr
