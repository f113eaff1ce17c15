"""Which cases a payer's policy reaches."""

from collections.abc import Iterator
from datetime import date

from sqlmodel import Field, SQLModel

from event_log.protocol import RowsConnection


class CaseOfPayer(SQLModel, table=True):
    """One row a case: its payer and date of service."""

    __tablename__ = "case_of_payer"

    payer: str = Field(primary_key=True)
    """The payer's stream."""
    date_of_service: str = Field(primary_key=True)
    case_id: str = Field(primary_key=True)


def cases_of_payer(connection: RowsConnection, payer: str, first_day: date) -> Iterator[str]:
    """The cases of a payer with dates of service from that day on."""
    rows = connection.execute(
        "SELECT case_id FROM case_of_payer WHERE payer = ? AND date_of_service >= ? ORDER BY date_of_service, case_id",
        (payer, first_day.isoformat()),
    )
    return (case for (case,) in rows)
