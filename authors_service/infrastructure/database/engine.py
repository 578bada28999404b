"""The pool of connections to authors_db."""

from typing import Final

from accord.bus.adapters.sql_database import Database

__all__ = ["open_database"]

_NAME: Final = "authors-service"


def open_database(url: str, pool_size: int) -> Database:
    """Connect when first used; at most ``pool_size`` connections."""
    return Database(url, pool_size, name=_NAME)
