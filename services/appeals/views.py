"""The read models of appeals: the worklist of appeals and proposals, and which cases the clock has to ask."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from appeals.clock import Tick, due_on, kind, next_alarm
from appeals.shortfall import missing
from appeals.state import Appeals
from event_log.protocol import RowsConnection
from service_kit.outcome import Outcome
from service_kit.tables import upsert
from therapy_domain.appeals.aggregation import Small
from therapy_domain.events.appeal import RemedyProposed
from therapy_domain.events.appeal_work import AppealFiled
from therapy_domain.rulesets import Ruleset

CHUNK = 500
NEVER = "9999-12-31"


class AppealRow(SQLModel, table=True):
    """One appeal as it stands. No patient data."""

    __tablename__ = "appeal"
    __table_args__ = (Index("appeal_due", "status", "sort_on"), Index("appeal_in_order", "sort_on", "claim_id"))

    appeal_id: str = Field(primary_key=True)
    case_id: str
    claim_id: str = Field(index=True)
    org: str
    payer_id: str
    number: int
    program: str
    level: int
    level_name: str
    against: str
    received_on: str
    file_by: str
    status: str
    """See appeals.state.Appeals.status."""
    outcome: str | None
    closed: str | None
    """Why no next level follows."""
    amount_cents: int
    controversy_cents: int | None
    required: str
    """What must be in controversy by year of filing, as a JSON object; null for a year without a published amount."""
    reasons: str
    """As a JSON array, as is `missing`."""
    taken_by: str | None
    filed_on: str | None
    decision_due: str | None
    overdue: bool
    """The reviewer's time to decide passed."""
    vacate_by: str | None
    missing: str
    version: int
    """Counts up with what changes where it stands or who has it."""
    sort_on: str
    """The day on which it asks for something: the decision's for what is filed, else the last day to file."""
    source: str


class RemedyRow(SQLModel, table=True):
    """One proposal to a person: a corrected claim, a reopening, a bill to the patient, a write-off. No patient data."""

    __tablename__ = "remedy"
    __table_args__ = (Index("remedy_due", "status", "sort_on"), Index("remedy_in_order", "sort_on", "claim_id"))

    item_id: str = Field(primary_key=True)
    kind: str
    ground: str | None
    """Of a reopening."""
    case_id: str
    claim_id: str = Field(index=True)
    org: str
    payer_id: str
    number: int
    remittance_id: str
    file_by: str | None
    status: str
    amount_cents: int
    reasons: str
    taken_by: str | None
    version: int
    sort_on: str
    source: str


class DeniedCase(SQLModel, table=True):
    """A case that a payer denied: whom its policies reach, and when the clock has something to say of it."""

    __tablename__ = "denied_case"
    __table_args__ = (Index("denied_case_of_payer", "org", "payer_id"), Index("denied_case_alarm", "alarm_on"))

    case_id: str = Field(primary_key=True)
    org: str
    payer_id: str
    alarm_on: str | None


TABLES: tuple[type[SQLModel], ...] = (AppealRow, RemedyRow, DeniedCase)


def show(outcome: Outcome, state: Appeals, rules: Ruleset, tick: Tick | None, payer_id: str) -> None:
    """The rows of one case."""
    if not state.denials:
        return
    for appeal in state.opened:
        outcome.show(upsert(AppealRow), _appeal_row(state, appeal, rules))
    for item in state.proposals:
        outcome.show(upsert(RemedyRow), _remedy_row(state, item))
    triaged = next(iter(state.denials.values())).event
    alarm = next_alarm(state, rules, tick)
    row = {"case_id": triaged.case_id, "org": triaged.org, "payer_id": payer_id, "alarm_on": _text(alarm)}
    outcome.show(upsert(DeniedCase), row)


def _appeal_row(state: Appeals, appeal: str, rules: Ruleset) -> dict[str, Any]:
    opened, concluded = state.opened[appeal].event, state.concluded.get(appeal)
    status, filing, due = state.status(appeal), state.filing(appeal), due_on(state, appeal, rules)
    turn = state.turns.get(appeal)
    filed = turn.event if turn is not None and isinstance(turn.event, AppealFiled) else None
    row = opened.model_dump(mode="json", include=set(AppealRow.model_fields))
    return row | {
        "number": _number(appeal),
        "status": status,
        "outcome": concluded.event.outcome if concluded else None,
        "closed": concluded.event.closed if concluded else None,
        "vacate_by": _text(concluded.event.vacate_by) if concluded and appeal not in state.vacating else None,
        "required": _json({str(each.year): each.amount_cents for each in opened.required}),
        "reasons": _json(opened.reasons),
        "taken_by": state.taken_by(appeal),
        "filed_on": _text(filing.on) if filing else None,
        "decision_due": _text(due),
        "overdue": due is not None and (appeal, due) in state.overdue,
        "missing": _json(missing(opened, status, filed)),
        "version": state.versions.get(appeal, 0),
        "sort_on": _text(due) or opened.file_by.isoformat(),
    }


def _remedy_row(state: Appeals, item: str) -> dict[str, Any]:
    proposal = state.proposals[item].event
    row = proposal.model_dump(mode="json", include=set(RemedyRow.model_fields))
    return row | {
        "item_id": item,
        "kind": kind(proposal),
        "ground": proposal.ground if isinstance(proposal, RemedyProposed) else None,
        "number": _number(item) if proposal.item_id else 0,
        "status": state.status(item),
        "reasons": _json(proposal.reasons),
        "taken_by": state.taken_by(item),
        "version": state.versions.get(item, 0),
        "sort_on": _text(proposal.file_by) or NEVER,
    }


class Wanted(NamedTuple):
    """Which rows of the worklist; None = whatever it is."""

    due_by: date | None = None
    """Only what is open or filed and asks for something by this day, with what is overdue."""
    taken_by: str | None = None
    claim_id: str | None = None


ALL = Wanted()


class Place(NamedTuple):
    """Where a row stands in the order of the worklist."""

    sort_on: str
    claim_id: str
    kind: str
    number: int


_COMMON = (
    *("case_id", "claim_id", "org", "payer_id", "number", "file_by", "status", "amount_cents", "reasons", "taken_by"),
    *("version", "sort_on", "source"),
)
_OF_APPEALS = (
    *("program", "level", "level_name", "against", "received_on", "outcome", "closed", "controversy_cents", "required"),
    *("filed_on", "decision_due", "overdue", "vacate_by", "missing"),
)
_OF_REMEDIES = ("ground", "remittance_id")
_NAMES = ("kind", "item_id", *_COMMON, *_OF_APPEALS, *_OF_REMEDIES)
_ORDER = "ORDER BY sort_on, claim_id, kind, number"


def worklist(
    connection: RowsConnection, wanted: Wanted = ALL, *, after: Place | None = None, limit: int | None = None
) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Appeals (`kind: "appeal"`) and proposals (`"corrected-claim"`, `"reopening"`, `"bill-patient"`,
    `"write-off-proposal"`), the most urgent first, each with its place in that order.

    Args:    after: only what comes behind this place. limit: at most so many.
    """
    appeals = ", ".join(("'appeal' AS kind", "appeal_id AS item_id", *_COMMON, *_OF_APPEALS, *map(_null, _OF_REMEDIES)))
    remedies = ", ".join(("kind", "item_id", *_COMMON, *map(_null, _OF_APPEALS), *_OF_REMEDIES))
    where, values = _asked(wanted, after, "'appeal'")
    also, more = _asked(wanted, after, "kind")
    select = (
        f"SELECT {', '.join(_NAMES)} FROM (SELECT {appeals} FROM appeal WHERE {where} "  # noqa: S608 -- our own words
        f"UNION ALL SELECT {remedies} FROM remedy WHERE {also}) AS work {_ORDER}"
    )
    if limit is not None:
        select, more = f"{select} LIMIT ?", [*more, limit]
    for row in connection.execute(select, (*values, *more)):
        yield _row(dict(zip(_NAMES, row, strict=True)))


def _null(name: str) -> str:
    return f"NULL AS {name}"


def _asked(wanted: Wanted, after: Place | None, kind: str) -> tuple[str, list[Any]]:
    """The condition on the rows of one table, in which `kind` stands for their kind, and its values."""
    asked: dict[str, tuple[Any, ...]] = {}
    if wanted.due_by is not None:
        asked["status IN ('open', 'filed') AND sort_on <= ?"] = (wanted.due_by.isoformat(),)
    if wanted.taken_by is not None:
        asked["taken_by = ?"] = (wanted.taken_by,)
    if wanted.claim_id is not None:
        asked["claim_id = ?"] = (wanted.claim_id,)
    if after is not None:
        asked[f"sort_on >= ? AND (sort_on, claim_id, {kind}, number) > (?, ?, ?, ?)"] = (after.sort_on, *after)
    return " AND ".join(asked) or "TRUE", [value for values in asked.values() for value in values]


def _row(row: dict[str, Any]) -> tuple[Place, dict[str, Any]]:
    place = Place(row["sort_on"], row["claim_id"], row["kind"], row["number"])
    is_appeal = row["kind"] == "appeal"
    shown = {name: value for name, value in row.items() if name not in ("sort_on", "number")}
    shown |= {
        "appeal_id": row["item_id"] if is_appeal else None,
        "reasons": orjson.loads(row["reasons"]),
        "required": orjson.loads(row["required"]) if is_appeal else {},
        "missing": orjson.loads(row["missing"]) if is_appeal else [],
        "overdue": bool(row["overdue"]),
        "file_by": row["file_by"],
    }
    return place, shown


def appeals_list(
    connection: RowsConnection, due_within: tuple[date, int] | None = None, *, claim_id: str | None = None
) -> list[dict[str, Any]]:
    """The whole worklist at once.

    Args:    due_within: a day and so many days after it: only what asks for something by then, with what is overdue.
             Without it: all, whatever their status. claim_id: of this claim only.
    """
    due_by = None if due_within is None else later(*due_within)
    return [row for _, row in worklist(connection, Wanted(due_by, claim_id=claim_id))]


def item_row(connection: RowsConnection, item_id: str) -> dict[str, Any] | None:
    """One appeal or proposal; None where there is none of that id."""
    claim_id, _, _ = item_id.rpartition("-")
    rows = (row for _, row in worklist(connection, Wanted(claim_id=claim_id)))
    return next((row for row in rows if row["item_id"] == item_id), None)


def as_listed(state: Appeals, item_id: str, rules: Ruleset) -> dict[str, Any]:
    """One appeal or proposal of a case as the worklist shows it, made from the case itself: never behind the log."""
    is_appeal = item_id in state.opened
    own = _appeal_row(state, item_id, rules) if is_appeal else _remedy_row(state, item_id)
    row = dict.fromkeys(_NAMES) | ({"kind": "appeal", "item_id": item_id} | own if is_appeal else own)
    return _row({name: row[name] for name in _NAMES})[1]


def too_small(connection: RowsConnection) -> list[Small]:
    """The open appeals whose level asks for an amount in controversy."""
    rows = connection.execute(
        "SELECT appeal_id, claim_id, org, level, reasons, controversy_cents, required, file_by FROM appeal "
        "WHERE status = 'open' AND required <> '{}' AND controversy_cents IS NOT NULL ORDER BY appeal_id"
    )
    return [
        Small(
            appeal,
            claim,
            org,
            level,
            tuple(orjson.loads(reasons)),
            controversy,
            {int(year): cents for year, cents in orjson.loads(required).items()},
            date.fromisoformat(file_by),
        )
        for appeal, claim, org, level, reasons, controversy, required, file_by in rows
    ]


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


def cases_of_payer(connection: RowsConnection, org: str, payer_id: str) -> list[str]:
    """The cases that a payer denied."""
    rows = connection.execute(
        "SELECT case_id FROM denied_case WHERE org = ? AND payer_id = ? ORDER BY case_id", (org, payer_id)
    )
    return [case for (case,) in rows]


def is_denied(connection: RowsConnection, case: str) -> bool:
    """Whether a payer denied the case."""
    return connection.execute("SELECT 1 FROM denied_case WHERE case_id = ?", (case,)).fetchone() is not None


def cases_with_alarm(connection: RowsConnection, today: date) -> list[str]:
    """The cases of which the clock has something to say on a day."""
    rows = connection.execute(
        "SELECT case_id FROM denied_case WHERE alarm_on <= ? ORDER BY alarm_on, case_id", (today.isoformat(),)
    )
    return [case for (case,) in rows]


def later(day: date, days: int) -> date:
    """So many days after a day; the calendar's last day where there is no such day."""
    return day + timedelta(days=days) if days <= (date.max - day).days else date.max


def _number(item_id: str) -> int:
    return int(item_id[item_id.rindex("-") + 2 :])


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _chunks(items: Iterable[str]) -> Iterator[list[str]]:
    whole = sorted(set(items))
    return (whole[start : start + CHUNK] for start in range(0, len(whole), CHUNK))
