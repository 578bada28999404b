"""A page of any specs stays of a size that a browser opens."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from accord.cli import main
from accord.review import book

PYPROJECT = """
[tool.accord]
specs = "specs"
output = "made"

[tool.accord.services.big]
openapi = "big.openapi.yaml"
"""


def big(schemas: int) -> dict[str, Any]:
    member = {"type": "string", "maxLength": 10}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Big", "version": "1"},
        "paths": {f"/{n}": {"get": {"operationId": f"get{n}", "responses": {}}} for n in range(4)},
        "components": {
            "schemas": {
                f"Thing{n}": {"type": "object", "properties": {"a": member, "b": member}}
                for n in range(schemas)
            }
        },
    }


def test_what_there_is_no_room_for_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "MOST_CARDS", 10)
    monkeypatch.setattr(book, "MOST_ROWS", 9)
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "big.openapi.yaml").write_text(yaml.safe_dump(big(30)))
    page = tmp_path / "page.html"
    arguments = ["review", "--project", str(tmp_path), "--against", str(tmp_path), "--html", str(page)]
    CliRunner().invoke(main, arguments, catch_exceptions=False)
    text = page.read_text()
    assert text.count('data-find="operation"') == 4, "schemas give way first"
    assert text.count('data-find="schema"') == 6
    assert text.count('data-find="member"') == 9
    assert "no room for 24 operations, messages and schemas and the insides of 3 members" in text
