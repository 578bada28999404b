"""Findings in the Static Analysis Results Interchange Format (OASIS SARIF 2.1.0), for code scanning."""

from collections.abc import Sequence
from typing import Any

from accord.findings import Finding
from accord.rules import all_rules

__all__ = ["findings_as_sarif"]


def findings_as_sarif(findings: Sequence[Finding]) -> dict[str, Any]:
    """One run with a result per finding, and what is known of the rules that they name."""
    known = all_rules()
    rules = sorted({finding.rule for finding in findings})
    described = [
        {
            "id": rule,
            "shortDescription": {"text": known[rule].sentence},
            "fullDescription": {"text": known[rule].why},
            "help": {"text": known[rule].fix},
        }
        for rule in rules
    ]
    results = [
        {
            "ruleId": finding.rule,
            "ruleIndex": rules.index(finding.rule),
            "level": finding.severity.value,
            "message": {"text": f"{finding.sentence}."},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": finding.location.path},
                        "region": {
                            "startLine": finding.location.line,
                            "startColumn": finding.location.column,
                        },
                    }
                }
            ],
        }
        for finding in findings
    ]
    run = {"tool": {"driver": {"name": "accord", "rules": described}}, "results": results}
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
