"""The run: every check over all specs, weighed by the settings of the project."""

from collections.abc import Iterator
from dataclasses import dataclass

from accord.findings import Finding
from accord.lint.checks import CHECKS
from accord.lint.inspection import Inspection
from accord.lint.remarks import Remark
from accord.lint.settings import read_settings
from accord.lint.sources import Sources
from accord.lint.weighing import weigh
from accord.parsing.contract import Reading, read_project
from accord.parsing.project import Project
from accord.parsing.references import shown
from accord.rules import all_rules

__all__ = ["Chosen", "lint"]

_SAID_BY_CHECKS = "missing-key"
_ELSEWHERE = "wiring"
"""The topic of rules that another verb runs."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which rules count in this run; no selection means all of them."""

    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()

    def has(self, rule: str) -> bool:
        """Whether findings of the rule are wanted."""
        return (not self.select or rule in self.select) and rule not in self.ignore


def lint(
    project: Project, chosen: Chosen | None = None, reading: Reading | None = None
) -> tuple[Finding, ...]:
    """All findings in the order of their places; raises `BrokenSpec` for specs that cannot be read.

    ``reading`` is the project as it was read already.
    """
    chosen = chosen or Chosen()
    settings = read_settings(project.root)
    sources = Sources(project, reading or read_project(project))
    inspection = Inspection(sources, settings.envelope)
    remarks = [remark for check in CHECKS for remark in check(inspection)]
    rules = all_rules()
    return weigh(
        [*remarks, *_of_reading(sources)],
        settings,
        lambda rule: chosen.has(rule) and rules[rule].topic != _ELSEWHERE,
    )


def _of_reading(sources: Sources) -> Iterator[Remark]:
    """What reading the specs warned of; where in the file is known by line only.

    What it says of keys is left to a check that sees messages of any shape, and key schemas too.
    """
    files = {shown(sources.project.specs / root.file): root.file for root in sources.files}
    for finding in sources.reading.contract.findings:
        if finding.rule != _SAID_BY_CHECKS:
            at = f"{files.get(finding.location.path, '')}#"
            yield Remark(finding.location, finding.rule, finding.sentence, at)
