"""``accord explain``: what a rule means, why it holds, and what to do."""

import textwrap
from collections.abc import Iterator

import click

from accord.rules import Rule, all_rules, nearest

__all__ = ["explain"]

WIDTH = 88
"""Characters of a line of prose."""


def _begun(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    return [rule for rule in all_rules() if rule.startswith(begun)]


@click.command()
@click.argument("rule", shell_complete=_begun)
def explain(rule: str) -> None:
    """Explain RULE, the word in brackets at the end of a finding: why it holds, and what to do.

    Exit status 2 if there is no such rule.
    """
    wanted = rule.strip("[]").lower()
    found = all_rules().get(wanted)
    if found is None:
        near = ", ".join(nearest(wanted))
        click.echo(f"There is no rule '{rule}'{near and '; near it: '}{near}.", err=True)
        click.echo("Next: `accord rules` lists all of them.", err=True)
        raise SystemExit(2)
    click.echo("\n\n".join(_paragraphs(found)))


def _paragraphs(explained: Rule) -> Iterator[str]:
    yield f"{click.style(explained.id, bold=True)} ({explained.topic})"
    yield textwrap.fill(explained.sentence, WIDTH)
    yield textwrap.fill(f"Why: {explained.why}", WIDTH)
    for word, example in (("Wrong", explained.wrong), ("Right", explained.right)):
        if example:
            yield f"{word}, in {explained.within}:\n\n{textwrap.indent(example.rstrip(), '    ')}"
    yield textwrap.fill(f"What to do: {explained.fix}", WIDTH, break_on_hyphens=False)
