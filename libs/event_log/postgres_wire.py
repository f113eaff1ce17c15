"""Arrays in PostgreSQL's binary format, straight to and from libpq.

The driver adapts each list in Python, at several microseconds a list: for the one call that every commit makes, with
its 25 arguments, that was a third of its price.
"""

from collections.abc import Sequence
from itertools import chain
from struct import Struct
from typing import Any

import psycopg
from psycopg import pq
from psycopg.errors import error_from_result

INT4, INT8, TEXT, BYTEA, BOOL = 23, 20, 25, 17, 16
ARRAY_OF = {INT4: 1007, INT8: 1016, TEXT: 1009, BYTEA: 1001}
"""The types' numbers, which never change."""

_HEAD = Struct(">iiiii")
"""Dimensions, whether there may be nulls, type of the elements, how many, number of the first."""
_NONE = Struct(">iii")
_LENGTH = Struct(">i")
_INT4 = Struct(">ii")
_INT8 = Struct(">iq")
_NULL = _LENGTH.pack(-1)
_EMPTY = {kind: _NONE.pack(0, 0, kind) for kind in ARRAY_OF}
_ONE = {kind: _HEAD.pack(1, 1, kind, 1, 1) for kind in ARRAY_OF}
"""How arrays of nothing, and of one, begin: most commits are small."""


def ints(values: Sequence[int]) -> bytes:
    """int4[] without nulls."""
    if len(values) == 1:
        return _ONE[INT4] + _INT4.pack(4, values[0])
    return _array(INT4, len(values), [_INT4.pack(4, value) for value in values])


def bigints(values: Sequence[int | None]) -> bytes:
    """int8[]."""
    return _array(INT8, len(values), [_NULL if value is None else _INT8.pack(8, value) for value in values])


def texts(values: Sequence[str | None]) -> bytes:
    """text[]. Raises: ValueError: a text that PostgreSQL cannot hold."""
    encoded = [None if value is None else value.encode() for value in values]
    for value in encoded:
        if value and b"\0" in value:
            raise ValueError("PostgreSQL holds no text with a NUL character")
    return _measured(TEXT, encoded)


def blobs(values: Sequence[bytes | None]) -> bytes:
    """bytea[]."""
    return _measured(BYTEA, values)


def bigint(value: int) -> bytes:
    """int8."""
    return value.to_bytes(8, "big", signed=True)


def _measured(kind: int, values: Sequence[bytes | None]) -> bytes:
    if len(values) == 1:
        (value,) = values
        return _ONE[kind] + (_NULL if value is None else _LENGTH.pack(len(value)) + value)
    length = _LENGTH.pack
    parts = [(_NULL, b"") if value is None else (length(len(value)), value) for value in values]
    return _array(kind, len(values), chain.from_iterable(parts))


def _array(kind: int, count: int, parts: Any) -> bytes:
    if not count:
        return _EMPTY[kind]
    return (_ONE[kind] if count == 1 else _HEAD.pack(1, 1, kind, count, 1)) + b"".join(parts)


def numbers(raw: bytes | None) -> list[int | None]:
    """An int4[] or int8[]."""
    found: list[int | None] = []
    at = _HEAD.size
    while raw is not None and at < len(raw):
        (length,) = _LENGTH.unpack_from(raw, at)
        at += 4
        if length < 0:
            found.append(None)
        else:
            found.append(int.from_bytes(raw[at : at + length], "big", signed=True))
            at += length
    return found


def flags(raw: bytes | None) -> list[bool]:
    """A bool[] without nulls."""
    return [] if raw is None else [byte == 1 for byte in raw[_HEAD.size + 4 :: 5]]


class Prepared:
    """One statement, prepared once a connection, run with values in their binary form."""

    def __init__(self, name: bytes, statement: bytes, kinds: Sequence[int]) -> None:
        self._name, self._statement, self._kinds = name, statement, kinds
        self._formats = [1] * len(kinds)
        self._prepared_on: pq.abc.PGconn | None = None

    def row(self, connection: "psycopg.Connection[Any]", values: Sequence[bytes | None]) -> list[bytes | None]:
        """Its one row. Raises: psycopg.Error."""
        wire = connection.pgconn
        if self._prepared_on is not wire:
            _checked(wire.prepare(self._name, self._statement, self._kinds), connection)
            self._prepared_on = wire
        given: Any = values  # None is a value, though the annotation does not say so
        try:
            result = _checked(wire.exec_prepared(self._name, given, self._formats, 1), connection)
        except psycopg.errors.InvalidSqlStatementName:
            self._prepared_on = None  # somebody had the server forget all statements: the next call prepares it again
            raise
        return [result.get_value(0, column) for column in range(result.nfields)]


def _checked(result: pq.abc.PGresult, connection: "psycopg.Connection[Any]") -> pq.abc.PGresult:
    if result.status in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
        return result
    if connection.pgconn.status == pq.ConnStatus.BAD:
        raise psycopg.OperationalError("the connection broke")
    raise error_from_result(result, encoding=connection.info.encoding)
