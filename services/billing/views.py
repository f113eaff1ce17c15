"""The read models of billing: claim files that went out, payers' files that came in."""

from collections.abc import Iterator
from typing import Any

import orjson
from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from event_log.protocol import RowsConnection
from service_kit.tables import Statement, upsert
from therapy_domain.events.submission import AnswerFileTaken


class ClaimFileRow(SQLModel, table=True):
    """One claim file."""

    __tablename__ = "claim_file"
    __table_args__ = (
        Index("claim_file_unwritten", "number", sqlite_where=text("NOT written"), postgresql_where=text("NOT written")),
    )

    number: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
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


class AnswerFileRow(SQLModel, table=True):
    """One file of a payer that was taken in."""

    __tablename__ = "answer_file"
    __table_args__ = (Index("answer_file_by_day", "received_on", "sha256"),)

    sha256: str = Field(primary_key=True)
    kind: str
    name: str
    received_on: str
    matched: int
    repeated: int
    set_aside: int
    paid_cents: int
    payments: str
    """As a JSON array, with what lies between payer and provider."""


TABLES: tuple[type[SQLModel], ...] = (ClaimFileRow, AnswerFileRow)
Written = tuple[Statement, tuple[Any, ...]]


def answer_file_row(event: AnswerFileTaken) -> Written:
    """The row of a file that was taken in."""
    row = event.model_dump(mode="json", include=set(AnswerFileRow.model_fields))
    row["paid_cents"] = sum(payment.paid_cents for payment in event.payments)
    row["payments"] = orjson.dumps([payment.model_dump(mode="json") for payment in event.payments]).decode()
    statement = upsert(AnswerFileRow)
    return statement, statement.values(row)


def verdict_row(connection: RowsConnection, number: int, verdict: str) -> Written:
    """The row of a claim file with what its receiver said of it."""
    row = claim_file(connection, number)
    assert row is not None, "a recorded file has its row"
    statement = upsert(ClaimFileRow)
    return statement, statement.values(row | {"verdict": verdict})


def answer_files(connection: RowsConnection) -> Iterator[dict[str, Any]]:
    """Every payer's file that was taken in, the latest first."""
    names = tuple(AnswerFileRow.model_fields)
    select = f"SELECT {', '.join(names)} FROM answer_file ORDER BY received_on DESC, sha256"  # noqa: S608 -- our own words
    for values in connection.execute(select):
        row = dict(zip(names, values, strict=True))
        yield row | {"payments": orjson.loads(row["payments"])}


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
