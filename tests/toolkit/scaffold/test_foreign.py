"""Settings for specs that somebody else wrote."""

import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from accord.cli import main

SHOP = Path(__file__).parents[1] / "codegen" / "shop" / "specs"
SPECS = ("shop.openapi.yaml", "shop.asyncapi.yaml")


def accord(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def init(folder: Path, *specs: Path, name: str | None = None) -> Result:
    named = ["--name", name] if name else []
    return accord("init", folder, *named, *(part for spec in specs for part in ("--from", spec)))


def table(folder: Path) -> dict[str, Any]:
    settings: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text())["tool"]["accord"]
    return settings


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHOP, tmp_path / "elsewhere"))


def test_specs_from_elsewhere_are_copied_with_what_they_refer_to(elsewhere: Path, tmp_path: Path) -> None:
    folder = tmp_path / "my-shop"
    result = init(folder, *(elsewhere / spec for spec in SPECS))
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (folder / "specs").iterdir()) == ["common.yaml", *sorted(SPECS)]
    assert table(folder) == {
        "specs": "specs",
        "output": "generated",
        "services": {"my_shop": {"openapi": SPECS[0], "asyncapi": SPECS[1]}},
    }
    assert accord("generate", "--project", folder).exit_code == 0
    assert accord("check", "--strict", "--project", folder).exit_code == 0


@pytest.mark.parametrize(("below", "specs"), [(".", "."), ("api/contracts", "api/contracts")])
def test_specs_of_the_project_stay_where_they_are(below: str, specs: str, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(SHOP, folder / below, dirs_exist_ok=True)
    before = sorted(path for path in folder.rglob("*") if path.is_file())
    result = init(folder, *(folder / below / spec for spec in SPECS))
    assert result.exit_code == 0, result.output
    assert table(folder)["specs"] == specs
    assert sorted(path for path in folder.rglob("*") if path.is_file()) == sorted(
        [*before, folder / "pyproject.toml"]
    )
    assert accord("generate", "--project", folder).exit_code == 0
    assert accord("check", "--project", folder).exit_code == 0


def test_specs_in_two_folders_have_the_folder_above_them_in_common(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(SHOP, folder / "http")
    (folder / "events").mkdir()
    (folder / "http" / SPECS[1]).rename(folder / "events" / SPECS[1])
    text = (folder / "events" / SPECS[1]).read_text()
    text = text.replace('"common.yaml', '"../http/common.yaml').replace('"shop.open', '"../http/shop.open')
    (folder / "events" / SPECS[1]).write_text(text)
    assert init(folder, folder / "http" / SPECS[0], folder / "events" / SPECS[1]).exit_code == 0
    assert table(folder)["specs"] == "."
    assert table(folder)["services"]["shop"]["asyncapi"] == "events/shop.asyncapi.yaml"
    assert accord("generate", "--project", folder).exit_code == 0


def test_one_kind_of_spec_is_enough(elsewhere: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    assert init(folder, elsewhere / SPECS[0], name="store").exit_code == 0
    assert table(folder)["services"] == {"store": {"openapi": SPECS[0]}}
    assert accord("generate", "--project", folder).exit_code == 0


def test_of_several_specs_those_with_one_name_are_one_service(elsewhere: Path, tmp_path: Path) -> None:
    shutil.copy(elsewhere / SPECS[0], elsewhere / "store-openapi.yaml")
    folder = tmp_path / "both"
    result = init(folder, elsewhere / "store-openapi.yaml", *(elsewhere / spec for spec in SPECS))
    assert result.exit_code == 0, result.output
    assert table(folder)["services"] == {
        "store": {"openapi": "store-openapi.yaml"},
        "shop": {"openapi": SPECS[0], "asyncapi": SPECS[1]},
    }


def test_two_specs_for_one_service_are_refused(elsewhere: Path, tmp_path: Path) -> None:
    shutil.copy(elsewhere / SPECS[0], elsewhere / "shop-openapi.yaml")
    result = init(tmp_path / "shop", elsewhere / "shop-openapi.yaml", elsewhere / SPECS[0])
    assert result.exit_code == 2
    assert "would be the openapi of 'shop'" in result.stdout
    assert not (tmp_path / "shop").exists()


def test_settings_that_are_there_stay_and_what_to_add_is_printed(elsewhere: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("[project]\n")
    result = init(folder, *(elsewhere / spec for spec in SPECS))
    assert result.exit_code == 2
    assert "is there already; nothing was written" in result.stderr
    assert f"It needs a copy of common.yaml at {folder / 'specs' / 'common.yaml'}." in result.stderr
    assert tomllib.loads(result.stdout)["tool"]["accord"]["services"]["shop"]["openapi"] == SPECS[0]
    assert (folder / "pyproject.toml").read_text() == "[project]\n"
    assert not (folder / "specs").exists()


def test_a_copy_that_is_in_the_way_stays(elsewhere: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    (folder / "specs").mkdir(parents=True)
    (folder / "specs" / "common.yaml").write_text("mine")
    result = init(folder, *(elsewhere / spec for spec in SPECS))
    assert result.exit_code == 2
    assert "specs/common.yaml is there already" in result.stderr
    assert (folder / "specs" / "common.yaml").read_text() == "mine"
    assert not (folder / "pyproject.toml").exists()


def test_files_of_one_name_that_differ_are_not_mixed(elsewhere: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(SHOP, tmp_path / "other"))
    (other / "common.yaml").write_text(
        (other / "common.yaml").read_text().replace("minimum: 1", "minimum: 2")
    )
    result = init(tmp_path / "shop", elsewhere / SPECS[0], other / SPECS[1])
    assert result.exit_code == 2
    assert "[clashing-specs]" in result.stdout


@pytest.mark.parametrize(
    ("text", "rule"),
    [("swagger: '2.0'\n", "unknown-version"), ("- a\n", "unknown-version"), ("a: [", "bad-yaml")],
)
def test_what_is_no_spec_is_named(text: str, rule: str, tmp_path: Path) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text(text)
    result = init(tmp_path / "shop", spec)
    assert result.exit_code == 2
    assert f"[{rule}]" in result.stdout
    assert not (tmp_path / "shop").exists()


def test_only_specs_that_lie_beside_a_spec_are_copied_with_it(tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere" / "key.pem"
    secret.parent.mkdir()
    secret.write_text("secret")
    absolute = tmp_path / "elsewhere" / "absolute.yaml"
    absolute.write_text("type: object")
    (tmp_path / "elsewhere" / "beside.yaml").write_text("type: object")
    spec = tmp_path / "specs" / "spec.yaml"
    spec.parent.mkdir()
    references = (absolute, "../elsewhere/key.pem", "https://a.example/b.yaml", "../elsewhere/beside.yaml")
    members = ", ".join(f'a{n}: {{$ref: "{where}"}}' for n, where in enumerate(references))
    spec.write_text(f"openapi: 3.1.0\ncomponents: {{schemas: {{{members}}}}}\n")
    folder = tmp_path / "shop"
    assert init(folder, spec).exit_code == 0
    copied = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert copied == {"pyproject.toml", "specs/specs/spec.yaml", "specs/elsewhere/beside.yaml"}


def test_any_name_of_a_file_is_written_as_toml_has_it(tmp_path: Path) -> None:
    spec = tmp_path / "shop" / 'a "b" \\ ü.yaml'
    spec.parent.mkdir()
    spec.write_text("openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths: {}\n")
    assert init(tmp_path / "shop", spec).exit_code == 0
    assert table(tmp_path / "shop")["services"]["shop"]["openapi"] == spec.name


def test_a_file_that_is_referred_to_and_is_no_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_bytes(b"a: \xff")
    spec = tmp_path / "spec.yaml"
    spec.write_text('openapi: 3.1.0\npaths: {/a: {$ref: "other.yaml"}}\n')
    result = init(tmp_path / "shop", spec)
    assert result.exit_code == 2
    assert "other.yaml:1:4" in result.stdout


def test_json_and_a_reference_to_nothing_are_left_to_generate(tmp_path: Path) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text('{"openapi": "3.1.0", "paths": {"/a": {"$ref": "gone.yaml#/a"}}}')
    assert init(tmp_path / "shop", spec).exit_code == 0
    assert accord("generate", "--project", tmp_path / "shop").exit_code == 2
