"""Telling a PostgreSQL that is away from one that can never do what it is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import asyncpg

from accord.bus.errors import OutcomeUnknown, Poison, Unavailable

__all__ = ["is_away", "outcome_unknown_when_away", "poison_when_refused", "unavailable_when_away"]

# SQLSTATEs (PostgreSQL manual, appendix A) after which the same work may succeed later, unchanged.
_AWAY_CLASSES: Final = (
    "08",
    "53",
    "57",
    "58",
)  # connection, resources, operator (shutdown, time-outs), system
_AWAY_CODES: Final = frozenset(
    {"25P03", "25P04", "40001", "40P01", "55P03"}
)  # the work was given up for another's

_UNDONE_CODES: Final = (*_AWAY_CODES, "53", "57014")
"""How the codes begin after which the transaction is undone for certain, although it was about to commit."""


def is_away(error: BaseException) -> bool:
    """Whether the database could not do it now, rather than could never do it."""
    if isinstance(error, OSError):  # a TimeoutError is one
        return True
    if (orig := getattr(error, "orig", None)) is not None:  # SQLAlchemy's, around the driver's
        return is_away(orig)
    code = getattr(error, "sqlstate", None)
    if isinstance(code, str):
        return code[:2] in _AWAY_CLASSES or code in _AWAY_CODES
    # The server has said goodbye while the connection was idle, and its end was not noticed yet.
    if isinstance(error, asyncpg.InternalClientError):
        return True
    # asyncpg's own InterfaceError covers misuse as well as a lost connection; its words are all that tells.
    if isinstance(error, asyncpg.InterfaceError) and "is closed" in str(error):
        return True
    cause = error.__cause__
    return (
        cause is not None
        and isinstance(cause, OSError | asyncpg.PostgresError | asyncpg.InterfaceError)
        and is_away(cause)
    )


@contextmanager
def poison_when_refused() -> Iterator[None]:
    """Raise `Poison` for what the contract admits and PostgreSQL does not hold, a year 10000 in UTC say.

    Goes around the handling of an event: no retry can help, and each would hold up the stream.
    """
    try:
        yield
    except asyncpg.PostgresError as error:
        # Data exceptions; the client raises the same before it sends what it cannot encode.
        if str(error.sqlstate).startswith("22"):
            raise Poison(f"the database does not hold such data: {_first_line(error)}") from error
        raise


@contextmanager
def unavailable_when_away() -> Iterator[None]:
    """Raise `Unavailable` for what SQLAlchemy, asyncpg and the socket raise while the database is away.

    Goes around awaits: ``with unavailable_when_away(): await connection.execute(...)``.
    """
    try:
        yield
    except Exception as error:
        if is_away(error):
            raise Unavailable(f"the database is away: {_first_line(error)}") from error
        raise


@contextmanager
def outcome_unknown_when_away() -> Iterator[None]:
    """The same around a commit: nobody knows whether the database did it before it went away."""
    try:
        with unavailable_when_away():
            yield
    except Unavailable as error:
        if str(getattr(error.__cause__, "sqlstate", None)).startswith(_UNDONE_CODES):
            raise
        raise OutcomeUnknown(str(error)) from error


def _first_line(error: Exception) -> str:
    """What went wrong, without the statement and its parameters, which SQLAlchemy appends."""
    said = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
    return said.splitlines()[0][:300]
