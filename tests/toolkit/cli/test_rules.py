"""Every rule is explained, once, and nothing is explained that no finding names."""

import json
from functools import cache

import pytest
import yaml
from click.testing import CliRunner

from accord.cli import main
from accord.rules import Rule, all_rules
from tests.toolkit.cli.used_rules import used_rules

RULES = all_rules()


@cache
def used() -> dict[str, str]:
    return dict(used_rules())


def test_every_rule_that_the_code_uses_is_explained() -> None:
    assert {rule: place for rule, place in used().items() if rule not in RULES} == {}


def test_no_rule_is_explained_that_the_code_does_not_use() -> None:
    assert RULES.keys() - used().keys() == set()
    assert len(RULES) > 40


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_is_a_sentence_its_reason_and_its_remedy(rule: Rule) -> None:
    assert all(word.isalnum() and word == word.lower() for word in rule.id.split("-"))
    for text in (rule.sentence, rule.why, rule.fix):
        assert text[0].isupper() or text[0] in "$'`"
        assert text.endswith(".")
        assert "\n" not in text
    assert rule.sentence != rule.why


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.wrong], ids=lambda rule: rule.id)
def test_examples_come_in_pairs_that_differ_and_the_right_one_can_be_read(rule: Rule) -> None:
    assert rule.wrong != rule.right
    assert rule.within
    if not rule.topic.endswith("settings"):
        assert yaml.safe_load(rule.right)


@pytest.mark.parametrize("rule", RULES)
def test_explain_tells_all_that_is_known(rule: str) -> None:
    result = CliRunner().invoke(main, ["explain", rule])
    assert result.exit_code == 0
    said = " ".join(result.stdout.split())
    assert " ".join(RULES[rule].why.split()) in said
    assert said.startswith(rule)


def test_the_brackets_of_a_finding_may_be_copied_along() -> None:
    assert CliRunner().invoke(main, ["explain", "[stale]"]).exit_code == 0


@pytest.mark.parametrize(
    ("asked", "near"),
    [("dangling-refrence", "dangling-reference"), ("reference", "bad-reference"), ("BAD_YAML", "bad-yaml")],
)
def test_an_unknown_rule_is_refused_and_its_neighbours_are_named(asked: str, near: str) -> None:
    result = CliRunner().invoke(main, ["explain", asked])
    assert result.exit_code == 2
    assert near in result.stderr


def test_what_resembles_nothing_has_no_neighbours() -> None:
    result = CliRunner().invoke(main, ["explain", "qqqqqqqq"])
    assert result.exit_code == 2
    assert result.stderr.splitlines()[0] == "There is no rule 'qqqqqqqq'."


def test_the_list_has_each_rule_once_for_people_and_for_machines() -> None:
    listed = CliRunner().invoke(main, ["rules"]).stdout.splitlines()
    assert sorted(line.split()[0] for line in listed if line.startswith("  ")) == sorted(RULES)
    data = json.loads(CliRunner().invoke(main, ["rules", "--format", "json"]).stdout)
    assert [rule["id"] for rule in data["rules"]] == list(RULES)
