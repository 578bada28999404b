"""Statements of SQLAlchemy Core as asyncpg takes them: text that was compiled once, and values in order."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cached_property, lru_cache
from typing import Any, Final, Generic, TypeVar, overload

from sqlalchemy import (
    Column,
    ColumnElement,
    Dialect,
    FromClause,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    make_url,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql.dml import UpdateBase

__all__ = ["Statement", "combined", "given", "quoted", "rows_given"]

Entity = TypeVar("Entity")

_NUMBERED: Final = re.compile(r"\$(\d+)")


class Statement(Generic[Entity]):
    """Run by asyncpg itself, since SQLAlchemy would spend a tenth of a millisecond on each execution.

    Parameters are those of the Core statement, by name. Values go as asyncpg takes them, so JSON as text. A
    row becomes ``entity(*row)``; if that is a dataclass, the columns must be its fields, in their order.
    """

    @overload
    def __init__(self: "Statement[Any]", statement: Any) -> None: ...

    @overload
    def __init__(self, statement: Any, entity: Callable[..., Entity]) -> None: ...

    def __init__(self, statement: Any, entity: Callable[..., Any] | None = None) -> None:
        self._statement = statement
        self._entity = entity

    @property
    def table(self) -> Any:
        """What it writes to; None for one that reads."""
        return self._statement.table if isinstance(self._statement, UpdateBase) else None

    @cached_property
    def text(self) -> str:
        """SQL with ``$1``, ``$2`` and so on, each cast to its type."""
        return str(self._compiled)

    @cached_property
    def _compiled(self) -> Any:
        compiled = self._statement.compile(dialect=_dialect())
        if compiled.post_compile_params:
            raise TypeError("asyncpg takes no lists that are part of the text: write any_() instead of in_()")
        if is_dataclass(self._entity):
            expected = [field.name for field in fields(self._entity)]
            if (found := list(self._statement.exported_columns.keys())) != expected:
                raise TypeError(f"the columns {found} are not the fields {expected}")
        return compiled

    @cached_property
    def _names(self) -> Sequence[str]:
        return tuple(self._compiled.positiontup or ())

    @cached_property
    def _constants(self) -> Mapping[str, Any]:
        binds = self._compiled.binds
        return {name: binds[name].effective_value for name in self._names if not binds[name].required}

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in their order; raises KeyError for a parameter without one."""
        if self._constants:
            values = {**self._constants, **values}
        return [values[name] for name in self._names]

    def entities(self, rows: Sequence[Any]) -> list[Entity]:
        """What rows of asyncpg stand for."""
        entity = self._entity
        return list(rows) if entity is None else [entity(*row) for row in rows]


@lru_cache(maxsize=256)
def combined(statements: Sequence[Statement[Any]]) -> str:
    """Several statements that write as one, whose parameters are those of all, one after another.

    They see the database as it was before, not what the others do, so no two may write to the same table.
    """
    *former, last = _numbered_through(statements)
    if not former:
        return last
    return f"WITH {', '.join(f'write_{n} AS ({text})' for n, text in enumerate(former))} {last}"


def _numbered_through(statements: Sequence[Statement[Any]]) -> list[str]:
    texts, before = [], 0
    for statement in statements:
        shift = before
        texts.append(_NUMBERED.sub(lambda found: f"${int(found[1]) + shift}", statement.text))  # noqa: B023
        before += len(statement._names)
    return texts


def given(*columns: Column[Any]) -> dict[str, ColumnElement[Any]]:
    """Values for an INSERT or UPDATE: a parameter per column, named like it."""
    return {each.name: bindparam(each.name, type_=each.type) for each in columns}


def rows_given(table: Table, *names: str) -> Select[Any]:
    """Many rows at once, in their order: each parameter is the list of the values of the column of its name.

    JSON goes as text, since an array of lists would be taken for an array of more dimensions.
    """
    types = {name: _as_item(table.c[name].type) for name in names}
    new = (
        func.unnest(*(bindparam(name, type_=ARRAY(each)) for name, each in types.items()))
        .table_valued(*(column(name, each) for name, each in types.items()), with_ordinality="place")
        .render_derived("new")
    )
    return select(*(_as_column(new, table.c[name]) for name in names)).order_by(new.c.place)


def _as_item(type_: Any) -> Any:
    return Text() if isinstance(type_, JSONB) else type_


def _as_column(new: FromClause, target: Column[Any]) -> ColumnElement[Any]:
    return cast(new.c[target.name], target.type) if isinstance(target.type, JSONB) else new.c[target.name]


def quoted(table: Table) -> str:
    """The name of a table as SQL writes it."""
    return _dialect().identifier_preparer.format_table(table)


@lru_cache(maxsize=1)
def _dialect() -> Dialect:
    return make_url("postgresql+asyncpg://").get_dialect()()
