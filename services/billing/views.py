"""The read models of billing: claim files that went out."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from event_log.protocol import RowsConnection


class ClaimFileRow(SQLModel, table=True):
    """One claim file."""

    __tablename__ = "claim_file"
    __table_args__ = (
        Index("claim_file_unwritten", "number", sqlite_where=text("NOT written"), postgresql_where=text("NOT written")),
    )

    number: int = Field(primary_key=True)
    org: str
    payer_id: str
    name: str
    sha256: str
    claims: int
    charge_cents: int
    exported_on: str
    exported_by: str
    written: bool
    """It lay whole in its directory once."""
    verdict: str | None
    """Of the latest 999 or TA1: `accepted` or `rejected`."""


TABLES: tuple[type[SQLModel], ...] = (ClaimFileRow,)


def unwritten(connection: RowsConnection) -> list[int]:
    """The claim files that are recorded and were never written whole, in order."""
    rows = connection.execute("SELECT number FROM claim_file WHERE NOT written ORDER BY number")
    return [number for (number,) in rows]


def claim_files(connection: RowsConnection) -> Iterator[dict[str, Any]]:
    """Every claim file, the latest first."""
    names = tuple(ClaimFileRow.model_fields)
    for values in connection.execute(f"SELECT {', '.join(names)} FROM claim_file ORDER BY number DESC"):  # noqa: S608 -- our own words
        row = dict(zip(names, values, strict=True))
        yield row | {"written": bool(row["written"])}


def claim_file(connection: RowsConnection, number: int) -> dict[str, Any] | None:
    """One claim file; None where there is none of that number."""
    names = tuple(ClaimFileRow.model_fields)
    found = connection.execute(f"SELECT {', '.join(names)} FROM claim_file WHERE number = ?", (number,)).fetchone()  # noqa: S608 -- the same
    return dict(zip(names, found, strict=True)) | {"written": bool(found[names.index("written")])} if found else None
