"""Look-ups: which cases a payer's policy reaches, and when a clinician was one-on-one with whom."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from event_log.protocol import RowsConnection
from service_kit.tables import row_key, short_key
from therapy_domain.identity import id_bytes, id_text


class CaseOfPayer(SQLModel, table=True):
    """One row a case: its payer and date of service."""

    __tablename__ = "case_of_payer"
    __table_args__ = {"sqlite_with_rowid": False}

    payer: int = Field(primary_key=True, sa_type=BigInteger)
    """Short key of the payer's stream."""
    day: int = Field(primary_key=True)
    """The date of service, as the number of days since the year 1."""
    case_id: bytes = Field(primary_key=True)

    @staticmethod
    def row(payer: str, day: date, case: str) -> dict[str, Any]:
        """What to write for a case of this payer's stream."""
        return {"payer": short_key(payer), "day": day.toordinal(), "case_id": id_bytes(case)}


def cases_of_payer(connection: RowsConnection, payer: str, first_day: date) -> Iterator[str]:
    """The cases of a payer with dates of service from that day on."""
    rows = connection.execute(
        "SELECT case_id FROM case_of_payer WHERE payer = ? AND day >= ? ORDER BY day, case_id",
        (short_key(payer), first_day.toordinal()),
    )
    return (id_text(case) for (case,) in rows)


class Engaged(NamedTuple):
    """From when to when a session held a clinician one-on-one [microseconds since the epoch]."""

    clinician: str
    """Unique in the installation."""
    begin: int
    end: int


class ClinicianTime(SQLModel, table=True):
    """A session held a clinician at some time. A changed session leaves its old time behind: a look finds too much.

    And it must: a count that looked at a session looks at it again when that holds the clinician no more.
    """

    __tablename__ = "clinician_time"
    __table_args__ = {"sqlite_with_rowid": False}

    clinician: int = Field(primary_key=True, sa_type=BigInteger)
    """Short key."""
    begin: int = Field(primary_key=True, sa_type=BigInteger)
    """Microseconds since the epoch."""
    end: int = Field(primary_key=True, sa_type=BigInteger)
    session: bytes = Field(primary_key=True)
    """Row key of the session's stream."""
    case_id: bytes

    @staticmethod
    def row(engaged: Engaged, session: str, case: str) -> dict[str, Any]:
        """What to write for a session's stream in a case."""
        return {
            "clinician": short_key(engaged.clinician),
            "begin": engaged.begin,
            "end": engaged.end,
            "session": row_key(session),
            "case_id": id_bytes(case),
        }


def engaged_meanwhile(connection: RowsConnection, engaged: Engaged, longest: int) -> Iterator[str]:
    """The cases whose sessions may have held the clinician at the same time.

    Args:    longest: no session that counts here is longer [microseconds].
    """
    rows = connection.execute(
        'SELECT case_id FROM clinician_time WHERE clinician = ? AND "begin" > ? AND "begin" < ? AND "end" > ?',
        (short_key(engaged.clinician), engaged.begin - longest, engaged.end, engaged.begin),
    )
    return (id_text(case) for (case,) in rows)
