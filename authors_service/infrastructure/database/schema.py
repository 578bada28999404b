"""Telling whether authors_db is at the newest migration, without Alembic, which is long in loading."""

from functools import cache
from pathlib import Path
from typing import Final

from asyncpg import UndefinedTableError

from accord.bus.adapters.sql_database import Database
from accord.bus.adapters.sql_statement import Statement

__all__ = ["SchemaOutdated", "check_schema"]

_VERSIONS: Final = Path(__file__).parent / "migrations" / "versions"
_REVISION: Final = Statement("SELECT version_num FROM alembic_version", str)


class SchemaOutdated(Exception):
    """The database is not at the newest migration; the message says where it is."""


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
def _newest_revision() -> str:
    """The last of the numbers that the modules of the migrations have in their names."""
    return max(path.name[1:5] for path in _VERSIONS.glob("v[0-9][0-9][0-9][0-9]_*.py"))
