"""``accord wiring``: say who sends what to whom, and whether it fits."""

from pathlib import Path

import click

from accord.cli.project import project_option, refusals_reported

__all__ = ["wiring"]


@click.command(short_help="Say whether all events that are read are sent, and fit.")
@project_option
@click.option(
    "--mode",
    type=click.Choice(["tolerant", "strict"]),
    default="tolerant",
    show_default=True,
    help="Whether senders send only members that their schemas declare, or all that these admit.",
)
@click.option("--strict", is_flag=True, help="Let warnings fail, too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "svg", "markdown"]),
    default="text",
    show_default=True,
    help="svg is a picture that needs nothing else, markdown is made for a comment.",
)
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write there, in full or not at all; findings are still printed.",
)
def wiring(project: Path, mode: str, strict: bool, form: str, output: Path | None) -> None:
    """Say who sends what to whom over all AsyncAPI specs, and whether each reader takes it.

    A reader that refuses what a sender may send is shown with such a message. Keys, topics and envelopes are
    compared too. Rules can be weighed and passed over in [tool.accord.lint]; there, 'at' is service/event.

    Exit status 0 if nothing is worse than a warning, 1 if something is (with --strict: anything), 2 if a spec
    cannot be read or the file not be written.
    """
    with refusals_reported("json" if form == "json" else "text"):
        from accord.cli.wiring_shown import show
        from accord.compatibility import Mode
        from accord.lint.settings import read_settings
        from accord.parsing.contract import read_contract
        from accord.parsing.project import find_project
        from accord.wiring import wire

        found = find_project(project)
        result = wire(read_contract(found), read_settings(found.root), Mode(mode))
        show(result, form, output)
    if any(trouble.fails for trouble in result.troubles) or result.rest or (strict and result.findings):
        raise SystemExit(1)
