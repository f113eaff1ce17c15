"""What a claim should bring beside what it brought: by imported fees, over the patient's day; no invented price."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from billing.expecting import Expectations
from interchange.professional import ProfessionalClaim
from interchange.simulated_payer import Denial, Deny, Pay
from suite.installation import Installation
from support.billing import ADDRESS, CLEAN, claims_in, paid, remittance, sent, taken
from support.made_release import with_table
from support.store import claims, send
from support.visits import reference, visit
from therapy_domain.rulesets import Ruleset, load

FEES = (
    "carrier,locality,code,fee_cents,reduction_cents,status,indicator\n"
    "15202,00,97112,5000,1000,A,5\n15202,00,97110,4000,500,A,5\n15202,00,97140,4000,500,A,5\n"
    "15202,00,97530,6000,2000,A,5\n"
)


@pytest.fixture(scope="module")
def fees() -> Ruleset:
    return with_table("fees", FEES, date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
def claim(store: Installation, outbox: Path) -> ProfessionalClaim:
    send(store, CLEAN)
    (only,) = claims_in(sent(store, outbox))
    return only


def told(store: Installation, rules: Ruleset) -> Any:
    (body,) = Expectations(store.read, rules).beside(claims(store))
    return body


def test_without_a_fee_table_nothing_is_expected_and_the_reason_is_told(
    store: Installation, claim: ProfessionalClaim
) -> None:
    body = told(store, load())
    assert (body["expected_cents"], body["variance_cents"], body["expected"]["lines"]) == (None, None, [])
    assert "no fee table" in body["expected"]["reason"]


def test_of_a_payer_whose_rates_nobody_told_nothing_is_expected(
    store: Installation, outbox: Path, fees: Ruleset
) -> None:
    send(store, [*reference(payer="commercial-cms", address=ADDRESS), *visit(payer="commercial-cms")])
    assert told(store, fees)["expected_cents"] is None
    assert "only Medicare's fee schedule" in told(store, fees)["expected"]["reason"]


def test_before_the_payer_answers_the_lines_have_what_they_should_bring(
    store: Installation, claim: ProfessionalClaim, fees: Ruleset
) -> None:
    body = told(store, fees)
    lines = body["expected"]["lines"]
    assert body["expected_cents"] == sum(line["paid_cents"] for line in lines) > 0
    assert body["variance_cents"] is None
    assert [line["line"] for line in lines] == [line["line"] for line in body["lines"]]


def test_a_denial_is_the_whole_amount_less_and_said_to_be_one(
    store: Installation, claim: ProfessionalClaim, fees: Ruleset
) -> None:
    answers = paid([claim], Deny(denial=Denial("CO", "50", ("N115",))))
    assert taken(store, "835", remittance([claim], answers)).clean
    body = told(store, fees)
    assert body["variance_cents"] == -body["expected_cents"]
    assert "denied" in body["expected"]["variance"]
    assert {line["variance_cents"] for line in body["expected"]["lines"]} == {
        -line["paid_cents"] for line in body["expected"]["lines"]
    }


def test_each_line_differs_by_what_it_was_paid_less(
    store: Installation, claim: ProfessionalClaim, fees: Ruleset
) -> None:
    assert taken(store, "835", remittance([claim], paid([claim], Pay(allowed_percent=50)))).clean
    body = told(store, fees)
    for line, money in zip(body["expected"]["lines"], body["money"]["lines"], strict=True):
        assert line["variance_cents"] == money["paid_cents"] - line["paid_cents"]
    assert body["variance_cents"] == sum(line["variance_cents"] for line in body["expected"]["lines"])
