"""What was sent stays as it was sent: a change makes a replacement or a void claim, what came back is sent anew."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from audit.replay import replay
from interchange.claim_status import StatusCode
from interchange.professional import Frequency, ProfessionalClaim
from interchange.simulated_payer import Denial, Deny, Pay, reverse
from suite.installation import Installation
from support.billing import ADDRESS, CLEAN, acknowledgment, claims_in, paid, remittance, sent, status, taken
from support.store import claims, send
from support.visits import ORG, clock, event, reference

REJECTED = (StatusCode("A3", "21"),)
LATE = {
    "interval_id": "i-9",
    "code": "97112",
    "start": clock("09:44"),
    "end": clock("10:00"),
    "performer": {"id": "1234567893", "role": "PT"},
    "contact": "one_on_one",
}
LATE_INTERVAL = event("interval.recorded", "s-1", LATE, event_id="late", time=clock("09:59"))
VOIDED = event("session.voided", "s-1", {"reason": "wrong patient"}, event_id="voided", time=clock("12:00"))


def of_two_payers() -> list[dict[str, Any]]:
    """The clean visit of a patient whom two payers cover, by a therapist who is enrolled with both."""
    both = {"medicare": "1EG4TE5MK73", "commercial-cms": "C99"}
    other = {"payer_id": "commercial-cms", "member_id": "C99", "from": "2026-01-01"}
    covered = event("coverage.verified", "p-1", other, event_id="other", time=clock("07:00"))
    organization, clinician, *rest = reference(member_ids=both, address=ADDRESS)
    payers = [{"payer_id": payer, "from": "2020-01-01"} for payer in both]
    clinician = {**clinician, "data": {**clinician["data"], "payers": payers}}
    return [organization, clinician, *rest, covered, *CLEAN[5:]]


def first(store: Installation, outbox: Path, events: list[dict[str, Any]] = CLEAN) -> ProfessionalClaim:
    """The claim as it goes out for the first time."""
    send(store, events)
    (claim,) = claims_in(sent(store, outbox))
    return claim


def accepted(store: Installation, claim: ProfessionalClaim, file: int = 1) -> None:
    assert taken(store, "277CA", status([claim], {}, f"CT{file:09d}")).tally.matched == 1


def stands(store: Installation, claim_id: str | None = None) -> str:
    found = [claim for claim in claims(store) if claim_id in (None, claim["claim_id"])]
    assert len(found) == 1
    assert replay(store.read, store.codec).differences == []
    return str(found[0]["status"])


def test_a_late_interval_makes_a_replacement_claim_with_the_payers_number(store: Installation, outbox: Path) -> None:
    claim = first(store, outbox)
    accepted(store, claim)
    send(store, [LATE_INTERVAL])
    (replacement,) = claims_in(sent(store, outbox))
    assert (replacement.frequency, replacement.payer_claim_number) == (
        Frequency.REPLACEMENT,
        f"ICN{claim.claim_id[1:9]}",
    )
    assert [(line.code, line.units) for line in replacement.lines] == [("97112", 3), ("97530", 1)]
    assert replacement.lines[0].control_number == f"{claim.claim_id}.2.1"
    (body,) = claims(store)
    assert [(each["frequency"], each["charge_cents"]) for each in body["submissions"]] == [("1", 20000), ("7", 26500)]
    assert stands(store) == "submitted"


def test_without_the_payers_number_a_replacement_waits_and_says_so(store: Installation, outbox: Path) -> None:
    claim = first(store, outbox)
    send(store, [LATE_INTERVAL])
    (kept,) = sent(store, outbox).kept_back
    assert (kept.due, [fault.path for fault in kept.faults]) == ("replacement", ["$.payer_claim_number"])
    accepted(store, claim)
    assert sent(store, outbox).claims == 1


def test_a_payer_may_forbid_replacements(store: Installation, outbox: Path) -> None:
    policy = {
        "name": "Medicare",
        "effective_from": "2026-01-01",
        "extends": "medicare",
        "claim_file": {"frequencies": ["1"]},
    }
    at = clock("07:00", "2026-01-02")
    published = event("payer.policy.published", "medicare", policy, event_id="p", time=at, source=f"/orgs/{ORG}")
    claim = first(store, outbox, [published, *CLEAN])
    accepted(store, claim)
    send(store, [LATE_INTERVAL])
    (kept,) = sent(store, outbox).kept_back
    assert "$.frequency" in [fault.path for fault in kept.faults]


def test_a_change_that_bills_the_same_sends_nothing(store: Installation, outbox: Path) -> None:
    accepted(store, first(store, outbox))
    send(store, [event("session.amended", "s-1", {"reason": "typo"}, event_id="a", time=clock("11:00"))])
    moved = reference(address={**ADDRESS, "line1": "8 New Street"})[2]
    send(store, [{**moved, "id": "moved", "time": clock("12:00")}])
    assert sent(store, outbox).files == []


def test_a_change_that_a_fault_holds_waits_for_its_mending(store: Installation, outbox: Path) -> None:
    accepted(store, first(store, outbox))
    overlap = {**LATE, "start": clock("09:10"), "end": clock("09:20"), "code": "97140"}
    send(store, [event("interval.recorded", "s-1", overlap, event_id="overlap", time=clock("09:59"))])
    assert sent(store, outbox).files == []
    assert stands(store) == "accepted"


def test_a_voided_session_voids_its_claim_at_the_payer(store: Installation, outbox: Path) -> None:
    claim = first(store, outbox)
    accepted(store, claim)
    send(store, [VOIDED])
    assert stands(store) == "accepted", "the payer still has it"
    (void,) = claims_in(sent(store, outbox))
    assert (void.frequency, void.payer_claim_number) == (Frequency.VOID, f"ICN{claim.claim_id[1:9]}")
    assert [(line.code, line.units) for line in void.lines] == [("97112", 2), ("97530", 1)]
    assert stands(store) == "void"
    assert sent(store, outbox).files == []


def test_a_session_that_moves_to_another_payer_voids_there_and_is_billed_here(
    store: Installation, outbox: Path
) -> None:
    claim = first(store, outbox, of_two_payers())
    accepted(store, claim)
    change = {"reason": "typing error", "set": {"payer_id": "commercial-cms"}}
    send(store, [event("session.amended", "s-1", change, event_id="amended", time=clock("11:00"))])
    new, old = sorted(claims_in(sent(store, outbox)), key=lambda each: each.frequency.value)
    assert (old.claim_id, old.frequency) == (claim.claim_id, Frequency.VOID)
    assert (new.frequency, new.subscriber.member_id) == (Frequency.ORIGINAL, "C99")
    assert stands(store, old.claim_id) == "void"
    assert stands(store, new.claim_id) == "submitted"


def test_a_paid_claim_stays_paid_until_the_payer_answers_its_void(store: Installation, outbox: Path) -> None:
    claim = first(store, outbox)
    answers = paid([claim], Pay())
    taken(store, "835", remittance([claim], answers))
    assert stands(store) == "paid"
    send(store, [VOIDED])
    assert [each.frequency for each in claims_in(sent(store, outbox))] == [Frequency.VOID]
    assert stands(store) == "paid"
    back = [reverse(answer) for answer in answers]
    taken(store, "835", remittance([claim], back, trace="EFT2", paid_on=date(2026, 4, 20), produced_on=None))
    assert stands(store) == "void"
    assert claims(store)[0]["paid_cents"] == 0


def test_a_claim_that_came_back_is_corrected_and_sent_as_an_original_again(store: Installation, outbox: Path) -> None:
    claim = first(store, outbox)
    taken(store, "277CA", status([claim], {claim.claim_id: REJECTED}, "CT000000001"))
    assert stands(store) == "rejected"
    assert sent(store, outbox).files == [], "the same would come back again"
    moved = reference(address={**ADDRESS, "line1": "8 New Street"})[2]
    send(store, [{**moved, "id": "moved", "time": clock("12:00")}])
    (again,) = claims_in(sent(store, outbox))
    assert (again.frequency, again.payer_claim_number) == (Frequency.ORIGINAL, None)
    assert again.subscriber.address.line1 == "8 NEW STREET"
    assert stands(store) == "submitted"
    accepted(store, again, file=2)
    assert stands(store) == "accepted"
    assert store.log.connection().execute("SELECT count(*) FROM appeal").fetchone() == (0,)


def test_what_came_back_is_sent_unchanged_where_a_person_says_so(store: Installation, outbox: Path) -> None:
    claim = first(store, outbox)
    taken(store, "277CA", status([claim], {claim.claim_id: REJECTED}, "CT000000001"))
    exported = sent(store, outbox, unchanged=frozenset({claim.claim_id}))
    assert [each.frequency for each in claims_in(exported)] == [Frequency.ORIGINAL]
    assert stands(store) == "submitted"


def test_a_file_that_was_not_understood_brings_all_of_its_claims_back(store: Installation, outbox: Path) -> None:
    claim = first(store, outbox)
    taken(store, "999", acknowledgment(1, accepted=True))
    assert stands(store) == "submitted", "a file that is understood says nothing of its claims"
    taken(store, "999", acknowledgment(1, accepted=False))
    assert stands(store) == "rejected"
    (again,) = claims_in(sent(store, outbox, unchanged=frozenset({claim.claim_id})))
    assert again.claim_id == claim.claim_id


def test_a_replacement_that_came_back_is_sent_as_a_replacement_again(store: Installation, outbox: Path) -> None:
    claim = first(store, outbox)
    accepted(store, claim)
    send(store, [LATE_INTERVAL])
    (replacement,) = claims_in(sent(store, outbox))
    taken(store, "277CA", status([replacement], {claim.claim_id: REJECTED}, "CT000000002"))
    assert stands(store) == "rejected"
    assert sent(store, outbox).files == []
    (again,) = claims_in(sent(store, outbox, unchanged=frozenset({claim.claim_id})))
    assert (again.frequency, again.payer_claim_number) == (Frequency.REPLACEMENT, f"ICN{claim.claim_id[1:9]}")


def test_a_denied_claim_that_is_corrected_goes_out_as_a_replacement(store: Installation, outbox: Path) -> None:
    claim = first(store, outbox)
    taken(store, "835", remittance([claim], paid([claim], Deny(denial=Denial("CO", "4")))))
    assert stands(store) == "denied"
    assert sent(store, outbox).files == []
    send(store, [LATE_INTERVAL])
    (replacement,) = claims_in(sent(store, outbox))
    assert replacement.frequency is Frequency.REPLACEMENT
    assert stands(store) == "denied", "the payer's latest fact wins until it answers the replacement"
    answers = [*map(reverse, paid([claim], Deny(denial=Denial("CO", "4")))), *paid([replacement], Pay())]
    later = {"paid_on": date(2026, 4, 20), "produced_on": None}
    taken(store, "835", remittance([replacement], answers, trace="EFT2", **later))
    assert stands(store) == "paid"


def test_a_claim_that_the_payer_answered_without_a_file_of_ours_is_not_sent(store: Installation, outbox: Path) -> None:
    send(store, CLEAN)
    claim_id = claims(store)[0]["claim_id"]
    data = {"remittance_id": "r", "outcome": "paid", "paid_cents": 100, "adjustments": [], "received_on": "2026-03-08"}
    send(store, [event("remittance.received", claim_id, data, event_id="r", time=clock("12:00", "2026-03-08"))])
    assert sent(store, outbox).files == []
    assert stands(store) == "paid"


def test_a_session_that_comes_back_after_its_void_is_billed_anew(store: Installation, outbox: Path) -> None:
    claim = first(store, outbox, of_two_payers())
    accepted(store, claim)

    def moves(to: str, number: int) -> list[ProfessionalClaim]:
        change = {"reason": "typing error", "set": {"payer_id": to}}
        at = clock(f"{11 + number}:00")
        send(store, [event("session.amended", "s-1", change, event_id=f"move-{number}", time=at)])
        return claims_in(sent(store, outbox))

    moves("commercial-cms", 1)
    back = {each.claim_id: each.frequency for each in moves("medicare", 2)}
    assert back[claim.claim_id] is Frequency.ORIGINAL
    assert stands(store, claim.claim_id) == "submitted"


@pytest.mark.parametrize("kind", ["interval", "void"])
def test_a_change_before_the_export_is_simply_what_is_sent(store: Installation, outbox: Path, kind: str) -> None:
    send(store, [*CLEAN, LATE_INTERVAL if kind == "interval" else VOIDED])
    found = claims_in(sent(store, outbox))
    assert [claim.frequency for claim in found] == ([Frequency.ORIGINAL] if kind == "interval" else [])
