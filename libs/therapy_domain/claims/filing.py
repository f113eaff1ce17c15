"""TFL-001: by when a claim must be filed, seen from the case's own today; the export asks again on its day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from therapy_domain.appeals.deadlines import filing_deadline, payer_filing_deadline
from therapy_domain.claims.registry import SERVICE_DATE, Fault, rule
from therapy_domain.claims.visit import Visit
from therapy_domain.rulesets.payers import PayerPolicy

NEAR = 30
"""Where no more than so many days are left, they are told [days]."""


@dataclass(frozen=True, slots=True)
class Timely:
    """How a claim stands on one day to the last day for filing it."""

    last_day: date
    days_left: int
    """0 on the last day itself, below 0 after it [days]."""

    @property
    def late(self) -> bool:
        """Whether the last day has passed."""
        return self.days_left < 0


def timely(date_of_service: date, policy: PayerPolicy, on: date) -> Timely:
    """Whether a claim filed on a day is in time: by the payer's own count of days, else one calendar year.

    Source:  payer contracts; for Medicare 42 CFR 424.44, CMS Pub. 100-04, chapter 1, section 70.
    """
    days = policy.timely_filing_days
    last = filing_deadline(date_of_service) if days is None else payer_filing_deadline(date_of_service, days)
    return Timely(last, (last - on).days)


@rule(
    "TFL-001",
    severity="deny",
    source="Payer contracts; for Medicare 42 CFR 424.44, CMS Pub. 100-04, chapter 1, section 70",
    fix="File with the proof of an exception to the limit, or write the claim off.",
    place=SERVICE_DATE,
)
def the_claim_is_filed_in_time(visit: Visit) -> Iterator[Fault]:
    """The last day for filing has not passed; what the payer answered already was filed."""
    if visit.policy is None or not visit.lines.lines or visit.case.remittances:
        return
    found = timely(visit.on, visit.policy, visit.today)
    fields = ("opened.date_of_service",)
    if found.late:
        yield Fault(f"the last day for filing was {found.last_day}; the latest fact is of {visit.today}", None, fields)
    elif found.days_left <= NEAR:
        told = f"the last day for filing is {found.last_day}; on {visit.today} {found.days_left} days are left"
        yield Fault(told, None, fields, severity="advice", fix="File it first.")
