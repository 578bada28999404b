"""Nothing is rendered twice, and nothing that is remembered is ever stale."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import accord.codegen.render
from accord.cli import main, memory
from accord.cli.comparison import compared
from accord.codegen.render import render
from accord.parsing.contract import read_contract
from accord.parsing.project import find_project

SHOP = Path(__file__).parents[1] / "codegen" / "shop"
OPENAPI, ASYNCAPI, COMMON = "specs/shop.openapi.yaml", "specs/shop.asyncapi.yaml", "specs/common.yaml"
CACHE = ".accord/cache/rendered"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A small project whose output is current and remembered."""
    shutil.copytree(SHOP, tmp_path, dirs_exist_ok=True)
    assert generate(tmp_path).exit_code == 0
    return tmp_path


@pytest.fixture
def renderings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one with each rendering."""
    calls: list[str] = []

    def counting(*arguments: Any) -> Any:
        calls.append("rendered")
        return render(*arguments)

    monkeypatch.setattr(accord.codegen.render, "render", counting)
    return calls


def sealed(text: str) -> str:
    """A text under its own digest, as somebody else's version of Accord may have left it."""
    return f"{memory._digest_of([text.encode()])}\n{text}"


def generate(shop: Path) -> Result:
    return CliRunner().invoke(main, ["generate", "--project", str(shop)])


def edit(path: Path, old: str, new: str) -> None:
    """Change a file but not its time, as a clock that is wrong or coarse would have it."""
    text, status = path.read_text(), path.stat()
    assert old in text
    path.write_text(text.replace(old, new))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_where_nothing_changed_nothing_is_rendered(shop: Path, renderings: list[str]) -> None:
    result = generate(shop)
    assert result.exit_code == 0
    assert "Nothing to do." in result.stdout
    assert CliRunner().invoke(main, ["check", "--project", str(shop)]).exit_code == 0
    assert renderings == []


def test_where_nothing_changed_nothing_is_loaded_that_renders(shop: Path) -> None:
    code = (
        "import sys\nfrom accord.cli import main\n"
        "main(['generate'], standalone_mode=False)\n"
        "print('heavy:', sorted({'jinja2', 'jsonschema_rs', 'accord.codegen.render'} & sys.modules.keys()))"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], cwd=shop, capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert "jinja2" in runs[0].stdout
    assert runs[1].stdout.splitlines()[-1] == "heavy: []"


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        pytest.param(OPENAPI, "Create an item", "Create an Item", id="a spec, by as many bytes"),
        pytest.param(COMMON, "minimum: 1", "minimum: 2", id="a spec that another one refers to"),
        pytest.param(ASYNCAPI, "partitions: 2", "partitions: 3", id="the other kind of spec"),
        pytest.param("pyproject.toml", '"made"', '"mode"', id="the settings"),
    ],
)
def test_a_change_is_rendered(path: str, old: str, new: str, shop: Path, renderings: list[str]) -> None:
    edit(shop / path, old, new)
    assert generate(shop).exit_code == 0
    assert renderings == ["rendered"]
    generate(shop)
    assert renderings == ["rendered"]


def test_another_accord_or_package_renders_anew(
    shop: Path, renderings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for part, value in (("_sources", [b"another template"]), ("_installed", ["ruff-99.dist-info"])):
        monkeypatch.setattr(memory, part, lambda value=value: value)
        generate(shop)
        memory._toolkit.cache_clear()
        generate(shop)
    assert renderings == ["rendered"] * 2
    monkeypatch.undo()
    memory._toolkit.cache_clear()


def test_an_accord_that_changes_while_it_runs_is_another_one_only_when_it_runs_next(
    shop: Path, renderings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_sources", lambda: [b"edited since this process began"])
    generate(shop)
    assert renderings == []


def test_all_sources_that_render_are_among_the_circumstances() -> None:
    sources = set(memory._sources())
    assert {b"codegen/render.py", b"parsing/yaml.py", b"model/names.py", b"findings.py"} <= sources
    assert any(name.endswith(b".jinja") for name in sources if len(name) < 100)
    assert any(name.startswith("ruff-") for name in memory._installed())


def test_another_folder_renders_anew_since_findings_name_files_as_seen_from_there(
    shop: Path, renderings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop)
    generate(shop)
    assert renderings == ["rendered"]


def test_a_link_that_leads_to_another_spec_renders_anew(shop: Path, renderings: list[str]) -> None:
    other = shop / "specs" / "other.yaml"
    shutil.copy(shop / COMMON, other)
    edit(other, "minimum: 1", "minimum: 7")
    original = (shop / COMMON).rename(shop / "specs" / "original.yaml")
    (shop / COMMON).symlink_to(original)
    generate(shop)
    assert renderings == []  # the same bytes under the same name
    (shop / COMMON).unlink()
    (shop / COMMON).symlink_to(other)
    generate(shop)
    assert renderings == ["rendered"]


def test_an_output_that_was_touched_is_found_without_rendering(shop: Path, renderings: list[str]) -> None:
    (shop / "made" / "shop" / "events.py").write_text("# Generated by accord from nothing\n")
    (shop / "made" / "shop" / "client.py").unlink()
    result = CliRunner().invoke(main, ["check", "--project", str(shop)])
    assert result.exit_code == 1
    assert "[stale]" in result.stdout
    assert "[missing]" in result.stdout
    assert generate(shop).exit_code == 0
    assert CliRunner().invoke(main, ["check", "--project", str(shop)]).exit_code == 0
    assert renderings == []


def test_a_broken_spec_is_told_each_time(shop: Path) -> None:
    edit(shop / OPENAPI, "type: object", "type: objekt")
    first, second = generate(shop), generate(shop)
    assert first.exit_code == second.exit_code == 2
    assert first.output == second.output


@pytest.mark.parametrize("damage", ["", "{}", "\n{}", "\ufffd", *map(sealed, ["", "{", "null", "{}"])])
def test_a_damaged_memory_is_as_good_as_none(damage: str, shop: Path, renderings: list[str]) -> None:
    (shop / CACHE).write_text(damage)
    assert generate(shop).exit_code == 0
    assert renderings == ["rendered"]
    generate(shop)
    assert renderings == ["rendered"]


def test_a_memory_that_says_something_else_than_was_kept_is_not_believed(
    shop: Path, renderings: list[str]
) -> None:
    kept = (shop / CACHE).read_text()
    (shop / CACHE).write_text(kept.replace("class ItemCreated", "class ItemChanged"))
    assert (shop / CACHE).read_text() != kept
    assert generate(shop).exit_code == 0
    assert renderings == ["rendered"]


def test_where_nothing_can_be_kept_the_work_is_done_all_the_same(shop: Path, renderings: list[str]) -> None:
    shutil.rmtree(shop / ".accord")
    (shop / ".accord").write_text("a file in the way")
    assert generate(shop).exit_code == 0
    assert generate(shop).exit_code == 0
    assert renderings == ["rendered"] * 2


def test_the_memory_is_no_business_of_git(shop: Path) -> None:
    assert (shop / ".accord" / "cache" / ".gitignore").read_text() == "*\n"


EDITS = [
    (OPENAPI, "Create an item", "Make an item"),
    (OPENAPI, "minLength: 1", "minLength: 2"),
    (ASYNCAPI, "partitions: 2", "partitions: 5"),
    (ASYNCAPI, "item.created", "item.made"),
    (COMMON, "minimum: 1", "minimum: 9"),
    ("pyproject.toml", 'output = "made"', 'output = "mode"'),
]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(range(len(EDITS))), min_size=1, max_size=6))
def test_whatever_is_edited_what_is_remembered_is_what_would_be_rendered(
    steps: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    shop = tmp_path_factory.mktemp("edited")
    shutil.copytree(SHOP, shop, dirs_exist_ok=True)
    done: set[int] = set()
    for step in steps:
        path, *texts = EDITS[step]
        old, new = reversed(texts) if step in done else texts
        edit(shop / path, old, new)
        done ^= {step}
        project = find_project(shop)
        fresh = render(read_contract(project), project.package)
        wanted = {entry.path: entry.text for entry in compared(shop).entries if entry.text}
        assert wanted == {path: file.text for path, file in fresh.items()}
