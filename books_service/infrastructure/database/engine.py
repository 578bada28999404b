"""The pool of connections to books_db."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

__all__ = ["create_engine", "create_migration_engine"]

# Seconds. A request that finds no connection, or waits for another's lock, is told to come back rather than
# kept; the server's own limits come first, so that it is the one to say why.
_CONNECT_TIMEOUT: Final = 5.0
_POOL_TIMEOUT: Final = 5.0
_COMMAND_TIMEOUT: Final = 20.0
_SERVER_SETTINGS: Final = {
    "application_name": "books-service",
    "timezone": "UTC",
    "lock_timeout": "5s",
    "statement_timeout": "10s",
    "idle_in_transaction_session_timeout": "30s",
}


def create_engine(url: str, pool_size: int) -> AsyncEngine:
    """Connect when first used; at most ``pool_size`` connections.

    A connection that died in the pool is noticed by its next user, who is told so, and all idle ones with it
    are replaced: asking each connection before each use would cost every request a round trip.
    """
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=_POOL_TIMEOUT,
        pool_use_lifo=True,
        hide_parameters=True,
        connect_args={
            "timeout": _CONNECT_TIMEOUT,
            "command_timeout": _COMMAND_TIMEOUT,
            "server_settings": _SERVER_SETTINGS,
        },
    )


def create_migration_engine(url: str) -> AsyncEngine:
    """Connect without a pool and without limits in time: a migration takes as long as it takes."""
    return create_async_engine(url, poolclass=NullPool, connect_args={"timeout": _CONNECT_TIMEOUT})
