"""The read models of appeals: the worklist of what to appeal and what to correct."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import orjson
from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from appeals.state import Appeals
from event_log.protocol import RowsConnection
from service_kit.outcome import Outcome
from service_kit.tables import upsert

CHUNK = 500


class AppealRow(SQLModel, table=True):
    """One appeal as it stands. No patient data."""

    __tablename__ = "appeal"
    __table_args__ = (Index("appeal_due", "status", "file_by"),)

    appeal_id: str = Field(primary_key=True)
    case_id: str
    claim_id: str = Field(index=True)
    org: str
    payer_id: str
    number: int
    level: int
    level_name: str
    received_on: str
    file_by: str
    status: str
    """`open`, `decided`, `settled` (the payer paid) or `moot` (the decision it went against was replaced)."""
    outcome: str | None
    amount_cents: int
    reasons: str
    """As a JSON array."""
    source: str


class CorrectionRow(SQLModel, table=True):
    """One corrected claim that a denial asks for. No patient data."""

    __tablename__ = "correction"
    __table_args__ = (Index("correction_due", "status", "file_by"),)

    denial: str = Field(primary_key=True)
    """The event id of the adjudication that asks for it."""
    case_id: str
    claim_id: str = Field(index=True)
    org: str
    payer_id: str
    remittance_id: str
    file_by: str | None
    status: str
    """`open`, or `settled` (the payer paid)."""
    amount_cents: int
    reasons: str
    source: str


TABLES: tuple[type[SQLModel], ...] = (AppealRow, CorrectionRow)


def show(outcome: Outcome, state: Appeals) -> None:
    """The rows of one case."""
    for number, (appeal, (_, opened)) in enumerate(state.opened.items(), start=1):
        concluded = state.concluded.get(appeal)
        row = opened.model_dump(mode="json", include=set(AppealRow.model_fields))
        row |= {
            "number": number,
            "status": state.status(appeal),
            "outcome": concluded.event.outcome if concluded else None,
            "reasons": orjson.dumps(opened.reasons).decode(),
        }
        outcome.show(upsert(AppealRow), row)
    for denial, (_, correction) in state.corrections.items():
        row = correction.model_dump(mode="json", include=set(CorrectionRow.model_fields))
        row |= {
            "denial": denial,
            "status": "settled" if denial in state.settled else "open",
            "reasons": orjson.dumps(correction.reasons).decode(),
        }
        outcome.show(upsert(CorrectionRow), row)


def appeals_list(
    connection: RowsConnection, due_within: tuple[date, int] | None = None, *, claim_id: str | None = None
) -> list[dict[str, Any]]:
    """The worklist: appeals (`kind: "appeal"`) and corrected claims (`"corrected-claim"`), most urgent first.

    Args:    due_within: a day and so many days after it: only what is open and due by then, with what is overdue
             (nobody has said that it lapsed). Without it: all, whatever their status.
             claim_id: of this claim only.
    """
    asked: dict[str, str] = {}
    if due_within is not None:
        asked["status = 'open' AND file_by <= ?"] = _later(*due_within).isoformat()
    if claim_id is not None:
        asked["claim_id = ?"] = claim_id
    rows = [
        *({"kind": "appeal", **row} for row in _rows(connection, AppealRow, asked)),
        *({"kind": "corrected-claim", **_NO_APPEAL, **row} for row in _rows(connection, CorrectionRow, asked)),
    ]
    rows.sort(key=_urgency)
    return rows


def appeals_of_claims(connection: RowsConnection, claim_ids: Collection[str]) -> dict[str, list[str]]:
    """The appeal ids of each of these claims, first appeal first; claims without one are not there."""
    found: dict[str, list[str]] = {}
    for chunk in _chunks(claim_ids):
        marks = ",".join("?" * len(chunk))
        for claim, appeal in connection.execute(
            f"SELECT claim_id, appeal_id FROM appeal WHERE claim_id IN ({marks}) ORDER BY claim_id, number",  # noqa: S608 -- marks only
            chunk,
        ):
            found.setdefault(claim, []).append(appeal)
    return found


def appeals_of_claim(connection: RowsConnection, claim_id: str) -> list[str]:
    """The appeal ids of one claim, first appeal first."""
    return appeals_of_claims(connection, (claim_id,)).get(claim_id, [])


def case_of_appeal(connection: RowsConnection, org: str, appeal_id: str) -> str | None:
    """The case of an appeal id in an organization; None where it is not open yet."""
    row = connection.execute("SELECT case_id FROM appeal WHERE appeal_id = ? AND org = ?", (appeal_id, org)).fetchone()
    return row[0] if row else None


_NO_APPEAL = {"appeal_id": None, "level": None, "level_name": None, "received_on": None, "outcome": None}
_HIDDEN = frozenset({"number", "denial"})


def _rows(connection: RowsConnection, model: type[SQLModel], asked: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    names = tuple(model.model_fields)
    where = f" WHERE {' AND '.join(asked)}" if asked else ""
    select = f"SELECT {', '.join(names)} FROM {model.__tablename__}{where}"  # noqa: S608 -- names and words of our own
    for values in connection.execute(select, tuple(asked.values())):
        row = {name: value for name, value in zip(names, values, strict=True) if name not in _HIDDEN}
        yield row | {"reasons": orjson.loads(row["reasons"])}


def _later(day: date, days: int) -> date:
    return day + timedelta(days=days) if days <= (date.max - day).days else date.max


def _urgency(row: dict[str, Any]) -> tuple[object, ...]:
    number = int(row["appeal_id"].rpartition("-A")[2]) if row["appeal_id"] else 0
    return (row["file_by"] is None, row["file_by"] or "", row["claim_id"], number, row.get("remittance_id") or "")


def _chunks(items: Iterable[str]) -> Iterator[list[str]]:
    whole = sorted(set(items))
    return (whole[start : start + CHUNK] for start in range(0, len(whole), CHUNK))
