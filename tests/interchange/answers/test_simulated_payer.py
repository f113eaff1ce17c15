"""The simulated payer decides the same for the same seed, pays or explains every cent, and does all that payers do."""

from collections import Counter
from dataclasses import replace
from datetime import date
from random import Random

import pytest

from interchange.remittance import ProviderAdjustment
from interchange.remittance.balance import check_claim, check_line
from interchange.simulated_payer import (
    CutUnits,
    Denial,
    Deny,
    Pay,
    Received,
    Split,
    acknowledge,
    adjudicate,
    correct,
    reverse,
    ruling_for,
    settle,
)
from support.answers import DENIALS, terms
from support.claims import plain_claim, professional_claims
from therapy_domain.rulesets.denials import denial_codes
from therapy_domain.rulesets.release import load

DAY = date(2026, 3, 20)
RECEIVED = Received("ICN1", DAY)
CLAIMS = list(professional_claims("payer", 300))


def test_the_same_seed_decides_the_same() -> None:
    decided = [ruling_for(claim, 1, DENIALS) for claim in CLAIMS]
    shuffled = Random(2).sample(CLAIMS, len(CLAIMS))
    assert {c.claim_id: ruling_for(c, 1, DENIALS) for c in shuffled} == dict(
        zip((c.claim_id for c in CLAIMS), decided, strict=True)
    )
    assert [ruling_for(claim, 2, DENIALS) for claim in CLAIMS] != decided


def test_it_pays_denies_cuts_and_splits() -> None:
    kinds = Counter(type(ruling_for(claim, 1, DENIALS)) for claim in CLAIMS)
    assert set(kinds) == {Pay, Deny, CutUnits, Split}
    assert 0.7 < kinds[Pay] / len(CLAIMS) < 0.9


def test_it_knows_every_reason_that_denies() -> None:
    known = {carc.code for carc in denial_codes(load()).carcs.values() if carc.denial}
    assert {denial.reason for denial in DENIALS} == known
    assert {denial.reason for denial in DENIALS if denial.reason in ("16", "96", "252") and not denial.remarks} == set()


@pytest.mark.parametrize("seed", range(3))
def test_every_cent_is_paid_or_explained(seed: int) -> None:
    for claim in CLAIMS:
        answers = adjudicate(claim, ruling_for(claim, seed, DENIALS), RECEIVED)
        assert sum(answer.charge_cents for answer in answers) == claim.charge_cents
        for answer in (*answers, *map(reverse, answers)):
            check_claim(answer)
            for number, line in enumerate(answer.lines, start=1):
                check_line(answer.claim_control_number, number, line, 0)


def test_the_deductible_is_taken_once() -> None:
    line = plain_claim().lines[0]
    claim = plain_claim(lines=(line, replace(line, control_number="L2")))
    (answer,) = adjudicate(claim, Pay(deductible_cents=8000), RECEIVED)
    taken = [one.cents for line in answer.lines for one in line.adjustments if one.reason == "1"]
    assert taken == [7020, 980]
    assert answer.patient_cents == sum(one.cents for one in answer.all_adjustments if one.group == "PR")


def test_sequestration_is_taken_from_the_payers_share() -> None:
    (answer,) = adjudicate(plain_claim(), Pay(sequestration_percent=2), RECEIVED)
    by_reason = {one.reason: one.cents for one in answer.all_adjustments}
    assert by_reason == {"45": 1980, "253": 112, "2": 1404}
    assert answer.paid_cents == 9000 - 1980 - 112 - 1404


def test_cut_units_are_told_with_their_number() -> None:
    (answer,) = adjudicate(plain_claim(), CutUnits(line=1, paid_units=1), RECEIVED)
    line = answer.lines[0]
    assert (line.units, line.submitted_units) == (1, 2)
    cut = line.adjustments[0]
    assert (cut.reason, cut.cents, cut.quantity) == ("151", 4500, 1)


def test_a_correction_takes_the_former_answer_back_first() -> None:
    claim = plain_claim()
    (former,) = adjudicate(claim, Pay(), RECEIVED)
    back, new = correct(former, claim, Deny(denial=Denial("CO", "50")), Received("ICN2", DAY))
    assert (back.status, new.status) == ("22", "4")
    assert former.paid_cents + back.paid_cents + new.paid_cents == 0
    assert back.original_number == "ICN1"


def test_remarks_of_the_claim_and_of_its_lines_stand_apart() -> None:
    (answer,) = adjudicate(plain_claim(), Deny(denial=Denial("CO", "16", ("MA130", "M53"))), RECEIVED)
    assert (answer.remarks, answer.lines[0].remarks) == (("MA130",), ("M53",))


def test_a_payment_below_zero_is_carried_over() -> None:
    of = terms([plain_claim()])
    recovered = ProviderAdjustment(of.payee.identifier, DAY, "WO", "OLD", 9000)
    payment = settle(of, 5000, (recovered,))
    assert (payment.paid_cents, payment.method) == (0, "NON")
    assert [(one.reason, one.cents) for one in payment.provider_adjustments] == [("WO", 9000), ("FB", -4000)]
    assert 5000 - sum(one.cents for one in payment.provider_adjustments) == payment.paid_cents


@pytest.mark.parametrize(("rejected", "verdict"), [({}, "A"), ({"0002": []}, "P"), ({"0001": [], "0002": []}, "R")])
def test_a_group_is_accepted_as_far_as_its_transactions_are(rejected: dict[str, list[object]], verdict: str) -> None:
    group = acknowledge("5", ["0001", "0002"], rejected)
    assert (group.verdict, group.accepted) == (verdict, 2 - len(rejected))
