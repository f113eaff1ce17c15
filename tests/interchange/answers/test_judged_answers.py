"""pyx12 4.0.0 finds nothing wrong with the answers of our simulated payer: they are what a payer would send."""

import pytest

from interchange.simulated_payer import Deny, Received, adjudicate
from interchange.x12.values import amount_text
from support.answers import DENIALS, acknowledgment, remittance, status
from support.claims import professional_claims
from support.judges import pyx12_errors


@pytest.mark.parametrize("seed", range(3))
def test_a_remittance_is_valid(seed: int) -> None:
    assert pyx12_errors(remittance(list(professional_claims(f"835 {seed}", 40)), seed).raw.decode()) == []


@pytest.mark.parametrize("seed", range(3))
def test_a_claim_acknowledgment_is_valid(seed: int) -> None:
    assert pyx12_errors(status(list(professional_claims(f"277 {seed}", 40))).raw.decode()) == []


def test_an_acknowledgment_is_valid() -> None:
    assert pyx12_errors(acknowledgment().raw.decode()) == []


def test_the_judge_does_find_faults() -> None:
    text = remittance(list(professional_claims("faults", 3)), 1).raw.decode()
    for old, new in (("NM1*QC*1", "NM1*QC*7"), ("CAS*CO*45*", "CAS*CO*45*x"), ("PER*BL**TE*8005550100~", "")):
        assert old in text
        assert pyx12_errors(text.replace(old, new, 1))


def test_every_denial_of_the_table_is_a_reason_that_a_payer_may_give() -> None:
    claims = list(professional_claims("denials", len(DENIALS)))
    for claim, denial in zip(claims, DENIALS, strict=True):
        (answer,) = adjudicate(claim, Deny(denial=denial), Received("ICN1", claim.lines[0].service_date))
        assert (answer.status, answer.paid_cents) == ("4", 0)
        taken = sum(adjustment.cents for adjustment in answer.all_adjustments)
        assert amount_text(taken) == amount_text(claim.charge_cents)
