"""The read models of claims: the claims themselves, and which cases a reference fact reaches."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from claim_validation.appealed import Appealed
from claim_validation.money import money
from claim_validation.submissions import Sent, payer_claim_number
from event_log.protocol import RowsConnection
from service_kit.tables import near_key, short_key
from therapy_domain.claims.told import told
from therapy_domain.events.claim import ClaimAdjudicated, ClaimAssessed
from therapy_domain.identity import id_bytes, id_text


class ClaimRow(SQLModel, table=True):
    """One claim as it stands. No patient data beyond the patient's id."""

    __tablename__ = "claim"
    __table_args__ = (
        Index("claim_by_day", "date_of_service", "claim_id"),
        Index(
            "claim_ready",
            "org",
            "payer_id",
            "date_of_service",
            sqlite_where=text("status = 'ready'"),
            postgresql_where=text("status = 'ready'"),
        ),
    )

    claim_id: str = Field(primary_key=True)
    case_id: str
    org: str
    clinic: str | None
    payer_id: str
    date_of_service: str
    status: str
    submitted: bool
    body: str
    """The claim as `claims --json` shows it, but for its appeals, as JSON."""


class DueClaim(SQLModel, table=True):
    """A claim that was sent and is to be sent anew. What was never sent is due while it is ready."""

    __tablename__ = "due_claim"

    claim_id: str = Field(primary_key=True)
    case_id: str
    org: str
    payer_id: str
    due: str
    """`again`, `replacement` or `void`; after a void claim also `original`."""


class CaseSubject(SQLModel, table=True):
    """A case names a subject: facts about it reach the case."""

    __tablename__ = "case_subject"
    __table_args__ = {"sqlite_with_rowid": False}

    subject: int = Field(primary_key=True, sa_type=BigInteger)
    """Key of the subject's stream, near those of its organization."""
    day: int = Field(primary_key=True)
    """The date of service, as the number of days since the year 1."""
    case_id: bytes = Field(primary_key=True)

    @staticmethod
    def row(subject: str, day: date, case: str) -> dict[str, Any]:
        """What to write for a case and the stream of a subject."""
        return {"subject": _key(subject), "day": day.toordinal(), "case_id": id_bytes(case)}


class ChartOfOrganization(SQLModel, table=True):
    """An organization's patients' charts: its fees reach their entries."""

    __tablename__ = "chart_of_organization"
    __table_args__ = {"sqlite_with_rowid": False}

    organization: int = Field(primary_key=True, sa_type=BigInteger)
    """Short key of the organization's stream."""
    chart: str = Field(primary_key=True)
    """The chart's stream."""

    @staticmethod
    def row(organization: str, chart: str) -> dict[str, Any]:
        """What to write for a chart and the stream of its organization."""
        return {"organization": short_key(organization), "chart": chart}


def charts_of(connection: RowsConnection, organization: str) -> list[str]:
    """The charts of an organization, by its stream."""
    asked = "SELECT chart FROM chart_of_organization WHERE organization = ? ORDER BY chart"
    return [chart for (chart,) in connection.execute(asked, (short_key(organization),))]


class PlanOfClinician(SQLModel, table=True):
    """The plans that a clinician certified or reported on: facts about the clinician reach their cases."""

    __tablename__ = "plan_of_clinician"
    __table_args__ = {"sqlite_with_rowid": False}

    clinician: int = Field(primary_key=True, sa_type=BigInteger)
    """Short key of the clinician's stream."""
    plan: str = Field(primary_key=True)
    """The plan's stream."""


def _key(subject: str) -> int:
    """Of a stream that begins with its kind and its organization."""
    return near_key(subject, subject.split("/", 2)[1])


def cases_of(connection: RowsConnection, subject: str, since: date = date.min, until: date = date.max) -> Iterator[str]:
    """The cases that name a subject, with dates of service from one day to another, both included."""
    rows = connection.execute(
        "SELECT DISTINCT day, case_id FROM case_subject WHERE subject IN (?, ?) AND day BETWEEN ? AND ? "
        "ORDER BY day, case_id",
        (_key(subject), short_key(subject), since.toordinal(), until.toordinal()),  # by the second: rows of old stores
    )
    return (id_text(case) for _, case in rows)


_ASKED_AT_ONCE = (1, 8, 64, 256)
"""Few different numbers of subjects a statement asks for: it is prepared once for each."""


@cache
def _asking(count: int) -> str:
    values = ", ".join(["(CAST(? AS INTEGER), CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT))"] * count)
    return (
        f"WITH asked(number, subject, first, last) AS (VALUES {values}) "  # noqa: S608 -- our own words
        "SELECT DISTINCT number, day, case_id FROM asked JOIN case_subject ON case_subject.subject = asked.subject "
        "AND day BETWEEN first AND last ORDER BY number, day, case_id"
    )


def cases_of_each(connection: RowsConnection, asked: Sequence[tuple[str, date, date]]) -> list[list[str]]:
    """`cases_of` for many (subject, first day, last day), in few queries."""
    found: list[list[str]] = [[] for _ in asked]
    numbered = [
        (number, key, first.toordinal(), last.toordinal())
        for number, (subject, first, last) in enumerate(asked)
        for key in (_key(subject), short_key(subject))  # the second: rows of old stores
    ]
    for start in range(0, len(numbered), _ASKED_AT_ONCE[-1]):
        part = numbered[start : start + _ASKED_AT_ONCE[-1]]
        count = next(size for size in _ASKED_AT_ONCE if size >= len(part))
        values = [value for each in part for value in each] + [0, 0, 1, 0] * (count - len(part))  # no day is in those
        for number, _, case in connection.execute(_asking(count), values):
            found[number].append(id_text(case))
    return found


def cases_of_clinician(connection: RowsConnection, clinician: str) -> Iterator[str]:
    """The cases whose sessions name a clinician, and those of the plans that name one."""
    key = short_key(clinician)
    plans = connection.execute("SELECT plan FROM plan_of_clinician WHERE clinician = ? ORDER BY plan", (key,))
    for subject in (clinician, *(plan for (plan,) in plans.fetchall())):
        yield from cases_of(connection, subject)


def case_of_claim(connection: RowsConnection, org: str, claim_id: str) -> str | None:
    """The case of a claim id in an organization; None where there is none yet."""
    row = connection.execute("SELECT case_id FROM claim WHERE claim_id = ? AND org = ?", (claim_id, org)).fetchone()
    return row[0] if row else None


NO_APPEALS = Appealed()
_PAID_STATUS = {"paid": "paid", "partial": "partially_paid", "denied": "denied"}


def status_of(
    assessed: ClaimAssessed,
    adjudicated: Sequence[ClaimAdjudicated] = (),
    appealed: Appealed = NO_APPEALS,
    sent: Sequence[Sent] = (),
) -> str:
    """The claim's status: the latest of what the payer said and what became of its appeals, then submission, then held
    or ready.

    What receivers said of a submission tells of that one alone: once the claim is sent anew it waits again.
    """
    said = [(answer.at, answer.basis, _PAID_STATUS[_outcome(answer, adjudicated)]) for answer in adjudicated]
    said += appealed.entries()
    last = sent[-1] if sent else None
    voided = last is not None and last.event.frequency == "8" and last.status != "rejected"
    if voided and sum(answer.paid_cents for answer in adjudicated) <= 0:
        return "void"
    if said:
        return max(said)[2]
    return last.status if last is not None else assessed.outcome


def _outcome(answer: ClaimAdjudicated, adjudicated: Sequence[ClaimAdjudicated]) -> str:
    """What a payment says of a claim that it answers in parts: paid or denied where all are, else in part."""
    parts = {
        other.outcome
        for other in adjudicated
        if answer.payment is not None
        and other.payment == answer.payment
        and not other.is_reversal
        and not answer.is_reversal
        and other.payer_claim_number != answer.payer_claim_number
    }
    return "partial" if parts - {answer.outcome} else answer.outcome


def claim_body(
    assessed: ClaimAssessed,
    adjudicated: Iterable[ClaimAdjudicated] = (),
    appealed: Appealed = NO_APPEALS,
    sent: Sequence[Sent] = (),
) -> dict[str, Any]:
    """The claim as `claims --json` shows it, without its appeals.

    What an appeal's decision promises counts as paid until a later remittance brings it.
    """
    answers = sorted(adjudicated, key=lambda answer: (answer.at, answer.basis))
    conclusions = appealed.standing()
    remitted_at = answers[-1].at if answers else None
    promised = [each for each in conclusions if remitted_at is None or each.at > remitted_at]
    paid = sum(answer.paid_cents for answer in answers) + sum(each.paid_cents or 0 for each in promised)
    lines = [line.model_dump(mode="json") for line in assessed.lines]
    charges = [line.charge_cents for line in assessed.lines]
    return {
        "claim_id": assessed.claim_id,
        "case_id": assessed.case_id,
        "org": assessed.org,
        "clinic": assessed.clinic,
        "session_ids": list(assessed.session_ids),
        "patient_id": assessed.patient_id,
        "payer_id": assessed.payer_id,
        "discipline": assessed.discipline,
        "date_of_service": assessed.date_of_service.isoformat(),
        "status": status_of(assessed, answers, appealed, sent),
        "lines": lines,
        "findings": [told(finding) for finding in assessed.findings],
        "charge_cents": None if None in charges else sum(charge or 0 for charge in charges),
        "paid_cents": paid if answers or conclusions else None,
        "money": money(assessed, answers, sent),
        "remittances": [_remittance(answer) for answer in answers],
        "submissions": [_submission(each) for each in sent],
        "payer_claim_number": payer_claim_number(sent, answers),
        "ruleset": assessed.ruleset,
    }


_TOLD = ("remittance_id", "outcome", "paid_cents", "received_on", "adjustments", "claim_status", "payer_claim_number")
_TOLD_MORE = ("submission", "patient_cents", "paid_lines", "payment")


def _remittance(answer: ClaimAdjudicated) -> dict[str, Any]:
    return answer.model_dump(mode="json", include={*_TOLD, *_TOLD_MORE})


def _submission(sent: Sent) -> dict[str, Any]:
    event = sent.event
    return {
        "submission": event.submission,
        "file": event.file,
        "frequency": event.frequency,
        "exported_on": event.exported_on.isoformat(),
        "charge_cents": event.charge_cents,
        "status": sent.status,
        "lines": [line.model_dump(mode="json") for line in event.lines],
        "acknowledgments": [
            answer.model_dump(mode="json", include={"kind", "verdict", "codes", "payer_claim_number", "source", "at"})
            for _, answer in sorted(sent.answers, key=lambda each: (each[1].at, each[0]))
        ],
    }
