"""What both verbs begin with: read the specs, render, and hold the result against the disk."""

from dataclasses import dataclass
from pathlib import Path

from accord.cli.memory import Rendered, recall, remember
from accord.codegen.trees import Entry, compare
from accord.findings import Finding
from accord.parsing.project import Project, find_project
from accord.parsing.references import shown

__all__ = ["Comparison", "compared"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Each file of the output as it is and as it shall be; ``warnings`` name what the specs say in vain."""

    project: Project
    entries: list[Entry]
    warnings: tuple[Finding, ...]


def compared(start: Path) -> Comparison:
    """Compare the project at or above ``start``; raises `accord.findings.BrokenSpec`."""
    project = find_project(start)
    rendered = recall(project) or _render(project)
    entries = compare(project.output, rendered.files, shown(project.output))
    return Comparison(project, entries, rendered.warnings)


def _render(project: Project) -> Rendered:
    from accord.codegen.render import render
    from accord.parsing.contract import read_contract
    from accord.parsing.yaml import noting_files

    with noting_files() as inputs:
        contract = read_contract(project)
    rendered = Rendered(render(contract, project.package), contract.findings)
    remember(project, inputs, rendered)
    return rendered
