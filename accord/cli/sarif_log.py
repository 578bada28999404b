"""The Static Analysis Results Interchange Format (OASIS SARIF 2.1.0), for code scanning."""

from collections.abc import Sequence
from typing import Any

from accord.findings import Finding, Location
from accord.rules import all_rules

__all__ = ["findings_as_sarif", "place", "sarif_log"]


def sarif_log(results: Sequence[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """One run, from pairs of a rule and what a result has beside it; with what is known of the rules."""
    rules = sorted({rule for rule, _ in results})
    driver = {"name": "accord", "rules": [_rule(rule) for rule in rules]}
    listed = [{"ruleId": rule, "ruleIndex": rules.index(rule), **result} for rule, result in results]
    run = {"tool": {"driver": driver}, "results": listed}
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}


def findings_as_sarif(findings: Sequence[Finding]) -> dict[str, Any]:
    """A result per finding."""
    return sarif_log(
        [
            (
                finding.rule,
                {
                    "level": finding.severity.value,
                    "message": {"text": f"{finding.sentence}."},
                    "locations": [place(finding.location)],
                },
            )
            for finding in findings
        ]
    )


def place(location: Location) -> dict[str, Any]:
    """A URI reference; the name of a revision before the path is no part of it."""
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": location.path.rpartition(":")[2]},
            "region": {"startLine": location.line, "startColumn": location.column},
        }
    }


def _rule(rule: str) -> dict[str, Any]:
    found = all_rules()[rule]
    return {
        "id": rule,
        "shortDescription": {"text": found.sentence},
        "fullDescription": {"text": found.why},
        "help": {"text": found.fix},
    }
