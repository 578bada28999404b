"""``accord init``: lay out a small project, or the settings for specs that are there."""

from collections.abc import Mapping
from pathlib import Path

import click

from accord.cli.project import refusals_reported
from accord.scaffold.naming import BadName, Naming, suggested

__all__ = ["init"]


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
@click.option("--name", help="What the service is called; the folder's name if not given.")
@click.option(
    "--from",
    "specs",
    metavar="SPEC",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="An OpenAPI or AsyncAPI document to begin with; may be given several times.",
)
def init(folder: Path, name: str | None, specs: tuple[Path, ...]) -> None:
    """Lay out a small project in FOLDER, by default the current one, whose `make test` passes at once.

    It is one service with an OpenAPI and an AsyncAPI document, layered, with tests on a real PostgreSQL and a
    broker that speaks Kafka's protocol, which come as wheels.

    With --from, nothing is laid out but the settings for these documents, so that `accord generate` makes
    code of them. Those within FOLDER stay where they are; others are copied to FOLDER/specs with the files
    that they refer to.

    No file is ever overwritten: what is in the way is listed, nothing is written, and the exit status is 2.
    """
    called = name or suggested(folder.resolve().name)
    with refusals_reported():
        try:
            if specs:
                _settings(folder, specs, called)
            else:
                _project(folder, Naming(called))
        except BadName as error:
            hint = " Name it with --name." if error.name == called and not name else ""
            click.echo(f"{error}{hint}", err=True)
            raise SystemExit(2) from None


def _project(folder: Path, naming: Naming) -> None:
    from accord.scaffold.origin import origin
    from accord.scaffold.sample import sample_project

    files = dict(sample_project(naming))
    url = origin()
    if url:
        files[".accord/origin"] = f"{url}\n"
    _write(folder, files)
    click.echo(f"{len(files)} files in {folder}: a service called {naming.snake}, its specs and its tests.")
    if url:
        click.echo(f"It installs accord from where this one came from: {url}")
    go = "" if folder.resolve() == Path.cwd() else f"cd {folder} && "
    click.echo(f"Next: `{go}make test`")


def _settings(folder: Path, specs: tuple[Path, ...], name: str) -> None:
    from accord.scaffold.foreign import settings_for

    settings = settings_for(folder, specs, name)
    if (folder / "pyproject.toml").exists():
        click.echo(
            f"{folder / 'pyproject.toml'} is there already; nothing was written. Add this to it:", err=True
        )
        click.echo(settings.toml, nl=False)
        for copy in settings.copies:
            click.echo(f"It needs a copy of {Path(copy).name} at {folder / copy}.", err=True)
        raise SystemExit(2)
    files = {"pyproject.toml": settings.toml, **settings.copies}
    _write(folder, files)
    for path in files:
        click.echo(f"{folder / path}")
    project = "" if folder.resolve() == Path.cwd() else f" --project {folder}"
    click.echo(f"Next: `accord generate{project}`")


def _write(folder: Path, files: Mapping[str, str]) -> None:
    from accord.scaffold.writing import InTheWay, write_all

    try:
        write_all(folder, files)
    except InTheWay as obstacles:
        for path in obstacles.paths:
            click.echo(f"{path} is there already", err=True)
        click.echo("Nothing was written. Move this away, or name another folder.", err=True)
        raise SystemExit(2) from None
