"""The pool of connections to authors_db."""

from typing import Final

from accord.bus.adapters.sql_database import Database

__all__ = ["open_database"]

_NAME: Final = "authors-service"
# A plan lives as long as its connection, or until a table is analysed: one made while there were some rows
# would go on reading all of them as they become many. All statements here have their index, but for the table
# of one row, which servers before version 18 would then think expensive enough to compile for.
_PLANNER: Final = {"enable_seqscan": "off", "jit": "off"}


def open_database(url: str, pool_size: int) -> Database:
    """Connect when first used; at most ``pool_size`` connections."""
    return Database(url, pool_size, name=_NAME, settings=_PLANNER)
