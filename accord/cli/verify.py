"""``accord verify``: hold what a service keeps of the others against their streams."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from accord.cli.formats import list_format
from accord.cli.project import project_option, refusals_reported

__all__ = ["verify"]

_STACK = Path(".accord") / "stack.env"


@click.command()
@click.option("--service", required=True, help="A service of [tool.accord.services], such as authors.")
@click.option("--database-url", help="The service's database.")
@click.option("--bootstrap-servers", metavar="HOST:PORT", help="The broker.")
@project_option
@list_format
def verify(
    service: str, database_url: str | None, bootstrap_servers: str | None, project: Path, form: str
) -> None:
    """Hold what a service keeps of the others against their streams; nothing is changed.

    Which table keeps what is known to the service alone, so its own check is run: `python -m
    SERVICE_service verify`, with the variables SERVICE_DATABASE_URL and SERVICE_KAFKA_BOOTSTRAP_SERVERS. They
    come from the options, or from the environment, or from the stack that `make up` has started here
    (.accord/stack.env).

    Exit status 1 if anything differs, 2 if the database or a stream cannot be read.
    """
    with refusals_reported(form):
        from accord.parsing.project import find_project

        settings = find_project(project)
    names = [each.name for each in settings.services]
    if service not in names:
        click.echo(f"There is no service {service} here, but {', '.join(names)}.", err=True)
        raise SystemExit(2)
    prefix = service.upper()
    variables = {
        f"{prefix}_DATABASE_URL": database_url,
        f"{prefix}_KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers,
    }
    stack = _variables(settings.root / _STACK)
    fallback = {
        f"{prefix}_DATABASE_URL": stack.get(f"{prefix}_DATABASE_URL"),
        f"{prefix}_KAFKA_BOOTSTRAP_SERVERS": stack.get("KAFKA_BOOTSTRAP_SERVERS"),
    }
    environment = {**_given(fallback), **os.environ, **_given(variables)}
    command = [sys.executable, "-m", f"{service}_service", "verify", "--format", form]
    finished = subprocess.run(command, cwd=settings.root, env=environment, check=False)  # noqa: S603
    raise SystemExit(finished.returncode if finished.returncode in (0, 1) else 2)


def _given(variables: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if value}


def _variables(path: Path) -> dict[str, str]:
    """The variables of a running stack; none where no stack runs."""
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return {}
    return {name: value for name, separator, value in (line.partition("=") for line in lines) if separator}
