"""A project of two specs that have nothing wrong, and what `accord lint` says of it after an edit."""

from collections.abc import Sequence
from pathlib import Path

from accord.findings import Finding
from accord.lint import Chosen, lint
from accord.parsing.project import find_project

__all__ = ["EVENTS", "HTTP", "found_in", "lay_out"]

HERE = Path(__file__).parent
HTTP, EVENTS = "shop.openapi.yaml", "shop.asyncapi.yaml"
SETTINGS = f"""
[tool.accord]
specs = "specs"
output = "generated"
[tool.accord.services.shop]
openapi = "{HTTP}"
asyncapi = "{EVENTS}"
"""


def lay_out(folder: Path, edits: Sequence[tuple[str, str, str]] = (), settings: str = "") -> Path:
    """Write the project; each edit is the name of a spec, a text that stands in it once, and another."""
    (folder / "specs").mkdir()
    (folder / "pyproject.toml").write_text(SETTINGS + settings)
    texts = {spec: (HERE / spec).read_text() for spec in (HTTP, EVENTS)}
    for spec, before, after in edits:
        assert texts[spec].count(before) == 1, (
            f"{before!r} stands {texts[spec].count(before)} times in {spec}"
        )
        texts[spec] = texts[spec].replace(before, after)
    for spec, text in texts.items():
        (folder / "specs" / spec).write_text(text)
    return folder


def found_in(folder: Path, chosen: Chosen | None = None) -> tuple[Finding, ...]:
    """What lint says of the project."""
    return lint(find_project(folder), chosen)
