"""Shells complete the words of the command."""

import os
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

from accord.cli import main

SHELLS = ("bash", "zsh", "fish")


def completed(*words: str) -> set[str]:
    """What bash would offer for the last of these words, by the protocol of the script that is printed."""
    environment = {
        **os.environ,
        "_ACCORD_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["accord", *words]),
        "COMP_CWORD": str(len(words)),
    }
    code = "from accord.cli import main\nmain(prog_name='accord')"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    return {line.partition(",")[2] for line in done.stdout.splitlines()}


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_a_script_that_it_can_read(shell: str) -> None:
    result = CliRunner().invoke(main, ["completion", shell])
    assert result.exit_code == 0
    assert f"_ACCORD_COMPLETE={shell}_complete" in result.stdout
    if program := shutil.which(shell):
        subprocess.run([program, "-n"], input=result.stdout, text=True, check=True)


def test_another_shell_is_refused_with_those_that_there_are() -> None:
    result = CliRunner().invoke(main, ["completion", "tcsh"])
    assert result.exit_code == 2
    assert all(shell in result.stderr for shell in SHELLS)


def test_verbs_options_and_rules_are_completed() -> None:
    assert completed("ge") == {"generate"}
    assert {"--watch", "--strict", "--project", "--format"} <= completed("generate", "--")
    assert completed("explain", "dangling-") == {"dangling-link", "dangling-reference"}
    assert completed("check", "--format", "g") == {"github"}
