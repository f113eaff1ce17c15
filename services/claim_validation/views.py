"""The read models of claims: the claims themselves, and which cases a reference fact reaches."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from event_log.protocol import RowsConnection
from service_kit.tables import short_key
from therapy_domain.claims.told import told
from therapy_domain.events.appeal import AppealConcluded
from therapy_domain.events.claim import ClaimAdjudicated, ClaimAssessed
from therapy_domain.identity import id_bytes, id_text


class ClaimRow(SQLModel, table=True):
    """One claim as it stands. No patient data beyond the patient's id."""

    __tablename__ = "claim"
    __table_args__ = (Index("claim_by_day", "date_of_service", "claim_id"),)

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


class CaseSubject(SQLModel, table=True):
    """A case names a subject: facts about it reach the case."""

    __tablename__ = "case_subject"
    __table_args__ = {"sqlite_with_rowid": False}

    subject: int = Field(primary_key=True, sa_type=BigInteger)
    """Short key of the subject's stream."""
    day: int = Field(primary_key=True)
    """The date of service, as the number of days since the year 1."""
    case_id: bytes = Field(primary_key=True)

    @staticmethod
    def row(subject: str, day: date, case: str) -> dict[str, Any]:
        """What to write for a case and the stream of a subject."""
        return {"subject": short_key(subject), "day": day.toordinal(), "case_id": id_bytes(case)}


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


def cases_of(connection: RowsConnection, subject: str, since: date = date.min, until: date = date.max) -> Iterator[str]:
    """The cases that name a subject, with dates of service from one day to another, both included."""
    rows = connection.execute(
        "SELECT case_id FROM case_subject WHERE subject = ? AND day BETWEEN ? AND ? ORDER BY day, case_id",
        (short_key(subject), since.toordinal(), until.toordinal()),
    )
    return (id_text(case) for (case,) in rows)


def case_of_claim(connection: RowsConnection, org: str, claim_id: str) -> str | None:
    """The case of a claim id in an organization; None where there is none yet."""
    row = connection.execute("SELECT case_id FROM claim WHERE claim_id = ? AND org = ?", (claim_id, org)).fetchone()
    return row[0] if row else None


_PAID_STATUS = {"paid": "paid", "partial": "partially_paid", "denied": "denied"}


def status_of(
    assessed: ClaimAssessed,
    adjudicated: Iterable[ClaimAdjudicated] = (),
    concluded: Iterable[AppealConcluded] = (),
) -> str:
    """The claim's status: the payer's latest fact wins, then held or ready."""
    said = [(answer.at, answer.basis, _PAID_STATUS[answer.outcome]) for answer in adjudicated]
    said += [(conclusion.at, conclusion.basis, _after_appeal(conclusion)) for conclusion in concluded]
    return max(said)[2] if said else assessed.outcome


def _after_appeal(conclusion: AppealConcluded) -> str:
    match conclusion.outcome:
        case "overturned":
            return "paid"
        case "partly":
            return "partially_paid"
        case _:
            return "denied" if conclusion.next_level_by is not None else "closed"


def claim_body(
    assessed: ClaimAssessed,
    adjudicated: Iterable[ClaimAdjudicated] = (),
    concluded: Iterable[AppealConcluded] = (),
) -> dict[str, Any]:
    """The claim as `claims --json` shows it, without its appeals.

    What an appeal's decision promises counts as paid until a later remittance brings it.
    """
    answers = sorted(adjudicated, key=lambda answer: (answer.at, answer.basis))
    conclusions = sorted(concluded, key=lambda conclusion: (conclusion.at, conclusion.basis))
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
        "status": status_of(assessed, answers, conclusions),
        "lines": lines,
        "findings": [told(finding) for finding in assessed.findings],
        "charge_cents": None if None in charges else sum(charge or 0 for charge in charges),
        "paid_cents": paid if answers or conclusions else None,
        "remittances": [
            {
                "remittance_id": answer.remittance_id,
                "outcome": answer.outcome,
                "paid_cents": answer.paid_cents,
                "received_on": answer.received_on.isoformat(),
                "adjustments": [item.model_dump(mode="json") for item in answer.adjustments],
            }
            for answer in answers
        ],
        "ruleset": assessed.ruleset,
    }
