"""What both verbs begin with: read the specs, render, and hold the result against the disk."""

from pathlib import Path

from accord.codegen.render import render
from accord.codegen.trees import Entry, compare
from accord.parsing.contract import read_contract
from accord.parsing.project import Project, find_project
from accord.parsing.references import shown

__all__ = ["compared"]


def compared(start: Path) -> tuple[Project, list[Entry]]:
    """The project at or above ``start`` and each file of its output; raises `accord.findings.BrokenSpec`."""
    project = find_project(start)
    rendered = render(read_contract(project), project.package)
    return project, compare(project.output, rendered, shown(project.output))
