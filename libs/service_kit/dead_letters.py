"""What could not be processed, and what waits behind it: rows in the same transaction as the checkpoint."""

import hashlib
import traceback
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import delete, literal_column, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.sql import bindparam
from sqlmodel import Field, SQLModel

from event_log.protocol import Recorded, RowsConnection
from service_kit.outcome import Outcome
from service_kit.tables import Statement, compiled, remove, table_of, upsert


class DeadLetter(SQLModel, table=True):
    """A case a service could not process: one row a service and case."""

    __tablename__ = "dead_letter"

    id: str = Field(primary_key=True)
    service: str
    case_key: str
    event_id: str
    """Of the event whose work failed."""
    event_type: str
    position: int
    error_type: str
    reason: str
    attempts: int
    failed_at: str
    waiting: int
    """How many events wait. Whoever adds one or lets them go changes this very row: none is left behind."""
    copied: int = 0
    """1 = told to the dead-letter topic."""


class HeldEvent(SQLModel, table=True):
    """An event that waits: the failed one itself, and every later one of the same case."""

    __tablename__ = "held_event"

    service: str = Field(primary_key=True)
    case_key: str = Field(primary_key=True)
    position: int = Field(primary_key=True)


TABLES: tuple[type[SQLModel], ...] = (DeadLetter, HeldEvent)


class Failure(NamedTuple):
    """Work that raised: what, where in the code, after how many attempts. Never the message of a foreign error."""

    error_type: str
    reason: str
    attempts: int


def failure(error: Exception, attempts: int) -> Failure:
    """The facts of an exception without the values in it: they may be about a patient."""
    where = traceback.extract_tb(error.__traceback__)
    place = f"{where[-1].filename.rsplit('/', 1)[-1]}:{where[-1].lineno} in {where[-1].name}" if where else "?"
    code = getattr(error, "code", None)
    said = f"{code}: " if isinstance(code, str) else ""
    return Failure(type(error).__name__, f"{said}{type(error).__name__} at {place}", attempts)


def dead_letter_id(service: str, case_key: str) -> str:
    """The id of a service's dead letter for a case: 12 hexadecimal digits."""
    return hashlib.sha256(f"{service}\0{case_key}".encode()).hexdigest()[:12]


def set_aside(service: str, case_key: str, rows: Sequence[Recorded], failed: Failure, now: datetime) -> Outcome:
    """The rows that hold a case back: its dead letter and the events that wait."""
    outcome = Outcome()
    first = rows[0]
    letter = DeadLetter(
        id=dead_letter_id(service, case_key),
        service=service,
        case_key=case_key,
        event_id=first.event_id.hex(),
        event_type=first.type,
        position=first.position,
        error_type=failed.error_type,
        reason=failed.reason,
        attempts=failed.attempts,
        failed_at=now.isoformat(),
        waiting=len(rows),
    )
    outcome.show(_set_aside(), letter.model_dump())
    for row in rows:
        _keep(outcome, service, case_key, row.position)
    return outcome


def hold(outcome: Outcome, service: str, case_key: str, position: int) -> None:
    """Let one more event wait behind a dead letter; RowMoved in the transaction when the letter is gone."""
    outcome.show(_one_more(), {"id": dead_letter_id(service, case_key)})
    _keep(outcome, service, case_key, position)


def _keep(outcome: Outcome, service: str, case_key: str, position: int) -> None:
    outcome.show(upsert(HeldEvent), {"service": service, "case_key": case_key, "position": position})


def failed_again(service: str, case_key: str, waiting: int, failed: Failure, now: datetime, *, before: int) -> Outcome:
    """The rows of a dead letter whose work failed once more, after `before` attempts; RowMoved as `released`."""
    outcome = Outcome()
    outcome.show(
        _failed_again(),
        {
            "id": dead_letter_id(service, case_key),
            "waiting": waiting,
            "error_type": failed.error_type,
            "reason": failed.reason,
            "attempts": before + failed.attempts,
            "failed_at": now.isoformat(),
            "copied": 0,
        },
    )
    return outcome


def released(service: str, case_key: str, waiting: int) -> Outcome:
    """The rows that let a case go on; RowMoved in the transaction when not just these `waiting` events wait by then."""
    outcome = Outcome()
    outcome.show(_release(), {"id": dead_letter_id(service, case_key), "waiting": waiting})
    outcome.show(remove(HeldEvent, "service", "case_key"), {"service": service, "case_key": case_key})
    return outcome


@cache
def _set_aside() -> Statement:
    """A new dead letter; where two copies fail on one case at once, what waits behind either waits behind both."""
    table = table_of(DeadLetter)
    clause = insert(table).values({column.name: bindparam(column.name) for column in table.columns})
    more = {"waiting": table.c.waiting + clause.excluded.waiting, "copied": clause.excluded.copied}
    return compiled(clause.on_conflict_do_update(index_elements=["id"], set_=more), table, _set_aside)


@cache
def _one_more() -> Statement:
    table = table_of(DeadLetter)
    clause = update(table).values(waiting=literal_column("waiting + 1")).where(table.c.id == bindparam("key_id"))
    return compiled(clause, table, _one_more, exact=True)


@cache
def _failed_again() -> Statement:
    table = table_of(DeadLetter)
    told = ("error_type", "reason", "attempts", "failed_at", "copied")
    clause = update(table).values({name: bindparam(name) for name in told}).where(*_as_known())
    return compiled(clause, table, _failed_again, exact=True)


@cache
def _release() -> Statement:
    table = table_of(DeadLetter)
    return compiled(delete(table).where(*_as_known()), table, _release, exact=True)


def _as_known() -> tuple[Any, ...]:
    table = table_of(DeadLetter)
    return table.c.id == bindparam("key_id"), table.c.waiting == bindparam("key_waiting")


def dead_letters(connection: RowsConnection, service: str | None = None) -> list[dict[str, Any]]:
    """All dead letters, or one service's, oldest event first, with how many events wait behind each."""
    of_service = "" if service is None else " WHERE d.service = ?"
    cursor = connection.execute(
        "SELECT d.id, d.service, d.case_key, d.event_id, d.event_type, d.position, d.error_type, d.reason,"  # noqa: S608 -- our own words
        f" d.attempts, d.failed_at, d.waiting FROM dead_letter d{of_service} ORDER BY d.position, d.id",
        () if service is None else (service,),
    )
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def held_positions(connection: RowsConnection, service: str, case_key: str) -> list[int]:
    """The log positions of the events that wait, in order."""
    cursor = connection.execute(
        "SELECT position FROM held_event WHERE service = ? AND case_key = ? ORDER BY position",
        (service, case_key),
    )
    return [position for (position,) in cursor]
