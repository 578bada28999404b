"""The pool of connections to books_db, and SQLAlchemy's engine over it for migrations."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from accord.bus.adapters.sql_database import Database

__all__ = ["create_engine", "open_database"]

_NAME: Final = "books-service"
_CONNECT_TIMEOUT: Final = 5.0


def open_database(url: str, pool_size: int) -> Database:
    """Connect when first used; at most ``pool_size`` connections."""
    return Database(url, pool_size, name=_NAME)


def create_engine(url: str) -> AsyncEngine:
    """Connect without a pool and without limits in time: a migration takes as long as it takes."""
    settings = {"application_name": _NAME, "timezone": "UTC"}
    return create_async_engine(
        url,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"timeout": _CONNECT_TIMEOUT, "server_settings": settings},
    )
