"""What denials add up to: rates, money at stake, how appeals end; and what our rules had said beforehand."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from appeals.acts import File
from billing.figures.asking import Asked, denials, missed
from billing.figures.counting import seen
from interchange.professional import ProfessionalClaim
from interchange.simulated_payer import Denial, Deny, Pay, Ruling, reverse
from suite.appealing import act
from suite.deciding import override
from suite.installation import Installation
from suite.ticking import tell
from support.billing import ADDRESS, CLEAN, claims_in, paid, remittance, sent, taken
from support.store import claims, send
from support.visits import ORG, clock, event, reference, visit
from therapy_domain.events.claim import BLOCKING, Finding

DENIED = Deny(denial=Denial("CO", "50"))
Answer = Callable[..., ProfessionalClaim]


@pytest.fixture
def answer(store: Installation, outbox: Path) -> Answer:
    """One clean visit of a patient, sent and answered."""
    count = 0

    def answered(ruling: Ruling, **more: Any) -> ProfessionalClaim:
        nonlocal count
        count += 1
        known = reference(f"p-{count}", address=ADDRESS)[0 if count == 1 else 2 :]
        day = f"2026-03-{1 + count:02d}"
        send(store, [*known, *visit(f"s-{count}", patient=f"p-{count}", day=day, **more)])
        (claim,) = claims_in(sent(store, outbox))
        taken(store, "835", remittance([claim], paid([claim], ruling), trace=f"EFT{count}"))
        return claim

    return answered


def decided(appeal: str, outcome: str, on: str, paid_cents: int | None = None) -> dict[str, Any]:
    data = {"outcome": outcome, "decided_on": on} | ({"paid_cents": paid_cents} if paid_cents is not None else {})
    at = clock("12:00", on)
    return event("appeal.decided", appeal, data, event_id=f"{appeal}-{on}", time=at, source=f"/orgs/{ORG}")


def figures(store: Installation, by: Any = "payer", **asked: Any) -> dict[str, dict[str, Any]]:
    return {each["group"]: each for each in denials(store.read.rows(), by, Asked(**asked))}


def test_a_denial_rate_is_denied_claims_of_those_answered(store: Installation, answer: Answer) -> None:
    for ruling in (Pay(), Pay(), Pay(), DENIED):
        answer(ruling)
    found = figures(store)["medicare"]
    assert (found["claims"], found["denied_claims"], found["denial_rate"]) == (4, 1, 0.25)
    assert (found["denied_cents"], found["at_stake_cents"]) == (20000, 20000)
    assert found["days_to_answer"] == 16.0


def test_each_group_counts_its_own(store: Installation, answer: Answer) -> None:
    answer(Pay())
    answer(Deny(denial=Denial("CO", "197"), lines=frozenset({2})))
    assert figures(store, "clinic")["northside/elm"]["denied_claims"] == 1
    assert {name: row["denied_claims"] for name, row in figures(store, "code").items()} == {"97530": 1, "97112": 0}
    assert {name: row["denied_cents"] for name, row in figures(store, "carc").items()} == {"CO-197": 7000}
    assert {name: row["denial_rate"] for name, row in figures(store, "rule").items()} == {"AUT-001": 0.5}


def test_a_won_appeal_is_an_overturned_denial_with_its_days(store: Installation, answer: Answer) -> None:
    claim = answer(DENIED)
    send(store, [decided(f"{claim.claim_id}-A1", "overturned", "2026-05-04", 20000)])
    found = figures(store)["medicare"]
    assert (found["appeals_decided"], found["overturned"], found["overturn_rate"]) == (1, 1, 1.0)
    assert (found["days_to_decision"], found["at_stake_cents"]) == (40, 0)


def test_a_lost_level_leaves_the_money_at_stake_while_another_is_open(store: Installation, answer: Answer) -> None:
    claim = answer(DENIED)
    send(store, [decided(f"{claim.claim_id}-A1", "upheld", "2026-05-04")])
    found = figures(store)["medicare"]
    assert (found["appeals_decided"], found["overturned"], found["at_stake_cents"]) == (1, 0, 20000)


def test_what_lapsed_is_no_longer_at_stake_until_it_is_filed_after_all(store: Installation, answer: Answer) -> None:
    item = f"{answer(DENIED).claim_id}-A1"
    tell(store, date(2026, 12, 1))
    assert figures(store)["medicare"]["at_stake_cents"] == 0
    act(store, item, File("A. Biller", date(2026, 12, 1), "fax", good_cause="the office was flooded"))
    store.work_off()
    assert figures(store)["medicare"]["at_stake_cents"] == 20000


def test_what_an_appeal_won_is_counted_once_when_its_remittance_comes(store: Installation, answer: Answer) -> None:
    claim = answer(DENIED)
    item = f"{claim.claim_id}-A1"
    act(store, item, File("A. Biller", date(2026, 4, 20), "portal", "4711"))
    store.work_off()
    assert claims(store)[0]["status"] == "appealed"
    anew = paid([claim], Pay(allowed_percent=60))
    cents = sum(each.paid_cents for each in anew)
    send(store, [decided(item, "partly", "2026-06-04", cents)])
    won = claims(store)[0]
    assert (won["status"], won["paid_cents"]) == ("partially_paid", cents)
    back = [*map(reverse, paid([claim], DENIED)), *anew]
    taken(store, "835", remittance([claim], back, trace="EFT9", paid_on=date(2026, 6, 20), produced_on=None))
    brought = claims(store)[0]
    assert (brought["paid_cents"], brought["money"]["paid_cents"]) == (cents, cents)
    assert sum(each["paid_cents"] for each in brought["remittances"]) == cents > 0


def test_what_is_paid_after_all_is_no_longer_at_stake(store: Installation, answer: Answer) -> None:
    claim = answer(DENIED)
    taken(
        store,
        "835",
        remittance([claim], paid([claim], Pay()), trace="EFT9", paid_on=date(2026, 4, 20), produced_on=None),
    )
    found = figures(store)["medicare"]
    assert (found["claims"], found["denied_claims"], found["at_stake_cents"]) == (1, 1, 0)


def test_a_payment_taken_back_counts_as_no_denial(store: Installation, answer: Answer) -> None:
    claim = answer(Pay())
    back = [*map(reverse, paid([claim], Pay())), *paid([claim], Pay(allowed_percent=60, coinsurance_percent=0))]
    taken(store, "835", remittance([claim], back, trace="EFT9", paid_on=date(2026, 4, 20), produced_on=None))
    assert figures(store)["medicare"]["denied_claims"] == 0


def test_only_answers_since_a_day_and_of_an_organization_are_counted(store: Installation, answer: Answer) -> None:
    answer(DENIED)
    assert figures(store, since=date(2026, 3, 25)) != {}
    assert figures(store, since=date(2026, 3, 26)) == {}
    assert figures(store, org="elsewhere") == {}


def test_a_denial_for_what_a_person_released_is_told(store: Installation, outbox: Path) -> None:
    send(store, [*reference(address=ADDRESS), *visit(note={})])
    (held,) = claims(store)
    for rule in {finding["rule"] for finding in held["findings"] if finding["severity"] in BLOCKING}:
        override(store, held["claim_id"], rule=rule, line=None, reason="on paper", by="A. Biller")
    (claim,) = claims_in(sent(store, outbox))
    taken(store, "835", remittance([claim], paid([claim], DENIED)))
    told = missed(store.read.rows())
    assert told["counts"]["overridden"] == 2
    assert {finding["rule"] for finding in told["denials"][0]["stood"]} <= set(told["denials"][0]["rules"])
    rules = {each["rule"]: each for each in told["rules"]}
    assert rules["DOC-011"]["passed_over"] == 2
    assert rules["MNC-001"]["silent"] == 2


def test_a_denial_that_no_rule_saw_is_told_apart_from_one_that_no_rule_looks_for(
    store: Installation, answer: Answer
) -> None:
    answer(Deny(denial=Denial("CO", "197")))
    answer(Deny(denial=Denial("CO", "252", ("M127",))))
    counts = missed(store.read.rows())["counts"]
    assert (counts["not-found"], counts["no-rule"]) == (2, 2)


@pytest.mark.parametrize(
    ("severity", "overridden", "expected"),
    [("deny", False, "blocking"), ("deny", True, "overridden"), ("advice", False, "advice")],
)
def test_what_stood_is_how_it_was_seen(severity: Any, overridden: bool, expected: str) -> None:
    finding = Finding(rule="AUT-001", severity=severity, message="", fix="", source="", overridden=overridden)
    assert seen(["AUT-001"], [finding]) == expected
    assert seen(["AUT-001"], []) == "not-found"
    assert seen([], []) == "no-rule"


def test_an_answer_by_event_counts_as_well(store: Installation) -> None:
    send(store, CLEAN)
    claim_id = claims(store)[0]["claim_id"]
    data = {"remittance_id": "r", "outcome": "denied", "paid_cents": 0, "adjustments": [], "received_on": "2026-03-12"}
    send(store, [event("remittance.received", claim_id, data, event_id="r", time=clock("12:00", "2026-03-12"))])
    found = figures(store, "carc")["none"]
    assert (found["denied_claims"], found["denied_cents"], found["days_to_answer"]) == (1, 20000, None)
