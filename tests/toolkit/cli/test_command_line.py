"""The command line as people and scripts meet it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from accord.cli import _VERBS, main

SHOP = Path(__file__).parents[1] / "codegen" / "shop"
HEAVY = {"yaml", "jinja2", "pydantic", "datamodel_code_generator", "jsonschema_rs", "rich", "fastapi"}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A small project whose output is current."""
    shutil.copytree(SHOP, tmp_path, dirs_exist_ok=True)
    assert CliRunner().invoke(main, ["generate", "--project", str(tmp_path)]).exit_code == 0
    return tmp_path


def test_help_names_every_verb_and_the_exit_statuses() -> None:
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    said = " ".join(result.stdout.split())
    assert "generate Write the code that the specs ask for." in said
    assert "check Say where the code is not what the specs ask for." in said
    assert "2 if the command could not do its work" in said
    assert "dead-letters Look at dead letters, replay or discard them." in said


@pytest.mark.parametrize("verb", ["generate", "check", "topics", "verify"])
def test_help_of_a_verb_says_what_it_does_and_takes(verb: str) -> None:
    result = CliRunner().invoke(main, [verb, "--help"])
    assert result.exit_code == 0
    assert "--project DIR" in result.stdout


@pytest.mark.parametrize("verb", ["", *_VERBS])
def test_help_imports_nothing_heavy(verb: str) -> None:
    code = (
        "import sys\nfrom accord.cli import main\n"
        f"try:\n    main([*{verb.split()!r}, '--help'])\nexcept SystemExit:\n    pass\n"
        f"print('heavy:', sorted(sys.modules.keys() & {HEAVY!r}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "heavy: []"


def test_an_unknown_verb_or_folder_is_a_usage_error() -> None:
    assert CliRunner().invoke(main, ["genrate"]).exit_code == 2
    assert CliRunner().invoke(main, ["check", "--project", "/no/such/folder"]).exit_code == 2


def test_the_module_runs_like_the_script_and_its_table_is_plain_when_piped(shop: Path) -> None:
    command = [sys.executable, "-m", "accord", "generate"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=shop)
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["file", "from", "lines", "what", "was", "done"]
    assert lines[1].split() == ["made/__init__.py", "shop.openapi.yaml", "2", "unchanged"]
    assert lines[-2:] == ["8 files: 8 unchanged.", "Nothing to do."]
    assert "\x1b" not in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
@pytest.mark.parametrize("no_color", [True, False])
def test_in_a_terminal_the_table_is_drawn_and_no_color_is_honoured(no_color: bool, shop: Path) -> None:
    import pty

    parent, child = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120"}
    environment.pop("NO_COLOR", None)
    if no_color:
        environment["NO_COLOR"] = "1"
    process = subprocess.Popen(
        [sys.executable, "-m", "accord", "generate"],
        stdout=child,
        stderr=child,
        cwd=shop,
        env=environment,
    )
    os.close(child)
    shown = b""
    while True:
        try:
            chunk = os.read(parent, 4096)
        except OSError:
            break
        if not chunk:
            break
        shown += chunk
    os.close(parent)
    assert process.wait() == 0
    text = shown.decode()
    assert "│" in text
    assert "made/shop/channels.py" in text
    colours = ("\x1b[3" in text) or ("\x1b[38" in text)
    assert not (no_color and colours)
