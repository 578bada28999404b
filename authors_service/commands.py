"""The command line: `python -m authors_service serve`, `migrate`, `republish`, `verify`."""

import asyncio
import json
import subprocess
import sys
from datetime import datetime

import click

from accord.bus.errors import Unavailable, UnknownTopic
from accord.http.server import serve as serve_app
from accord.http.shutdown import ShutdownTime
from accord.interface import IncompleteImplementation
from accord.observability import configure_logging
from accord.settings import SettingsError, load
from authors_service.dependencies import is_migrated
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
        _migrate_apart(settings)
    try:
        app = create_app(settings)
    except IncompleteImplementation as error:
        raise _CannotRun(str(error)) from None
    serve_app(app, settings.host, settings.port, ShutdownTime(settings.shutdown_timeout))


@cli.command()
def migrate() -> None:
    """Bring the database to the newest migration."""
    from authors_service.upkeep import migrate_database

    settings = _settings()
    try:
        asyncio.run(migrate_database(settings))
    except Unavailable as error:
        raise click.ClickException(str(error)) from None


@cli.command()
@click.option(
    "--since",
    metavar="TIME",
    callback=lambda _context, _option, text: _moment(text),
    help="Only what changed at this time (RFC 3339) or later.",
)
def republish(since: datetime | None) -> None:
    """Tell the present state of all authors and links once more, and what was deleted.

    It goes through the outbox with versions as they are, so readers that know it already change nothing; a
    service that runs sends it. May be interrupted, and run as often as one likes.
    """
    settings = _settings()
    try:
        asyncio.run(_republish(settings, since))
    except Unavailable as error:
        raise click.ClickException(f"{error}; run it again when it is back") from None


async def _republish(settings: Settings, since: datetime | None) -> None:
    from authors_service.upkeep import republication

    def waiting() -> None:
        click.echo("The outbox is full: waiting for a service to send what is in it.", err=True)

    async with republication(settings) as everything:
        rows = await everything.size()
        with click.progressbar(
            length=rows, label="Republishing", file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as bar:
            await everything.run(since, bar.update, waiting)
    click.echo(
        f"Looked at {rows} authors and links, deleted ones too; the outbox has what is to be told.",
        err=True,
    )


@cli.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def verify(form: str) -> None:
    """Hold what is kept of the other side against its streams; nothing is changed.

    Each difference is a line `stream/partition:offset:1: sentence [rule]`, offsets counted from 1. What is on
    its way counts as one, so a second run tells. Exit status 1 if there is a difference, 2 if the database or
    a stream cannot be read.
    """
    settings = _settings("critical")
    try:
        found = asyncio.run(_verify(settings, form))
    except (Unavailable, UnknownTopic) as error:
        raise _CannotRun(str(error)) from None
    click.echo(f"{found} findings." if found else "Nothing differs.", err=True)
    raise SystemExit(1 if found else 0)


async def _verify(settings: Settings, form: str) -> int:
    from authors_service.upkeep import verification

    found = []
    async with verification(settings) as everything:
        async for difference in everything.differences():
            found.append(difference.as_json())
            if form == "text":
                click.echo(str(difference))
    if form == "json":
        click.echo(json.dumps({"findings": found}, indent=2))
    return len(found)


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time as in RFC 3339") from None
    if moment and moment.tzinfo is None:
        raise click.BadParameter(f"{text!r} does not say its offset from UTC; append Z for none")
    return moment


def _settings(log_level: str | None = None) -> Settings:
    try:
        settings = load(Settings)
    except SettingsError as error:
        raise _CannotRun(str(error)) from None
    configure_logging("authors-service", log_level or settings.log_level)
    return settings


def _migrate_apart(settings: Settings) -> None:
    """In a process of its own: Alembic and the ORM would stay in the memory of the one that serves."""
    try:
        if asyncio.run(is_migrated(settings)):
            return
    except Unavailable as error:
        raise click.ClickException(str(error)) from None
    done = subprocess.run([sys.executable, "-m", "authors_service", "migrate"], check=False)
    if done.returncode:
        raise SystemExit(done.returncode)
