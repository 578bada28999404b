"""Bringing books_db to the newest migration."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from accord.bus.adapters.availability import unavailable_when_away

__all__ = ["create_engine", "upgrade"]

_SCRIPTS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = text("SELECT pg_advisory_xact_lock(2, 0)")
_NAME: Final = "books-service"
_CONNECT_TIMEOUT: Final = 5.0


def create_engine(url: str) -> AsyncEngine:
    """Connect without a pool and without limits in time: a migration takes as long as it takes."""
    settings = {"application_name": _NAME, "timezone": "UTC"}
    return create_async_engine(
        url,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"timeout": _CONNECT_TIMEOUT, "server_settings": settings},
    )


async def upgrade(engine: AsyncEngine) -> None:
    """Apply all migrations that are missing, in one transaction; instances that start together take turns.

    Raises `Unavailable` if the database is away.
    """
    with unavailable_when_away():
        async with engine.begin() as connection:
            await connection.execute(_LOCK)
            await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    command.upgrade(config, "head")
