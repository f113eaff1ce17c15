"""From a clinic's visit to the last decision on its denial, through the door and all services."""

from datetime import date
from typing import Any

import pytest

from appeals.acts import Act, Close, Escalate, File, GiveBack, Note, Send, Take, Vacate, Withdraw
from appeals.views import appeals_list, appeals_of_claim
from audit.history import history
from audit.replay import replay
from audit.why import why
from service_kit.dead_letters import dead_letters
from suite.appealing import act
from suite.installation import Installation
from suite.ticking import tell
from support.remittances import NECESSITY, answered, denied, reviewed
from support.store import claims, send
from support.visits import ORG, clock, event, reference, visit

LATE = {"received_on": "2026-04-10", "notice_date": "2026-04-03"}


def worklist(store: Installation) -> list[tuple[Any, ...]]:
    return [
        (row["item_id"][-2:], row["level"], row["file_by"], row["status"])
        for row in appeals_list(store.log.connection())
    ]


@pytest.fixture
def claim(store: Installation) -> str:
    send(store, [*reference(), *visit()])
    found: str = claims(store)[0]["claim_id"]
    return found


def does(store: Installation, item: str, *acts: Act) -> None:
    for each in acts:
        assert act(store, item, each)["recorded"] == 1
        store.work_off()


def status(store: Installation) -> str:
    found: str = claims(store)[0]["status"]
    return found


def test_a_denial_upheld_and_then_paid_is_followed_to_its_end(store: Installation, claim: str) -> None:
    send(store, [answered(claim, "denied", "2026-04-11", NECESSITY, **LATE)])
    assert worklist(store) == [("A1", 1, "2026-08-08", "open")]
    send(store, [reviewed(f"{claim}-A1", "upheld", "2026-06-01")])
    assert worklist(store) == [("A1", 1, "2026-08-08", "decided"), ("A2", 2, "2026-12-03", "open")]
    assert appeals_of_claim(store.log.connection(), claim) == [f"{claim}-A1", f"{claim}-A2"]
    assert status(store) == "denied"
    send(store, [answered(claim, "paid", "2026-07-01", paid=20_000)])
    assert worklist(store) == [("A1", 1, "2026-08-08", "decided"), ("A2", 2, "2026-12-03", "settled")]
    assert status(store) == "paid"
    assert replay(store.read, store.codec).differences == []


def test_a_claim_is_appealed_from_filing_on_until_it_is_decided(store: Installation, claim: str) -> None:
    send(store, [answered(claim, "denied", "2026-04-11", NECESSITY)])
    does(store, f"{claim}-A1", File("A. Biller", date(2026, 5, 4), "portal", "4711"))
    assert status(store) == "appealed"
    send(store, [reviewed(f"{claim}-A1", "partly", "2026-06-20", 12_000)])
    found = claims(store)[0]
    assert (found["status"], found["paid_cents"]) == ("partially_paid", 12_000)
    does(store, f"{claim}-A2", File("A. Biller", date(2026, 7, 1), "mail"))
    assert status(store) == "appealed"
    send(store, [reviewed(f"{claim}-A2", "overturned", "2026-08-20", 8_000)])
    found = claims(store)[0]
    assert (found["status"], found["paid_cents"]) == ("paid", 20_000)


def test_a_filing_that_is_entered_after_the_decision_does_not_undo_it(store: Installation, claim: str) -> None:
    send(store, [answered(claim, "denied", "2026-04-11", NECESSITY), reviewed(f"{claim}-A1", "upheld", "2026-06-20")])
    assert status(store) == "denied"
    does(store, f"{claim}-A2", Take("A. Biller"))
    assert status(store) == "denied"


def test_a_lapsed_appeal_closes_the_claim_and_a_late_filing_with_good_cause_opens_it(
    store: Installation, claim: str
) -> None:
    send(store, [answered(claim, "denied", "2026-04-11", NECESSITY)])
    told = tell(store, date(2026, 8, 10))
    assert [each["appeal_id"] for each in told["lapsed"]] == [f"{claim}-A1"]
    assert (status(store), worklist(store)[0][3]) == ("closed", "lapsed")
    does(store, f"{claim}-A1", File("A. Biller", date(2026, 8, 20), "fax", good_cause="the office was flooded"))
    assert (status(store), worklist(store)[0][3]) == ("appealed", "filed")


def test_a_claim_with_something_left_to_mend_is_not_closed_by_a_lapse(store: Installation, claim: str) -> None:
    adjustments = denied("50", line=1, cents=13_000), denied("4", line=2, cents=7_000)
    send(store, [answered(claim, "denied", "2026-04-11", *adjustments)])
    tell(store, date(2026, 8, 20))
    assert status(store) == "denied"
    does(store, f"{claim}-W1", Close("A. Biller", "declined", "not worth it"))
    assert status(store) == "closed"


def test_a_withdrawn_or_declined_appeal_closes_the_claim(store: Installation, claim: str) -> None:
    send(store, [answered(claim, "denied", "2026-04-11", NECESSITY)])
    does(store, f"{claim}-A1", Close("A. Biller", "declined", "too small"))
    assert status(store) == "closed"
    does(store, f"{claim}-A1", File("A. Biller", date(2026, 5, 4), "portal"))
    assert status(store) == "appealed"
    does(store, f"{claim}-A1", Withdraw("A. Biller", date(2026, 5, 20), "the record is thin"))
    assert status(store) == "closed"


def test_a_wrong_dismissal_leaves_the_claim_appealed(store: Installation, claim: str) -> None:
    send(
        store, [answered(claim, "denied", "2026-04-11", NECESSITY), reviewed(f"{claim}-A1", "dismissed", "2026-06-20")]
    )
    assert status(store) == "denied"
    does(store, f"{claim}-A1", Vacate("A. Biller", date(2026, 7, 1), "fax", "it was in time"))
    send(store, [reviewed(f"{claim}-A2", "overturned", "2026-08-20")])
    assert status(store) == "appealed"
    assert {row[0]: row[3] for row in worklist(store)} == {"A1": "filed", "A2": "decided"}


def policy(days: int) -> dict[str, Any]:
    data = {
        "name": "Acme",
        "effective_from": "2026-01-01",
        "extends": "commercial-cms",
        "appeal_levels": [{"name": "first", "days": days}, {"name": "second", "days": 30}],
    }
    source = f"/orgs/{ORG}"
    return event("payer.policy.published", "acme", data, event_id=f"p-{days}", time=clock("07:00"), source=source)


def test_a_payers_policy_reaches_the_denials_that_are_there(store: Installation) -> None:
    send(store, [*reference(payer="acme"), *visit(payer="acme"), policy(90)])
    claim = claims(store)[0]["claim_id"]
    send(store, [answered(claim, "denied", "2026-04-11", NECESSITY)])
    assert worklist(store) == [("A1", 1, "2026-07-10", "open")]
    later = {**policy(60), "id": "later", "time": clock("09:00")}
    send(store, [later])
    assert worklist(store) == [("A1", 1, "2026-06-10", "open")]
    send(store, [reviewed(f"{claim}-A1", "upheld", "2026-06-01")])
    assert worklist(store)[1] == ("A2", 2, "2026-07-01", "open")
    assert replay(store.read, store.codec).differences == []


@pytest.fixture
def worked(store: Installation, claim: str) -> Installation:
    """A claim about which everything was said that can be said."""
    adjustments = denied("50", line=1, cents=13_000), denied("4", line=2, cents=7_000)
    send(store, [answered(claim, "denied", "2026-04-11", *adjustments)])
    first, second, proposal = f"{claim}-A1", f"{claim}-A2", f"{claim}-W1"
    tell(store, date(2026, 7, 28))
    does(store, first, Take("A. Biller"), Note("A. Biller", "Ottoline Example called"), GiveBack("A. Biller"))
    does(store, first, File("A. Biller", date(2026, 5, 4), "portal", "4711"))
    does(store, proposal, Send("A. Biller", date(2026, 5, 5), "electronic"))
    does(store, proposal, Close("A. Biller", "contested", "the record supports the modifier"))
    send(store, [reviewed(first, "dismissed", "2026-07-01")])
    does(store, first, Vacate("A. Biller", date(2026, 7, 9), "fax", "it was in time"))
    does(store, second, File("A. Biller", date(2026, 7, 2), "mail", "m"))
    tell(store, date(2026, 10, 1))
    does(store, second, Withdraw("A. Biller", date(2026, 10, 2), "paid elsewhere"))
    return store


def test_every_event_is_in_the_history_told_in_words_and_replayed(worked: Installation, claim: str) -> None:
    shown = history(worked.read, worked.codec, claim)
    types = {each["type"] for each in shown["events"]}
    assert types >= {
        *("DenialTriaged", "AppealOpened", "CorrectionRequested", "AppealConcluded", "DayBegan", "DeadlineWarned"),
        *("WorkTaken", "NoteAdded", "AppealFiled", "RemedySent", "WorkClosed", "VacateRequested", "AppealWithdrawn"),
        *("DecisionOverdue",),
    }
    story = why(worked.read, worked.codec, claim)
    lines = "\n".join(line for paragraph in story["paragraphs"] for line in paragraph["lines"])
    for words in (
        "was taken by A. Biller",
        "was given back",
        "got a note",
        "was filed on 2026-05-04 by portal (proof of receipt: 4711)",
        "went out on 2026-05-05 by electronic",
        "is appealed instead; reason: the record supports the modifier",
        "it was asked by fax to vacate that; reason: it was in time",
        "was withdrawn on 2026-10-02; reason: paid elsewhere",
        "is the last day to file appeal",
        "was to be decided by 2026-08-31, and is not",
        "It was 2026-10-01.",
    ):
        assert words in lines, words
    assert "Ottoline" not in lines
    assert "Recorded by" not in lines
    found = replay(worked.read, worked.codec)
    assert (found.differences, found.different) == ([], 0)
    assert dead_letters(worked.log.connection()) == []


def test_what_people_wrote_is_sealed_and_gone_with_the_patients_key(worked: Installation, claim: str) -> None:
    stored = b"".join(row.data for row in worked.log.read_all(0, 10_000))
    assert b"Ottoline" not in stored
    assert b"paid elsewhere" not in stored
    before = claims(worked)[0]["status"]
    worked.key_ring.destroy("patient/northside/p-1")
    worked.read.forget()
    tell(worked, date(2026, 11, 1))
    assert replay(worked.read, worked.codec).different == 0
    shown = history(worked.read, worked.codec, claim)
    assert shown["state"]["status"] == before
    assert any(each.get("erased") for each in shown["events"] if each["type"] == "NoteAdded")


def test_an_escalated_appeal_is_followed_through_all_services(store: Installation, claim: str) -> None:
    send(store, [answered(claim, "denied", "2026-04-11", NECESSITY), reviewed(f"{claim}-A1", "upheld", "2026-06-01")])
    does(store, f"{claim}-A2", File("A. Biller", date(2026, 7, 1), "mail", "m"))
    told = tell(store, date(2026, 9, 1))
    assert [(each["appeal_id"], each["escalate_to"]) for each in told["overdue"]] == [(f"{claim}-A2", 3)]
    does(store, f"{claim}-A2", Escalate("A. Biller", date(2026, 9, 1), "mail", "m"))
    assert worklist(store)[-1][:2] == ("A3", 3)
    assert (worklist(store)[-1][3], status(store)) == ("filed", "appealed")
    assert replay(store.read, store.codec).differences == []


COVERED_LATER = {"payer_id": "medicare", "member_id": "1EG4TE5MK73", "from": "2026-01-01"}
"""The same coverage, verified once more after the payer's answer."""


def test_a_denial_is_sorted_by_the_whole_record_whatever_came_last(store: Installation, claim: str) -> None:
    """Also where something that happened after the answer came before the rest of what happened before it."""
    later = event("coverage.verified", "p-1", COVERED_LATER, event_id="again", time=clock("08:00", "2026-05-04"))
    refused = answered(claim, "denied", "2026-04-11", denied("11"))
    in_time = [*reference(), *visit(), refused, later]
    late = [each for each in in_time if each["type"].startswith("claimtrail.interval.")]
    with Installation(store.data.with_name("other")) as other:
        send(other, [each for each in in_time if each not in (*late, later)])
        assert worklist(other) == [("W1", None, "2026-08-09", "open")]
        send(other, [later])
        send(other, late)
        send(store, [refused, later])
        assert worklist(store) == [("A1", 1, "2026-08-09", "open")]
        assert [row for row in worklist(other) if row[3] != "moot"] == worklist(store)
        assert replay(other.read, other.codec).differences == []


def test_a_record_that_was_changed_after_the_denial_does_not_speak_against_it(store: Installation, claim: str) -> None:
    refused = answered(claim, "denied", "2026-04-11", denied("11"))
    change = {"reason": "to the payer's denial", "set": {"diagnoses": ["I69.351", "R26.81", "M25.531"]}}
    send(store, [refused, event("session.amended", "s-1", change, event_id="fit", time=clock("09:00", "2026-04-20"))])
    assert [row for row in worklist(store) if row[3] != "moot"] == [("W1", None, "2026-08-09", "open")]


def test_what_is_assessed_again_and_says_the_same_sorts_no_denial_again(store: Installation, claim: str) -> None:
    send(store, [answered(claim, "denied", "2026-04-11", denied("11"))])
    before = store.log.head()
    send(store, [event("coverage.verified", "p-1", COVERED_LATER, event_id="a", time=clock("08:00", "2026-03-04"))])
    types = [row.type for row in store.log.read_all(before, 100)]
    assert "ClaimAssessed" in types
    assert "DenialTriaged" not in types
