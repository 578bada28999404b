"""The run: every check over all specs, weighed by the settings of the project."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from accord.findings import Finding, Severity
from accord.lint.checks import CHECKS
from accord.lint.inspection import Inspection
from accord.lint.remarks import Remark
from accord.lint.schemas import SchemaWalk
from accord.lint.settings import Ignore, LintSettings, read_settings
from accord.lint.sources import Sources
from accord.lint.values import Validators
from accord.parsing.contract import read_project
from accord.parsing.project import Project
from accord.parsing.references import shown
from accord.rules import all_rules

__all__ = ["Chosen", "lint"]

_SAID_BY_CHECKS = "missing-key"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which rules count in this run; no selection means all of them."""

    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()

    def has(self, rule: str) -> bool:
        """Whether findings of the rule are wanted."""
        return (not self.select or rule in self.select) and rule not in self.ignore


def lint(project: Project, chosen: Chosen | None = None) -> tuple[Finding, ...]:
    """All findings in the order of their places; raises `BrokenSpec` for specs that cannot be read."""
    chosen = chosen or Chosen()
    settings = read_settings(project.root)
    sources = Sources(project, read_project(project))
    inspection = Inspection(sources, SchemaWalk(sources), Validators(sources), settings.envelope)
    remarks = {remark for check in CHECKS for remark in check(inspection)}
    remarks |= set(_of_reading(sources))
    wanted = sorted(remark for remark in remarks if chosen.has(remark.rule))
    ignores = [ignore for ignore in settings.ignores if chosen.has(ignore.rule)]
    return tuple(sorted({*_weighed(wanted, ignores, settings), *_of_ignores(wanted, ignores, chosen)}))


def _of_reading(sources: Sources) -> Iterator[Remark]:
    """What reading the specs warned of; where in the file is known by line only.

    What it says of keys is left to a check that sees messages of any shape, and key schemas too.
    """
    files = {shown(sources.project.specs / root.file): root.file for root in sources.files}
    for finding in sources.reading.contract.findings:
        if finding.rule == _SAID_BY_CHECKS:
            continue
        at = f"{files.get(finding.location.path, '')}#"
        yield Remark(finding.location, finding.rule, finding.sentence, at)


def _weighed(remarks: Iterable[Remark], ignores: list[Ignore], settings: LintSettings) -> Iterator[Finding]:
    rules = all_rules()
    for remark in remarks:
        severity = settings.severities.get(remark.rule, Severity(rules[remark.rule].severity or "warning"))
        passed = any(ignore.reason and ignore.covers(remark) for ignore in ignores)
        if severity is not None and not passed:
            yield Finding(remark.location, remark.rule, remark.sentence, severity)


def _of_ignores(remarks: list[Remark], ignores: list[Ignore], chosen: Chosen) -> Iterator[Finding]:
    """What is wrong with the ignores themselves; nothing passes these over."""
    for ignore in ignores:
        told = f"{ignore.rule} at '{ignore.at}'"
        if not ignore.reason and chosen.has("ignore-without-reason"):
            sentence = f"ignores {told} and does not say why; add 'reason'"
            yield Finding(ignore.location, "ignore-without-reason", sentence)
        if not any(ignore.covers(remark) for remark in remarks) and chosen.has("ignore-unused"):
            sentence = f"ignores {told}, and there is nothing of the kind any more; remove it"
            yield Finding(ignore.location, "ignore-unused", sentence)
