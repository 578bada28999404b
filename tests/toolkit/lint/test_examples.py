"""What `accord explain` shows as wrong breaks its rule, and what it shows as right does not."""

import textwrap
from pathlib import Path

import pytest

from accord.rules import Rule, all_rules
from tests.toolkit.lint.frames import FRAMES
from tests.toolkit.lint.project import found_in

EXAMPLES = [rule for rule in all_rules().values() if rule.severity and rule.wrong]
SETTINGS = """
[tool.accord]
specs = "specs"
output = "generated"
[tool.accord.services.shop]
"""


def times(rule: Rule, fragment: str, folder: Path) -> int:
    """How often a project breaks the rule that holds the fragment in its place."""
    in_settings = rule.within == "pyproject.toml"
    before, after = FRAMES["a schema" if in_settings else rule.within].split("@")
    shown = "type: boolean" if in_settings else fragment.rstrip()
    margin = before.rpartition("\n")[2]
    kind = "asyncapi" if before.startswith("asyncapi") else "openapi"
    (folder / "specs").mkdir(exist_ok=True)
    (folder / "specs/shop.yaml").write_text(before + textwrap.indent(shown, margin).strip() + "\n" + after)
    settings = f'{SETTINGS}{kind} = "shop.yaml"\n'
    (folder / "pyproject.toml").write_text(settings + (fragment if in_settings else ""))
    return [finding.rule for finding in found_in(folder)].count(rule.id)


@pytest.mark.parametrize("rule", EXAMPLES, ids=lambda rule: rule.id)
def test_the_wrong_example_breaks_its_rule_once_more_than_the_right_one(rule: Rule, tmp_path: Path) -> None:
    assert times(rule, rule.wrong, tmp_path) == times(rule, rule.right, tmp_path) + 1
