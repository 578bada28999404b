"""Statements of SQL as asyncpg takes them: with numbered parameters, and values in their order."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar, get_args, get_type_hints, overload

__all__ = [
    "BEFORE",
    "Statement",
    "assigned",
    "combined",
    "names",
    "objects_given",
    "rows_given",
    "taken_over",
    "values",
]

Entity = TypeVar("Entity")

BEFORE: Final = "done_before"
"""A row to select FROM: it is there once all is done that was written before, as one with the statement."""

_NAMED: Final = re.compile(r"(?<![:\w]):([a-z]\w*)")
_NUMBERED: Final = re.compile(r"\$(\d+)")
_WRITTEN: Final = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)")
_TYPES: Final[Mapping[type, str]] = {
    bool: "boolean",
    bytes: "bytea",
    datetime: "timestamptz",
    int: "bigint",
    str: "text",
}


class Statement(Generic[Entity]):
    """SQL with parameters like ``:name``, each used once or more often.

    Values go as asyncpg takes them, so JSON as text. A row becomes ``entity(*row)``; if that is a dataclass,
    the columns must be its fields, in their order.
    """

    @overload
    def __init__(self: "Statement[Any]", sql: str) -> None: ...

    @overload
    def __init__(self, sql: str, entity: Callable[..., Entity]) -> None: ...

    def __init__(self, sql: str, entity: Callable[..., Any] | None = None) -> None:
        self.parameters: Final = tuple(dict.fromkeys(_NAMED.findall(sql)))
        numbers = {name: str(number) for number, name in enumerate(self.parameters, 1)}
        self.text: Final = _NAMED.sub(lambda found: f"${numbers[found[1]]}", sql)
        written = _WRITTEN.search(sql)
        self.table: Final = written[1] if written else None
        """What it writes to; None for one that reads."""
        self._entity = entity
        self._unchecked = is_dataclass(entity)

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in their order; raises KeyError for a parameter without one."""
        return [values[name] for name in self.parameters]

    def entities(self, rows: Sequence[Any]) -> list[Entity]:
        """What rows of asyncpg stand for; raises TypeError if that cannot be."""
        entity: Any = self._entity
        if entity is None:
            return list(rows)
        if rows and self._unchecked:
            expected = [field.name for field in fields(entity)]
            if (found := list(rows[0].keys())) != expected:
                raise TypeError(f"the columns {found} are not the fields {expected}")
            self._unchecked = False
        return [entity(*row) for row in rows]


@lru_cache(maxsize=256)
def combined(statements: Sequence[Statement[Any]]) -> str:
    """Several statements that write as one, whose parameters are those of all, one after another.

    They see the database as it was before, not what the others do, so no two may write to the same table. In
    which order they write is open (PostgreSQL manual, 7.8.4), but for those that select from `BEFORE`.
    """
    parts, done, text = list[str](), list[str](), ""
    for number, given in enumerate(_numbered_through(statements)):
        text = given.replace(BEFORE, f"{BEFORE}_{number}")
        if text != given:
            # Nobody asks for the count, so that it would be left out of a part that is not MATERIALIZED.
            parts.append(f"{BEFORE}_{number} AS MATERIALIZED (SELECT {' + '.join(done) or '0'})")
        parts.append(f"write_{number} AS ({text} RETURNING true)")
        done.append(f"(SELECT count(*) FROM write_{number})")
    former = parts[:-1]
    return f"WITH {', '.join(former)} {text}" if former else text


def _numbered_through(statements: Sequence[Statement[Any]]) -> list[str]:
    texts, before = [], 0
    for statement in statements:
        shift = before
        texts.append(_NUMBERED.sub(lambda found: f"${int(found[1]) + shift}", statement.text))  # noqa: B023
        before += len(statement.parameters)
    return texts


def names(entity: Any, but: str = "") -> str:
    """The fields of a dataclass, as columns: ``a, b``."""
    return ", ".join(_fields(entity, but))


def values(entity: Any) -> str:
    """A parameter for each field: ``:a, :b``."""
    return ", ".join(f":{name}" for name in _fields(entity))


def assigned(entity: Any, but: str) -> str:
    """For an UPDATE: ``a = :a, b = :b``."""
    return ", ".join(f"{name} = :{name}" for name in _fields(entity, but))


def taken_over(*columns: str) -> str:
    """For an ON CONFLICT DO UPDATE: ``a = excluded.a, b = excluded.b``."""
    return ", ".join(f"{name} = excluded.{name}" for name in columns)


def rows_given(entity: Any, *only: str) -> str:
    """Many rows at once, in their order: each parameter is the list of the values of one field."""
    types = get_type_hints(entity)
    columns = only or _fields(entity)
    lists = ", ".join(f"CAST(:{name} AS {_sql_type(types[name])}[])" for name in columns)
    listed = ", ".join(columns)
    return (
        f"SELECT {listed} FROM unnest({lists}) WITH ORDINALITY AS given ({listed}, given_place)"
        " ORDER BY given_place"
    )


def objects_given(entity: Any, parameter: str) -> str:
    """The same, where one parameter is all of them as JSON text, as orjson writes a list of dataclasses.

    asyncpg takes twice as long to write the values one by one as orjson and this do together.
    """
    types = get_type_hints(entity)
    typed = ", ".join(f"{name} {_sql_type(types[name])}" for name in _fields(entity))
    return f"SELECT {names(entity)} FROM json_to_recordset(CAST(:{parameter} AS json)) AS given ({typed})"


def _fields(entity: Any, but: str = "") -> tuple[str, ...]:
    return tuple(field.name for field in fields(entity) if field.name != but)


def _sql_type(hint: Any) -> str:
    """Of a type, or of one or None."""
    return next(_TYPES[each] for each in (hint, *get_args(hint)) if each in _TYPES)
