"""Connections to PostgreSQL: how they are made, what their errors mean, and rows in the common SQL."""

import os
import re
import select
import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cache
from itertools import islice
from typing import Any, NoReturn

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus

from event_log.errors import DiskFull, LogBusy, LogError, LogUnavailable, LogUnreachable, RowsEndedTransaction

Connection = psycopg.Connection[tuple[Any, ...]]
Cursor = psycopg.Cursor[tuple[Any, ...]]

SCHEMA = "claimtrail"
ROWS_AT_ONCE = 500
"""At most so many values go out before an answer is awaited: without a bound both sides can wait for each other."""

_SETTINGS = {
    "search_path": SCHEMA,
    "statement_timeout": "60s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "10s",  # who was cut off or frozen must not hold its locks for long
    "idle_session_timeout": "30s",  # nor its place on the server: it cannot say goodbye, and comes back by another way
    "client_connection_check_interval": "5s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "jit": "off",  # every statement here is short
}
_DEFAULTS = {
    "application_name": "claimtrail",
    "connect_timeout": "8",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
"""A path to the server that swallows everything is noticed within about ten seconds."""


def name_of(url: str) -> str:
    """The database in words, without user or password."""
    parts = conninfo_to_dict(url)
    host = parts.get("host") or parts.get("hostaddr") or "local socket"
    return f"PostgreSQL database {parts.get('dbname') or 'postgres'} on {host}:{parts.get('port') or 5432}"


def connect(url: str, *, read_only: bool = False) -> Connection:
    """A connection in autocommit, its time limits set.

    Raises: LogUnreachable, LogUnavailable.
    """
    settings = _SETTINGS | ({"default_transaction_read_only": "on"} if read_only else {})
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    try:
        given = conninfo_to_dict(url)
        asked = f"{options} {given.pop('options', '') or ''}".strip()
        return psycopg.connect(make_conninfo("", **{**_DEFAULTS, **given, "options": asked}), autocommit=True)
    except psycopg.Error as error:
        raise LogUnreachable(f"{name_of_any(url)} cannot be reached: {_first_line(error)}") from error


def usable(connection: Connection) -> bool:
    """Whether an idle connection can be used: there is nothing to read from it, unless the server ended it."""
    if connection.closed or connection.broken:
        return False
    asked = select.poll()
    asked.register(connection, select.POLLIN)
    return not asked.poll(0)


def cut(connection: Connection) -> None:
    """End a connection from another thread than the one that waits for an answer on it: that one is told so."""
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)


def end(connection: Connection) -> None:
    """Close a connection that another thread may use just now: that one is told so.

    The driver frees what the other thread still reads; the process would die of it.
    """
    if not connection.lock.acquire(blocking=False):
        cut(connection)
        return
    try:
        connection.close()
    finally:
        connection.lock.release()


def name_of_any(url: str) -> str:
    """The same, also of a text that is no database URL."""
    try:
        return name_of(url)
    except psycopg.Error:
        return "the database"


def _first_line(error: psycopg.Error) -> str:
    said = error.diag.message_primary or str(error).strip().partition("\n")[0]
    return re.sub(r"(password|user)\s*=\s*\S+", r"\1=…", said) or type(error).__name__


_BUSY = ("40001", "40P01", "53300", "55P03", "57014")
"""Serialization, deadlock, too many connections, lock and statement timeouts."""
_GONE = ("08", "57P", "25P03", "25P04")
"""Connections that failed or were idle too long; a server that stops, starts or was killed."""


def typed(error: psycopg.Error, database: str) -> LogError | psycopg.Error:
    """Our error for one of PostgreSQL's; one that a statement itself is to blame for stays as it is.

    Never with the server's details: they quote the values of rows.
    """
    state = error.sqlstate or ""
    said = _first_line(error)
    if state in _BUSY:
        return LogBusy(f"{database} is held by others ({said}); try again")
    if state == "53100":
        return DiskFull(f"{database} has no room to write ({said}); nothing was written, make room and try again")
    if state.startswith(_GONE) or (not state and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)):
        return LogUnreachable(f"{database} cannot be reached: {said}")
    if state.startswith(("28", "53", "58", "XX")) or state in ("25006", "42501", "55000"):
        return LogUnavailable(f"{database} cannot be used: {said}")
    return error


def passes_at_once(error: BaseException) -> bool:
    """Whether the same transaction begun again may well go through: what was in the way, now is not."""
    return isinstance(
        error if isinstance(error, psycopg.Error) else error.__cause__,
        psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure | psycopg.errors.InvalidSqlStatementName,
    )


def raise_typed(error: psycopg.Error, database: str) -> NoReturn:
    """Raise what it means; the error itself when it is the statement's own fault."""
    told = typed(error, database)
    if told is error:
        raise error
    raise told from error


_ENDS_TRANSACTION = re.compile(r"\s*(begin|start|commit|end|rollback|abort|savepoint|release)\b", re.IGNORECASE)


@cache
def translated(statement: str) -> bytes:
    """The common SQL as psycopg takes it: marks `%s` for `?`. There is no `?` in our texts but as a mark.

    Raises: RowsEndedTransaction.
    """
    if _ENDS_TRANSACTION.match(statement):
        raise RowsEndedTransaction
    return statement.replace("%", "%%").replace("?", "%s").encode()


class PostgresRows:
    """See protocol.RowsConnection.

    Args:    connected: gives the connection to use: the calling thread's, or the one of a writer's transaction.
             in_transaction: begin a transaction before the first statement, which somebody else ends.
    """

    def __init__(self, connected: Callable[[], Connection], database: str, *, in_transaction: bool = False) -> None:
        self._connected, self._database, self._in_transaction = connected, database, in_transaction

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> Cursor:
        """See protocol.RowsConnection. Raises: LogUnreachable and the like; the statement's own error."""
        query = translated(statement)
        try:
            return self._cursor().execute(query, values, prepare=True)
        except psycopg.Error as error:
            raise_typed(error, self._database)

    def executemany(self, statement: str, values: Iterable[Sequence[Any]], /) -> Cursor:
        """See protocol.RowsConnection. Raises: as execute."""
        query = translated(statement)
        left = iter(values)
        try:
            cursor = self._cursor()
            while part := list(islice(left, ROWS_AT_ONCE)):
                cursor.executemany(query, part)
        except psycopg.Error as error:
            raise_typed(error, self._database)
        return cursor

    def _cursor(self) -> Cursor:
        connection = self._connected()
        if self._in_transaction and connection.info.transaction_status == TransactionStatus.IDLE:
            connection.execute(b"BEGIN")
        return connection.cursor(binary=True)
