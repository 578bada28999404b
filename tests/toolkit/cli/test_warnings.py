"""What a spec says and Accord does not support: a warning, or with --strict a refusal."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from accord.cli import main

SHOP = Path(__file__).parents[1] / "codegen" / "shop"
WEBHOOKS = """webhooks:
  itemSold:
    post:
      responses:
        "204": { description: Heard. }
"""


def accord(verb: str, shop: Path, *options: str) -> Result:
    return CliRunner().invoke(main, [verb, "--project", str(shop), *options])


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A small project with one thing that is not supported."""
    shutil.copytree(SHOP, tmp_path, dirs_exist_ok=True)
    spec = tmp_path / "specs" / "shop.openapi.yaml"
    spec.write_text(spec.read_text().replace("paths:\n", f"{WEBHOOKS}paths:\n", 1))
    return tmp_path


@pytest.mark.parametrize("run", ["first", "remembered"])
def test_it_is_told_each_time_and_the_rest_is_generated(run: str, shop: Path) -> None:
    for _ in range(["first", "remembered"].index(run)):
        accord("generate", shop)
    result = accord("generate", shop)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].startswith(
        f"{shop}/specs/shop.openapi.yaml:5:1: warning: the document has 'webhooks'"
    )
    assert "5 | webhooks:" in result.stdout
    assert result.stderr == "1 warning.\n"
    assert (shop / "made" / "shop" / "client.py").is_file()
    checked = accord("check", shop)
    assert checked.exit_code == 0
    assert "[unsupported]" in checked.stdout


def test_strict_refuses_and_nothing_is_written(shop: Path) -> None:
    result = accord("generate", shop, "--strict")
    assert result.exit_code == 1
    assert "[unsupported]" in result.stdout
    assert "Nothing was changed" in result.stderr
    assert not (shop / "made").exists()


def test_a_strict_check_fails_though_the_code_is_current(shop: Path) -> None:
    accord("generate", shop)
    assert accord("check", shop, "--strict").exit_code == 1


def test_strict_is_content_with_specs_that_say_nothing_in_vain(tmp_path: Path) -> None:
    shutil.copytree(SHOP, tmp_path, dirs_exist_ok=True)
    assert accord("generate", tmp_path, "--strict").exit_code == 0
    assert accord("check", tmp_path, "--strict").exit_code == 0


def test_machines_get_warnings_and_files_in_one_object(shop: Path) -> None:
    said = json.loads(accord("generate", shop, "--format", "json").stdout)
    assert [finding["severity"] for finding in said["findings"]] == ["warning"]
    assert {file["done"] for file in said["files"]} == {"written"}
    refused = json.loads(accord("generate", shop, "--strict", "--format", "json").stdout)
    assert refused["files"] == []
    annotated = accord("check", shop, "--format", "github").stdout
    assert annotated.startswith("::warning file=")
