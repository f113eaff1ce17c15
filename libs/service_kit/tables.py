"""Read models are SQLModel tables; their writes are Core statements, compiled once, run by executemany.

The same model is a table on SQLite and on PostgreSQL; what differs is settled here, once.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from typing import Any, Literal

from sqlalchemy import Dialect, Integer, Table, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql import bindparam
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from event_log.protocol import RowsConnection
from service_kit.errors import RowMoved

DialectName = Literal["sqlite", "postgresql"]
_DIALECTS: dict[DialectName, Dialect] = {
    "sqlite": sqlite.dialect(paramstyle="qmark"),
    "postgresql": postgresql.dialect(paramstyle="qmark"),  # type: ignore[no-untyped-call]  # its __init__ has no types
}
Converter = Callable[[Any], Any]


@compiles(AutoString, "postgresql")
def _text(_type: AutoString, _compiler: Any, **_: Any) -> str:
    """Texts are compared byte by byte, as on SQLite, whatever the database's language: lists have one fixed order."""
    return 'TEXT COLLATE "C"'


@compiles(Integer, "postgresql")
def _integer(_type: Integer, _compiler: Any, **_: Any) -> str:
    """Whole numbers have 64 bits, as on SQLite."""
    return "BIGINT"


def dialect_of(connection: RowsConnection) -> DialectName:
    """Which kind of database a connection is of."""
    return "sqlite" if isinstance(connection, sqlite3.Connection) else "postgresql"


class Statement:
    """A compiled write, and the order of its values. The SQL is the same on both databases, what is stored may differ.

    It travels to other processes as the call that made it.
    """

    def __init__(
        self,
        sql: str,
        table: Table,
        names: tuple[str, ...],
        made_by: tuple[Callable[..., Any], Any],
        *,
        exact: bool = False,
    ) -> None:
        """`exact`: each execution must touch one row; else somebody changed it, and its transaction is refused."""
        self.sql, self.names, self.exact, self._made_by = sql, names, exact, made_by
        self._converters = {name: _converters(table, names, dialect) for name, dialect in _DIALECTS.items()}

    def values(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """The row's values in the statement's order, absent ones NULL."""
        return tuple([row.get(name) for name in self.names])

    def stored(self, rows: list[tuple[Any, ...]], dialect: DialectName) -> list[tuple[Any, ...]]:
        """Rows of such values as that database stores them."""
        converters = self._converters[dialect]
        if not converters:
            return rows
        return [
            tuple([converters[at](value) if at in converters else value for at, value in enumerate(row)])
            for row in rows
        ]

    def __reduce__(self) -> tuple[Callable[..., Any], Any]:
        return self._made_by


def _converters(table: Table, names: tuple[str, ...], dialect: Dialect) -> dict[int, Converter]:
    """By place in the statement, for values that are not stored as they are."""
    made = (table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names)
    return {at: convert for at, convert in enumerate(made) if convert is not None}


@lru_cache(maxsize=16_384)
def short_key(text: str) -> int:
    """A text as a number of 63 bits, for look-up rows: small ones stay together in memory where long ones do not.

    Two texts may come to one number: such a look-up finds too much, never too little.
    """
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


@lru_cache(maxsize=16_384)
def near_key(text: str, owner: str) -> int:
    """The same for rows of many owners: those of one owner stand near each other, however many others have.

    Each page that a commit changes is written twice; rows spread over all that is there take a page each.
    """
    of_owner = hashlib.blake2b(owner.encode(), digest_size=2).digest()
    return int.from_bytes(of_owner + hashlib.blake2b(text.encode(), digest_size=6).digest(), "big") >> 1


def row_key(text: str) -> bytes:
    """A text as 16 bytes, for rows that stand for one thing each: two texts do not meet in one."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def table_of(model: type[SQLModel]) -> Table:
    """The Core table of a SQLModel class."""
    table = model.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
    assert isinstance(table, Table)
    return table


_KEY = "key_"
"""Before the names of a deletion's values: Core keeps the columns' own names for what is set."""


def compiled(clause: Any, table: Table, *made_by: Any, exact: bool = False) -> Statement:
    """A write of one row; its bound values are named as the columns, those of its WHERE with `key_` before.

    Args:    made_by: the function that makes the statement, and its arguments.
    """
    made = clause.compile(dialect=_DIALECTS["sqlite"])
    assert isinstance(made, SQLCompiler)
    assert made.positiontup is not None
    names = tuple(name.removeprefix(_KEY) for name in made.positiontup)
    return Statement(str(made), table, names, (made_by[0], made_by[1:]), exact=exact)


@cache
def upsert(model: type[SQLModel]) -> Statement:
    """Insert a row, or replace what stands under its primary key."""
    table = table_of(model)
    keys = [column.name for column in table.primary_key]
    clause = insert(table).values({column.name: bindparam(column.name) for column in table.columns})
    others = {column.name: clause.excluded[column.name] for column in table.columns if column.name not in keys}
    if others:
        return compiled(clause.on_conflict_do_update(index_elements=keys, set_=others), table, upsert, model)
    return compiled(clause.on_conflict_do_nothing(), table, upsert, model)


@cache
def remove(model: type[SQLModel], *by: str) -> Statement:
    """Delete the rows whose columns `by` have the values given; by the primary key when none are named."""
    table = table_of(model)
    clause = delete(table)
    for name in by or tuple(column.name for column in table.primary_key):
        clause = clause.where(table.c[name] == bindparam(f"{_KEY}{name}", type_=table.c[name].type))
    return compiled(clause, table, remove, model, *by)


def create_tables(*models: type[SQLModel]) -> Callable[[RowsConnection], None]:
    """What makes these tables and their indexes, where they are not there yet."""

    def create(connection: RowsConnection) -> None:
        dialect = _DIALECTS[dialect_of(connection)]
        for model in models:
            table = table_of(model)
            connection.execute(str(CreateTable(table, if_not_exists=True).compile(dialect=dialect)))
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                connection.execute(str(CreateIndex(index, if_not_exists=True).compile(dialect=dialect)))

    return create


class RowWrites:
    """Rows to write, one executemany a statement, in the order statements first came. Can travel to other processes."""

    def __init__(self, rows: Iterable[tuple[Statement, tuple[Any, ...]]]) -> None:
        gathered: dict[Statement, list[tuple[Any, ...]]] = {}
        for statement, values in rows:
            gathered.setdefault(statement, []).append(values)
        self._gathered = gathered

    def __call__(self, connection: RowsConnection) -> None:
        """Write them. Raises: RowMoved: a row that must be there in a certain state is not."""
        dialect = dialect_of(connection)
        for statement, rows in self._gathered.items():
            stored = statement.stored(rows, dialect)
            if statement.exact:
                _write_exactly(connection, statement.sql, stored)
            else:
                connection.executemany(statement.sql, stored)


def _write_exactly(connection: RowsConnection, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
    for row in rows:
        if connection.execute(sql, row).rowcount != 1:
            raise RowMoved
