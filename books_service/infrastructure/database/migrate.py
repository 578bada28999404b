"""Bringing books_db to the newest migration, and telling whether it is there."""

from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from asyncpg import UndefinedTableError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from accord.bus.adapters.availability import unavailable_when_away
from accord.bus.adapters.sql_database import Database
from accord.bus.adapters.sql_statement import Statement

__all__ = ["SchemaOutdated", "check_schema", "upgrade"]

_SCRIPTS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = text("SELECT pg_advisory_xact_lock(2, 0)")
_REVISION: Final = Statement(text("SELECT version_num FROM alembic_version"), str)


class SchemaOutdated(Exception):
    """The database is not at the newest migration; the message says where it is."""


async def upgrade(engine: AsyncEngine) -> None:
    """Apply all migrations that are missing, in one transaction; instances that start together take turns.

    Raises `Unavailable` if the database is away.
    """
    with unavailable_when_away():
        async with engine.begin() as connection:
            await connection.execute(_LOCK)
            await connection.run_sync(_upgrade)


async def check_schema(database: Database) -> None:
    """Raise `SchemaOutdated` unless the database is at the newest migration, `Unavailable` if it is away."""
    newest = _newest_revision()
    try:
        found = next(iter(await database.fetch(_REVISION, {})), None)
    except UndefinedTableError:
        found = None  # no migration ever ran
    if found != newest:
        raise SchemaOutdated(f"the database is at migration {found}, not at {newest}; run `migrate`")


@cache
def _newest_revision() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(_config(connection), "head")
