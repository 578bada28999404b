"""Each kind of broken spec is named with its exact place, and changes nothing."""

import re
import shutil
import time
from pathlib import Path

import pytest

from accord.parsing.contract import read_contract
from accord.parsing.project import find_project
from tests.toolkit.codegen.broken import BROKEN, Broken
from tests.toolkit.codegen.conftest import Workshop
from tests.toolkit.codegen.left_out import LEFT_OUT


def place_of(text: str) -> str:
    before = text[: text.index("¶")]
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_a_broken_spec_is_named_with_its_place_and_changes_nothing(
    broken: Broken, shop: Workshop, made_shop: Path
) -> None:
    shutil.copytree(made_shop / "made", shop.output)
    before = shop.state()
    shop.edit(broken.file, broken.old, broken.new)
    marked = shop.path(broken.file).read_text()
    shop.path(broken.file).write_text(marked.replace("¶", ""))

    result = shop.accord("generate")

    assert result.exit_code == 2
    shown = shop.path(broken.file).relative_to(shop.root).as_posix()
    findings = re.findall(r"^\S+:\d+:\d+: (?!warning: ).*\[[a-z-]+\]$", result.stdout, re.MULTILINE)
    (finding,) = findings
    assert finding.endswith(f"[{broken.rule}]")
    if "¶" in broken.new:
        assert finding.startswith(f"{shown}:{place_of(marked)}: ")
    assert broken.says in finding
    assert "Traceback" not in result.output
    assert "finding" in result.stderr
    assert shop.state() == before


@pytest.mark.parametrize("warned", LEFT_OUT, ids=str)
def test_what_is_left_out_is_said_with_its_place_and_the_rest_is_generated(
    warned: Broken, shop: Workshop
) -> None:
    shop.edit(warned.file, warned.old, warned.new)
    marked = shop.path(warned.file).read_text()
    shop.path(warned.file).write_text(marked.replace("¶", ""))
    contract = read_contract(find_project(shop.root))
    line, column = map(int, place_of(marked).split(":"))
    found = [f for f in contract.findings if (f.location.line, f.location.column) == (line, column)]
    assert [f.rule for f in found] == [warned.rule]
    assert warned.says in found[0].sentence
    assert shop.accord("generate").exit_code == 0


def test_a_file_that_is_not_utf_8_is_named_where_it_ceases_to_be(shop: Workshop) -> None:
    path = shop.path("common.yaml")
    path.write_bytes(path.read_bytes() + b"    # caf\xe9\n")
    result = shop.accord("generate")
    assert result.exit_code == 2
    assert result.stdout.startswith("specs/common.yaml:10:10: is not UTF-8")


def test_a_character_that_yaml_forbids_is_named(shop: Workshop) -> None:
    shop.edit("common.yaml", "minimum: 1", "minimum: 1\x00")
    assert "specs/common.yaml:9:40: is not YAML" in shop.accord("generate").stdout


def test_aliases_that_multiply_are_stopped(shop: Workshop) -> None:
    lines = ["x0: &x0 [a, a, a, a, a, a, a, a, a, a]"]
    lines += [f"x{i}: &x{i} [{', '.join([f'*x{i - 1}'] * 10)}]" for i in range(1, 9)]
    shop.path("common.yaml").write_text("\n".join(lines))
    result = shop.accord("generate")
    assert result.exit_code == 2
    assert "[alias-bomb]" in result.stdout


def chain(length: int, link: str) -> str:
    """Schemas of which each refers to the next one; the last one is an object."""
    links = "".join(f"    L{i}: {link.format(next=i + 1)}\n" for i in range(length))
    return f"{links}    L{length}: {{ type: object, properties: {{ a: {{ type: string }} }} }}\n"


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_references_that_multiply_cost_no_more_than_their_number(keyword: str, shop: Workshop) -> None:
    twice = ", ".join(["{{ $ref: '#/components/schemas/L{next}' }}"] * 2)
    shop.edit(
        "shop.openapi.yaml", "    Name: {", chain(30, f"{{{{ {keyword}: [{twice}] }}}}") + "    Name: {"
    )
    shop.edit("shop.openapi.yaml", "note: { type: string }", "note: { $ref: '#/components/schemas/L0' }")
    start = time.monotonic()
    assert shop.accord("generate").exit_code == 0
    assert time.monotonic() - start < 5


def test_a_chain_of_references_without_end_is_named_where_it_begins(shop: Workshop) -> None:
    links = chain(2_000, "{{ $ref: '#/components/schemas/L{next}' }}")
    shop.edit("shop.openapi.yaml", "    Name: {", f"{links}    Name: {{")
    result = shop.accord("generate")
    assert result.exit_code == 2
    (finding,) = [line for line in result.stdout.splitlines() if line.endswith("[too-deep]")]
    assert finding.startswith("specs/shop.openapi.yaml:57:5: 'L0' refers to more than 100 others")


@pytest.mark.parametrize("name", ["common.yaml", "shop.openapi.yaml"])
def test_a_file_of_50_megabytes_is_refused_at_once(name: str, shop: Workshop) -> None:
    with shop.path(name).open("ab") as file:
        file.write(b"# ")
        file.truncate(50_000_000)
    start = time.monotonic()
    result = shop.accord("generate")
    assert time.monotonic() - start < 5
    assert result.exit_code == 2
    assert re.fullmatch(rf"specs/{name}:1:1: .*\[too-large\]", result.stdout.splitlines()[0])
    assert shop.state() == {}


def test_a_file_that_cannot_be_read_is_named(shop: Workshop) -> None:
    shop.path("common.yaml").unlink()
    shop.path("common.yaml").mkdir()
    result = shop.accord("generate")
    assert result.exit_code == 2
    assert re.match(r"specs/\S+: .*\[(unreadable-file|dangling-reference)\]", result.stdout)


@pytest.mark.parametrize("content", ["", "# nothing\n", "- a\n- b\n", "text"])
def test_a_file_that_is_no_object_is_refused(content: str, shop: Workshop) -> None:
    shop.path("common.yaml").write_text(content)
    result = shop.accord("check")
    assert result.exit_code == 2
    assert result.stdout.startswith("specs/common.yaml:1:1: ")


def test_a_link_out_of_the_folder_of_specs_is_not_followed(shop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("a: { type: string }\n")
    shop.path("inner.yaml").symlink_to(tmp_path / "secret.yaml")
    shop.edit("common.yaml", "data: { type: object }", "data: { $ref: 'inner.yaml#/a' }")
    assert "[outside-reference]" in shop.accord("generate").stdout


def test_one_run_names_all_that_is_wrong_in_independent_parts(shop: Workshop) -> None:
    shop.edit("shop.openapi.yaml", "operationId: createItem", "operationId: []")
    shop.edit("shop.openapi.yaml", "in: query", "in: url")
    shop.edit("shop.asyncapi.yaml", "action: send", "action: publish")
    result = shop.accord("generate")
    rules = re.findall(r"\[[a-z-]+\]$", result.stdout, re.MULTILINE)
    assert sorted(rules) == ["[bad-action]", "[bad-place]", "[bad-shape]"]
    assert "3 findings." in result.stderr


def test_without_a_project_the_remedy_is_named(tmp_path: Path) -> None:
    result = Workshop(tmp_path).accord("check")
    assert result.exit_code == 2
    assert "pyproject.toml" in result.stdout
