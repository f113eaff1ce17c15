"""Read models are SQLModel tables; their writes are Core statements, compiled once, run by executemany."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Table, delete
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql import bindparam
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import SQLModel

from service_kit.errors import RowMoved

_DIALECT = sqlite.dialect(paramstyle="qmark")


@dataclass(frozen=True, eq=False)
class Statement:
    """A compiled write: its SQL, the order of its values, and how each is turned into what SQLite stores."""

    sql: str
    names: tuple[str, ...]
    converters: tuple[Callable[[Any], Any] | None, ...] = field(repr=False)
    exact: bool = False
    """Each execution must touch one row: else somebody changed it, and nothing of the transaction may stay."""

    def values(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """The row's values in the statement's order, absent ones NULL."""
        return tuple(
            row.get(name) if convert is None else convert(row.get(name))
            for name, convert in zip(self.names, self.converters, strict=True)
        )


def table_of(model: type[SQLModel]) -> Table:
    """The Core table of a SQLModel class."""
    table = model.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
    assert isinstance(table, Table)
    return table


def compiled(clause: Any, table: Table, *, exact: bool = False) -> Statement:
    """A write of one row, its bound values named as the columns, those of its WHERE with `key_` before."""
    made = clause.compile(dialect=_DIALECT)
    assert isinstance(made, SQLCompiler)
    assert made.positiontup is not None
    names = tuple(made.positiontup)
    converters = tuple(table.c[name.removeprefix("key_")].type.bind_processor(_DIALECT) for name in names)
    return Statement(str(made), tuple(name.removeprefix("key_") for name in names), converters, exact)


@cache
def upsert(model: type[SQLModel]) -> Statement:
    """Insert a row, or replace what stands under its primary key."""
    table = table_of(model)
    keys = [column.name for column in table.primary_key]
    clause = insert(table).values({column.name: bindparam(column.name) for column in table.columns})
    others = {column.name: clause.excluded[column.name] for column in table.columns if column.name not in keys}
    if others:
        return compiled(clause.on_conflict_do_update(index_elements=keys, set_=others), table)
    return compiled(clause.on_conflict_do_nothing(), table)


@cache
def remove(model: type[SQLModel], *by: str) -> Statement:
    """Delete the rows whose columns `by` have the values given; by the primary key when none are named."""
    table = table_of(model)
    names = by or tuple(column.name for column in table.primary_key)
    clause = delete(table)
    for name in names:
        clause = clause.where(table.c[name] == bindparam(f"key_{name}", type_=table.c[name].type))
    return compiled(clause, table)


def create_tables(*models: type[SQLModel]) -> Callable[[sqlite3.Connection], None]:
    """What makes these tables and their indexes, where they are not there yet."""

    def create(connection: sqlite3.Connection) -> None:
        for model in models:
            table = table_of(model)
            connection.execute(str(CreateTable(table, if_not_exists=True).compile(dialect=_DIALECT)))
            for index in table.indexes:
                connection.execute(str(CreateIndex(index, if_not_exists=True).compile(dialect=_DIALECT)))

    return create


class RowWrites:
    """Rows to write, one executemany a statement, in the order statements first came. Can travel to other processes."""

    def __init__(self, rows: Iterable[tuple[Statement, tuple[Any, ...]]]) -> None:
        gathered: dict[str, list[tuple[Any, ...]]] = {}
        exact: set[str] = set()
        for statement, values in rows:
            gathered.setdefault(statement.sql, []).append(values)
            if statement.exact:
                exact.add(statement.sql)
        self._gathered, self._exact = gathered, exact

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Write them. Raises: RowMoved: a row that must be there in a certain state is not."""
        for statement, values in self._gathered.items():
            touched = connection.executemany(statement, values).rowcount
            if statement in self._exact and touched != len(values):
                raise RowMoved
