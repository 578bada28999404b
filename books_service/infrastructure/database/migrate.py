"""Bringing books_db to the newest migration, and telling whether it is there."""

from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

__all__ = ["check_schema", "upgrade"]

_SCRIPTS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = text("SELECT pg_advisory_xact_lock(2, 0)")
_REVISION: Final = text("SELECT version_num FROM alembic_version")


async def upgrade(engine: AsyncEngine) -> None:
    """Apply all migrations that are missing, in one transaction; instances that start together take turns."""
    async with engine.begin() as connection:
        await connection.execute(_LOCK)
        await connection.run_sync(_upgrade)


async def check_schema(connection: AsyncConnection) -> None:
    """Raise RuntimeError unless the database is at the newest migration."""
    found = (await connection.execute(_REVISION)).scalar_one_or_none()
    newest = _newest_revision()
    if found != newest:
        raise RuntimeError(f"the database is at migration {found}, not at {newest}: run `migrate`")


@cache
def _newest_revision() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(_config(connection), "head")
