"""From a clinic's visit to the last decision on its denial, through the door and all services."""

from typing import Any

from appeals.views import appeals_list, appeals_of_claim
from audit.replay import replay
from suite.installation import Installation
from support.store import claims, send
from support.visits import ORG, clock, event, reference, visit

DENIED = {"group": "CO", "carc": "50", "rarcs": ["MA01"], "amount_cents": 20_000}
LATE = {"received_on": "2026-04-10", "notice_date": "2026-04-03"}


def answered(claim: str, outcome: str, day: str, *adjustments: dict[str, Any], **more: str) -> dict[str, Any]:
    paid = 20_000 if outcome == "paid" else 0
    data = {"remittance_id": f"r-{day}", "outcome": outcome, "paid_cents": paid, "adjustments": list(adjustments)}
    data |= {"received_on": day} | more
    return event("remittance.received", claim, data, event_id=f"r-{day}", time=clock("12:00", day))


def decided(appeal: str, outcome: str, day: str) -> dict[str, Any]:
    data = {"outcome": outcome, "decided_on": day}
    source = f"/orgs/{ORG}"
    return event("appeal.decided", appeal, data, event_id=f"{appeal}-{day}", time=clock("12:00", day), source=source)


def worklist(store: Installation) -> list[tuple[Any, ...]]:
    return [
        (row["appeal_id"][-2:], row["level"], row["file_by"], row["status"])
        for row in appeals_list(store.log.connection())
    ]


def test_a_denial_upheld_and_then_paid_is_followed_to_its_end(store: Installation) -> None:
    send(store, [*reference(), *visit()])
    claim = claims(store)[0]["claim_id"]
    send(store, [answered(claim, "denied", "2026-04-11", DENIED, **LATE)])
    assert worklist(store) == [("A1", 1, "2026-08-08", "open")]
    send(store, [decided(f"{claim}-A1", "upheld", "2026-06-01")])
    assert worklist(store) == [("A1", 1, "2026-08-08", "decided"), ("A2", 2, "2026-12-03", "open")]
    assert appeals_of_claim(store.log.connection(), claim) == [f"{claim}-A1", f"{claim}-A2"]
    assert claims(store)[0]["status"] == "denied"
    send(store, [answered(claim, "paid", "2026-07-01")])
    assert worklist(store) == [("A1", 1, "2026-08-08", "decided"), ("A2", 2, "2026-12-03", "settled")]
    assert claims(store)[0]["status"] == "paid"
    assert replay(store.read, store.codec).differences == []
