"""``accord rules``: every rule that a finding can name."""

import json
from dataclasses import asdict

import click

from accord.cli.formats import list_format

__all__ = ["rules"]


@click.command()
@list_format
def rules(form: str) -> None:
    """List every rule that a finding can name, in brackets at its end, by topic.

    `accord explain RULE` says more about one.
    """
    from accord.rules import all_rules

    found = all_rules()
    if form == "json":
        click.echo(json.dumps({"rules": [asdict(rule) for rule in found.values()]}, indent=2))
        return
    width = max(map(len, found))
    topic = ""
    for rule in found.values():
        if rule.topic != topic:
            click.echo(f"{chr(10) if topic else ''}{click.style(rule.topic, bold=True)}")
            topic = rule.topic
        click.echo(f"  {rule.id:{width}}  {rule.sentence}")
