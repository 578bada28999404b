"""The command line: one verb per module, imported when it is asked for."""

import os
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

__all__ = ["main"]


@dataclass(frozen=True, slots=True)
class _Verb:
    """What help says of a verb, and the extras of this package without which it cannot do its work."""

    told: str
    extras: str = ""


_VERBS = {
    "init": _Verb("Lay out a small project, or the settings for specs that are there.", "codegen"),
    "generate": _Verb("Write the code that the specs ask for.", "codegen"),
    "check": _Verb("Say where the code is not what the specs ask for.", "codegen"),
    "lint": _Verb("Say what in the specs will bite.", "codegen"),
    "diff": _Verb("Say what changed in the specs, and whom it hurts.", "codegen"),
    "wiring": _Verb("Say who sends what to whom, and whether each reader takes it.", "codegen"),
    "review": _Verb("Judge a change of the specs by all checks, and show it on a page.", "codegen"),
    "explain": _Verb("Explain a rule that a finding named."),
    "rules": _Verb("List every rule that a finding can name."),
    "topics": _Verb(
        "List the streams, compare them with a cluster's, create missing ones.", "codegen,runtime"
    ),
    "dead-letters": _Verb("Look at dead letters, replay or discard them.", "runtime"),
    "verify": _Verb("Hold a service's caches against the streams.", "codegen,runtime"),
    "completion": _Verb("Print what makes your shell complete words."),
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
            formatter.write_dl([(name, verb.told) for name, verb in _VERBS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a verb; what it lacks is said with the extra that brings it, and exit status 2."""
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            name = ctx.invoked_subcommand or ""
            if name not in _VERBS or error.name is None or error.name.startswith("accord"):
                raise
            click.echo(
                f"`accord {name}` needs the package {error.name.partition('.')[0]}, which is not installed; "
                f"run `pip install 'accord[{_VERBS[name].extras}]'`.",
                err=True,
            )
            raise SystemExit(2) from None


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
