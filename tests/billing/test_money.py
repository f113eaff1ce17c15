"""A claim's money by line: what the payer's answers come to, whatever was taken back and made anew."""

from pathlib import Path
from typing import Any

import pytest

from interchange.professional import ProfessionalClaim
from interchange.remittance import ClaimPayment
from interchange.simulated_payer import CutUnits, Denial, Deny, Pay, reverse
from suite.installation import Installation
from support.billing import CLEAN, claims_in, paid, remittance, sent, taken
from support.store import claims, send
from support.visits import clock, event

DENIAL = Denial("CO", "50", ("N115",))


@pytest.fixture
def claim(store: Installation, outbox: Path) -> ProfessionalClaim:
    send(store, CLEAN)
    (only,) = claims_in(sent(store, outbox))
    return only


def money(store: Installation) -> Any:
    (body,) = claims(store)
    assert body["money"] is None or body["money"]["paid_cents"] == body["paid_cents"]
    return body["money"]


def post(store: Installation, claim: ProfessionalClaim, answers: list[ClaimPayment], trace: str) -> None:
    assert taken(store, "835", remittance([claim], answers, trace)).clean


def balanced(told: Any) -> bool:
    """Each line's charge is paid or taken off."""
    return all(
        line["charge_cents"] == line["paid_cents"] + sum(each["amount_cents"] for each in line["adjustments"])
        for line in told["lines"]
    )


class TestByLine:
    def test_nothing_is_said_before_the_payer_answers(self, store: Installation, claim: ProfessionalClaim) -> None:
        assert money(store) is None

    def test_a_payment_is_told_by_line_and_by_group(self, store: Installation, claim: ProfessionalClaim) -> None:
        post(store, claim, paid([claim], Pay(allowed_percent=80, coinsurance_percent=20)), "EFT1")
        told = money(store)
        assert balanced(told)
        assert told["patient_cents"] == told["adjusted_cents"]["PR"] > 0
        assert [line["allowed_cents"] for line in told["lines"]] == [
            line.charge_cents * 8 // 10 for line in claim.lines
        ]

    def test_what_is_taken_back_leaves_no_trace_in_what_stands(
        self, store: Installation, claim: ProfessionalClaim
    ) -> None:
        first = paid([claim], Pay(allowed_percent=80))
        post(store, claim, first, "EFT1")
        denied = paid([claim], Deny(denial=DENIAL))
        post(store, claim, [*map(reverse, first), *denied], "EFT2")
        told = money(store)
        assert balanced(told)
        assert (told["paid_cents"], told["patient_cents"]) == (0, 0)
        whole = [
            {"group": "CO", "carc": "50", "rarcs": ["N115", "MA01"], "amount_cents": line.charge_cents}
            for line in claim.lines
        ]
        assert [line["adjustments"] for line in told["lines"]] == [[each] for each in whole]
        assert {line["allowed_cents"] for line in told["lines"]} == {None}

    def test_units_that_are_cut_stand_at_their_line(self, store: Installation, claim: ProfessionalClaim) -> None:
        post(store, claim, paid([claim], CutUnits(line=1, paid_units=0, denial=DENIAL, others=Pay())), "EFT1")
        first, *others = money(store)["lines"]
        assert balanced(money(store))
        assert {"group": "CO", "carc": "50"}.items() <= first["adjustments"][0].items()
        assert all(each["carc"] != "50" for line in others for each in line["adjustments"])


def test_an_answer_that_does_not_tell_its_lines_apart_leaves_their_payment_open(
    store: Installation, claim: ProfessionalClaim
) -> None:
    (body,) = claims(store)
    answer = {
        "remittance_id": "R1",
        "outcome": "partial",
        "paid_cents": 1000,
        "received_on": "2026-03-25",
        "adjustments": [
            {"group": "PR", "carc": "2", "amount_cents": 250},
            {"group": "CO", "carc": "50", "amount_cents": 300, "line": 1},
        ],
    }
    send(
        store,
        [event("remittance.received", body["claim_id"], answer, event_id="r-1", time=clock("12:00", "2026-03-25"))],
    )
    told = money(store)
    assert [(line["line"], line["paid_cents"]) for line in told["lines"]][-1] == (None, None)
    assert {line["paid_cents"] for line in told["lines"]} == {None}
    assert told["adjusted_cents"] == {"CO": 300, "PR": 250}
    assert told["patient_cents"] == 250
