"""How much remarks count: by their rules, by the settings of the project, and by what it passes over."""

from collections.abc import Callable, Iterable, Iterator

from accord.findings import Finding, Severity
from accord.lint.remarks import Remark
from accord.lint.settings import Ignore, LintSettings
from accord.rules import all_rules

__all__ = ["weigh"]


def weigh(
    remarks: Iterable[Remark], settings: LintSettings, concerned: Callable[[str], bool]
) -> tuple[Finding, ...]:
    """Findings in the order of their places, of the rules that this run is ``concerned`` with."""
    wanted = sorted({remark for remark in remarks if concerned(remark.rule)})
    ignores = [ignore for ignore in settings.ignores if concerned(ignore.rule)]
    return tuple(sorted({*_weighed(wanted, ignores, settings), *_of_ignores(wanted, ignores, concerned)}))


def _weighed(remarks: list[Remark], ignores: list[Ignore], settings: LintSettings) -> Iterator[Finding]:
    rules = all_rules()
    for remark in remarks:
        severity = settings.severities.get(remark.rule, Severity(rules[remark.rule].severity or "warning"))
        passed = any(ignore.reason and ignore.covers(remark) for ignore in ignores)
        if severity is not None and not passed:
            yield Finding(remark.location, remark.rule, remark.sentence, severity)


def _of_ignores(
    remarks: list[Remark], ignores: list[Ignore], concerned: Callable[[str], bool]
) -> Iterator[Finding]:
    """What is wrong with the ignores themselves; nothing passes these over."""
    for ignore in ignores:
        told = f"{ignore.rule} at '{ignore.at}'"
        if not ignore.reason and concerned("ignore-without-reason"):
            sentence = f"ignores {told} and does not say why; add 'reason'"
            yield Finding(ignore.location, "ignore-without-reason", sentence)
        if not any(ignore.covers(remark) for remark in remarks) and concerned("ignore-unused"):
            sentence = f"ignores {told}, and there is nothing of the kind any more; remove it"
            yield Finding(ignore.location, "ignore-unused", sentence)
