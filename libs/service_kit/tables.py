"""Read models are SQLModel tables; their writes are Core statements, compiled once, run by executemany."""

import hashlib
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

_DIALECT = sqlite.dialect(paramstyle="qmark")


@dataclass(frozen=True, eq=False)
class Statement:
    """A compiled write: its SQL, the order of its values, and how each is turned into what SQLite stores."""

    sql: str
    names: tuple[str, ...]
    converters: tuple[Callable[[Any], Any] | None, ...] = field(repr=False)

    def values(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """The row's values in the statement's order, absent ones NULL."""
        return tuple(
            row.get(name) if convert is None else convert(row.get(name))
            for name, convert in zip(self.names, self.converters, strict=True)
        )


def short_key(text: str) -> int:
    """A text as a number of 63 bits, for look-up rows: small ones stay together in memory where long ones do not.

    Two texts may come to one number: such a look-up finds too much, never too little.
    """
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def row_key(text: str) -> bytes:
    """A text as 16 bytes, for rows that stand for one thing each: two texts do not meet in one."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def table_of(model: type[SQLModel]) -> Table:
    """The Core table of a SQLModel class."""
    table = model.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
    assert isinstance(table, Table)
    return table


def _compiled(clause: Any, table: Table) -> Statement:
    compiled = clause.compile(dialect=_DIALECT)
    assert isinstance(compiled, SQLCompiler)
    assert compiled.positiontup is not None
    names = tuple(compiled.positiontup)
    converters = tuple(table.c[name.removeprefix("key_")].type.bind_processor(_DIALECT) for name in names)
    return Statement(str(compiled), names, converters)


@cache
def upsert(model: type[SQLModel]) -> Statement:
    """Insert a row, or replace what stands under its primary key."""
    table = table_of(model)
    keys = [column.name for column in table.primary_key]
    clause = insert(table).values({column.name: bindparam(column.name) for column in table.columns})
    others = {column.name: clause.excluded[column.name] for column in table.columns if column.name not in keys}
    if others:
        return _compiled(clause.on_conflict_do_update(index_elements=keys, set_=others), table)
    return _compiled(clause.on_conflict_do_nothing(), table)


@cache
def remove(model: type[SQLModel], *by: str) -> Statement:
    """Delete the rows whose columns `by` have the values given; by the primary key when none are named."""
    table = table_of(model)
    names = by or tuple(column.name for column in table.primary_key)
    clause = delete(table)
    for name in names:
        clause = clause.where(table.c[name] == bindparam(f"key_{name}", type_=table.c[name].type))
    statement = _compiled(clause, table)
    return Statement(statement.sql, tuple(name.removeprefix("key_") for name in statement.names), statement.converters)


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
        for statement, values in rows:
            gathered.setdefault(statement.sql, []).append(values)
        self._gathered = gathered

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Write them."""
        for statement, values in self._gathered.items():
            connection.executemany(statement, values)
