"""An answer in an 835 becomes the contract's event, one a claim, with its money and its reasons."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from interchange.remittance import Adjustment, ClaimPayment, open_remittance
from interchange.remittance.facts import outcome, remittance_received
from interchange.simulated_payer import CutUnits, Denial, Deny, Pay, Received, Ruling, adjudicate, reverse
from support.answers import DENIALS, ENVELOPE, remittance, terms
from support.claims import plain_claim, professional_claims
from therapy_domain.rulesets.denials import denial_codes
from therapy_domain.rulesets.release import load

CODES = denial_codes(load())
DAY = date(2026, 3, 20)
CLAIM = plain_claim()
TWO_LINES = replace(CLAIM, lines=(CLAIM.lines[0], replace(CLAIM.lines[0], control_number="L2")))


def answer(ruling: Ruling, claim: object = TWO_LINES) -> ClaimPayment:
    return adjudicate(claim, ruling, Received("ICN1", DAY))[0]


@pytest.mark.parametrize(
    ("ruling", "expected"),
    [
        (Pay(), "paid"),
        (Pay(deductible_cents=10**9), "paid"),
        (Pay(sequestration_percent=2), "paid"),
        (Deny(denial=Denial("CO", "50")), "denied"),
        (Deny(denial=Denial("CO", "50"), lines=frozenset({2})), "partial"),
        (Deny(denial=Denial("CO", "50"), lines=frozenset({1, 2})), "denied"),
        (CutUnits(line=1, paid_units=1), "partial"),
        (Deny(denial=Denial("PR", "119")), "denied"),
    ],
)
def test_the_outcome_is_told_by_the_reasons(ruling: Ruling, expected: str) -> None:
    assert outcome(answer(ruling), CODES) == expected


def test_a_denied_line_that_also_lost_to_the_contract_is_denied() -> None:
    line = replace(
        answer(Pay(), CLAIM).lines[0],
        paid_cents=0,
        adjustments=(Adjustment("CO", "45", 3000), Adjustment("CO", "50", 6000)),
    )
    assert outcome(replace(answer(Pay(), CLAIM), paid_cents=0, lines=(line,)), CODES) == "denied"


def test_what_is_taken_back_is_denied_and_adds_up_to_nothing() -> None:
    paid = answer(Pay())
    back = reverse(paid)
    assert outcome(back, CODES) == "denied"
    assert back.paid_cents + paid.paid_cents == 0


@pytest.mark.parametrize("denial", DENIALS)
def test_every_denial_of_the_table_makes_an_event(denial: Denial) -> None:
    claim = answer(Deny(denial=denial))
    payment = terms([CLAIM])
    event = remittance_received(payment, claim, lines={1: 2}, received_on=DAY, codes=CODES)
    assert (event.outcome, event.paid_cents, event.notice_date) == ("denied", 0, payment.produced_on)
    assert [(one.group, one.carc, one.amount_cents, one.line) for one in event.adjustments] == [
        (denial.group, denial.reason, 9000, None),
        (denial.group, denial.reason, 9000, 2),
    ]
    assert set(denial.remarks) <= set(event.adjustments[0].rarcs)


def test_every_claim_of_a_payment_has_an_id_of_its_own() -> None:
    answered = remittance(list(professional_claims("facts", 20)), 1)
    other = remittance(list(professional_claims("other facts", 3)), 2, ENVELOPE._replace(control_number=9))

    def ids(raw: bytes) -> list[str]:
        read = open_remittance(io.BytesIO(raw)).claims()
        return [remittance_received(*one, lines={}, received_on=DAY, codes=CODES).remittance_id for one in read]

    alone = ids(answered.raw)
    assert len(set(alone)) == len(alone) == len(answered.claims)
    assert ids(other.raw + answered.raw)[-len(alone) :] == alone  # the same payment in another file


def test_an_adjustment_of_the_claim_belongs_to_no_line() -> None:
    claim = replace(answer(Pay()), adjustments=(Adjustment("OA", "23", 5, Decimal(1)),))
    event = remittance_received(terms([CLAIM]), claim, lines={}, received_on=DAY, codes=CODES)
    assert (event.adjustments[0].carc, event.adjustments[0].line) == ("23", None)
