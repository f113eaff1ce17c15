"""What could not be processed, and what waits behind it: rows in the same transaction as the checkpoint."""

import hashlib
import traceback
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Field, SQLModel

from event_log.protocol import Recorded, RowsConnection
from service_kit.outcome import Outcome
from service_kit.tables import remove, upsert


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


def set_aside(
    service: str, case_key: str, rows: Sequence[Recorded], failed: Failure, now: datetime, *, before: int = 0
) -> Outcome:
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
        attempts=before + failed.attempts,
        failed_at=now.isoformat(),
    )
    outcome.show(upsert(DeadLetter), letter.model_dump())
    for row in rows:
        hold(outcome, service, case_key, row.position)
    return outcome


def hold(outcome: Outcome, service: str, case_key: str, position: int) -> None:
    """Let one more event wait behind a dead letter."""
    outcome.show(upsert(HeldEvent), {"service": service, "case_key": case_key, "position": position})


def released(service: str, case_key: str) -> Outcome:
    """The rows that let a case go on."""
    outcome = Outcome()
    outcome.show(remove(DeadLetter), {"id": dead_letter_id(service, case_key)})
    outcome.show(remove(HeldEvent, "service", "case_key"), {"service": service, "case_key": case_key})
    return outcome


def dead_letters(connection: RowsConnection, service: str | None = None) -> list[dict[str, Any]]:
    """All dead letters, or one service's, oldest event first, with how many events wait behind each."""
    of_service = "" if service is None else " WHERE d.service = ?"
    cursor = connection.execute(
        "SELECT d.id, d.service, d.case_key, d.event_id, d.event_type, d.position, d.error_type, d.reason,"  # noqa: S608 -- our own words
        " d.attempts, d.failed_at, (SELECT count(*) FROM held_event h WHERE h.service = d.service"
        f" AND h.case_key = d.case_key) AS waiting FROM dead_letter d{of_service} ORDER BY d.position, d.id",
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
