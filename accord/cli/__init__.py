"""The command line: one verb per module, imported when it is asked for."""

import os
from importlib import import_module

import click

__all__ = ["main"]

_VERBS = {
    "generate": "Write the code that the specs ask for.",
    "check": "Say where the code is not what the specs ask for.",
    "explain": "Explain a rule that a finding named.",
    "rules": "List every rule that a finding can name.",
    "topics": "List the streams, compare them with a cluster's, create what is missing.",
    "dead-letters": "Look at dead letters, replay or discard them.",
    "verify": "Hold a service's caches against the streams.",
    "completion": "Print what makes your shell complete words.",
}


class _Verbs(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            return None
        name = cmd_name.replace("-", "_")
        command = getattr(import_module(f"accord.cli.{name}"), name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing them, so that help is there at once."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_VERBS.items()))


@click.command(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="accord", message="accord %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """Contract-first Python services: from OpenAPI and AsyncAPI specs to code.

    Settings come from [tool.accord] of the nearest pyproject.toml. Findings go to standard output as
    `path:line:col: sentence [rule]`, all other talk to standard error. The exit status is 0 if all is well,
    1 if there are findings, and 2 if the command could not do its work.
    """
    if os.environ.get("NO_COLOR"):
        context.color = False
