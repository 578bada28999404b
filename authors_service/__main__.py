"""The command line: `python -m authors_service serve` or `migrate`."""

import asyncio

import click

from accord.bus.errors import Unavailable
from accord.http.server import serve as serve_app
from accord.http.shutdown import ShutdownTime
from accord.interface import IncompleteImplementation
from accord.observability import configure_logging
from accord.settings import SettingsError, load
from authors_service.dependencies import migrate_database
from authors_service.main import create_app
from authors_service.settings import Settings

__all__ = ["cli"]


class _CannotRun(click.ClickException):
    """Nothing was started."""

    exit_code = 2


@click.group()
def cli() -> None:
    """The Authors Service: owns the authors and their links to books.

    It is told what it needs by variables that begin with AUTHORS_; AUTHORS_DATABASE_URL and
    AUTHORS_KAFKA_BOOTSTRAP_SERVERS are required.
    """


@cli.command()
@click.option("--migrate", "migrate_first", is_flag=True, help="Apply missing migrations before.")
def serve(migrate_first: bool) -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = _settings()
    if migrate_first:
        _migrate(settings)
    try:
        app = create_app(settings)
    except IncompleteImplementation as error:
        raise _CannotRun(str(error)) from None
    serve_app(app, settings.host, settings.port, ShutdownTime(settings.shutdown_timeout))


@cli.command()
def migrate() -> None:
    """Bring the database to the newest migration."""
    _migrate(_settings())


def _settings() -> Settings:
    try:
        settings = load(Settings)
    except SettingsError as error:
        raise _CannotRun(str(error)) from None
    configure_logging("authors-service", settings.log_level)
    return settings


def _migrate(settings: Settings) -> None:
    try:
        asyncio.run(migrate_database(settings))
    except Unavailable as error:
        raise click.ClickException(str(error)) from None


if __name__ == "__main__":
    cli(prog_name="python -m authors_service")
