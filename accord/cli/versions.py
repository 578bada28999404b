"""Options of the verbs that compare two versions of the specs."""

import click

__all__ = ["against_option", "mode_option"]

against_option = click.option(
    "--against",
    metavar="REF|DIR",
    default="HEAD",
    show_default=True,
    help="A Git revision of this project, or a folder with another version of it or of its specs.",
)

mode_option = click.option(
    "--mode",
    type=click.Choice(["tolerant", "strict"]),
    default="tolerant",
    show_default=True,
    help="Whether writers write only members that their schemas declare, and readers pass over the others.",
)
