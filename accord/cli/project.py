"""Where a command looks for its project, and how it says that it cannot go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from accord.cli.findings import print_findings
from accord.findings import BrokenSpec

__all__ = ["project_option", "refusals_reported", "strict_option"]

project_option = click.option(
    "--project",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    help="Look for pyproject.toml in this folder and above; the current one if not given.",
)

strict_option = click.option(
    "--strict", is_flag=True, help="Refuse specs that say something which Accord does not support."
)


@contextmanager
def refusals_reported(form: str = "text") -> Iterator[None]:
    """Turn what a user can mend into findings or a sentence, and exit status 2."""
    try:
        yield
    except BrokenSpec as broken:
        print_findings(broken.findings, form)
        click.echo("Nothing was changed. Mend this and run the command again.", err=True)
        raise SystemExit(2) from None
    except OSError as error:
        click.echo(f"{error.filename or 'A file'} cannot be used: {error.strerror or error}.", err=True)
        raise SystemExit(2) from None
