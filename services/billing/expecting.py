"""What claims should bring beside what they brought: by the fee tables of the release in force. Nothing is stored."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import orjson

from claim_validation.state import FACTS
from claim_validation.views import cases_of
from service_kit.reading import Reader
from therapy_domain.events.claim import Adjustment, ClaimLine
from therapy_domain.events.reference import OrganizationConfigured
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import claim_id
from therapy_domain.payment.claims import ClaimOfDay, Expected, expect
from therapy_domain.payment.model import LineEstimate
from therapy_domain.payment.variance import Variance, variance
from therapy_domain.policies import resolve_policy
from therapy_domain.rulesets import Ruleset
from therapy_domain.rulesets.payers import PayerPolicy
from therapy_domain.streams import subject_stream

Body = Mapping[str, Any]
VOID = "8"


class _Day(NamedTuple):
    """Whose claims are paid together: one practice's, one patient's and one payer's of a day."""

    org: str
    patient_id: str
    payer_id: str
    date_of_service: str


class Expectations:
    """What each claim should bring, by a release of the rules."""

    def __init__(self, read: Reader, rules: Ruleset) -> None:
        self._read, self._rules = read, rules

    def beside(self, bodies: Sequence[Body]) -> Iterator[dict[str, Any]]:
        """Each claim, with what it should bring and what the payment differs by.

        Args:    bodies: as the read model has them.
        """
        days: dict[_Day, Expected] = {}
        for body in bodies:
            day = _Day(*(body[name] for name in _Day._fields))
            policy = self._policy(day)
            place = body["clinic"]
            if day not in days:
                days[day] = self._expected(day, policy, place)
            yield {**body, **_told(body, days[day], policy)}

    def _policy(self, day: _Day) -> PayerPolicy | None:
        published = self._read.fold(subject_stream("payer", day.org, day.payer_id), FACTS).state
        on = date.fromisoformat(day.date_of_service)
        return resolve_policy(day.payer_id, on, published, self._rules)[0]

    def _expected(self, day: _Day, policy: PayerPolicy | None, clinic: str | None) -> Expected:
        on, state = date.fromisoformat(day.date_of_service), self._state(day.org, clinic)
        nothing = expect((), policy, on, state, self._rules)
        if nothing.estimate is None:
            return nothing
        claims = [ClaimOfDay(body["claim_id"], tuple(_billed(body))) for body in self._of_day(day)]
        return expect(claims, policy, on, state, self._rules)

    def _of_day(self, day: _Day) -> Iterable[Body]:
        """All claims of the day that are paid together."""
        rows, on = self._read.rows(), date.fromisoformat(day.date_of_service)
        for case in cases_of(rows, subject_stream("patient", day.org, day.patient_id), on, on):
            row = rows.execute("SELECT body FROM claim WHERE claim_id = ?", (claim_id(case),)).fetchone()
            body = orjson.loads(row[0]) if row else None
            if body is not None and body["payer_id"] == day.payer_id:
                yield body

    def _state(self, org: str, clinic: str | None) -> str | None:
        """Where the practice is: the clinic's address, else the organization's."""
        facts: SubjectFacts = self._read.fold(subject_stream("organization", org, org), FACTS).state
        said = [fact.event for fact in facts.standing() if isinstance(fact.event, OrganizationConfigured)]
        if not said:
            return None
        places = [place.address for place in said[-1].clinics if place.id == clinic and place.address is not None]
        return (places or [said[-1].address])[0].state


def _billed(body: Body) -> Iterator[ClaimLine]:
    """The lines that the payer has, or will get; none of a claim that is void."""
    sent = body["submissions"][-1] if body["submissions"] else None
    if body["status"] == "void" or (sent is not None and sent["frequency"] == VOID):
        return
    for line in sent["lines"] if sent is not None else body["lines"]:
        told = {name: line[name] for name in ("line", "code", "units", "charge_cents")}
        yield ClaimLine(**told, modifiers=tuple(line["modifiers"]), minutes=line.get("minutes", 0))


def _told(body: Body, day: Expected, policy: PayerPolicy | None) -> dict[str, Any]:
    claim, money = body["claim_id"], body["money"]
    paid = {line["line"]: line for line in money["lines"]} if money is not None else {}
    tolerance = policy.variance_tolerance_cents if policy is not None else 0
    lines = day.lines(claim)
    whole = _variance(lines, day, money, tolerance)
    return {
        "expected_cents": day.cents(claim),
        "variance_cents": whole.difference_cents if whole is not None and whole.comparable else None,
        "expected": {
            "cents": day.cents(claim),
            "patient_cents": day.patient_cents(claim),
            "reason": day.reason,
            "variance": whole.text if whole is not None else None,
            "lines": [_line(each, day, paid.get(each.billed.line), tolerance) for each in lines],
        },
    }


def _line(line: LineEstimate, day: Expected, paid: Body | None, tolerance: int) -> dict[str, Any]:
    found = _variance((line,), day, paid, tolerance)
    known = line.rate is not None
    return {
        "line": line.billed.line,
        "allowed_cents": line.allowed_cents if known else None,
        "paid_cents": line.paid_cents if known else None,
        "patient_cents": line.patient_cents if known else None,
        "variance_cents": found.difference_cents if found is not None and found.comparable else None,
        "variance": found.text if found is not None else None,
    }


def _variance(lines: Sequence[LineEstimate], day: Expected, money: Body | None, tolerance: int) -> Variance | None:
    """What a payment differs by; None where there is none, or it does not tell the line apart."""
    if day.estimate is None or not lines or money is None or money["paid_cents"] is None:
        return None
    adjustments = list(_adjustments(money))
    return variance(lines, day.estimate, money["paid_cents"], adjustments=adjustments, tolerance_cents=tolerance)


def _adjustments(money: Body) -> Iterator[Adjustment]:
    """Of a claim those of all its lines, of a line its own."""
    for line in money.get("lines", (money,)):
        for each in line["adjustments"]:
            yield Adjustment(**{**each, "rarcs": tuple(each["rarcs"])}, line=line["line"])
