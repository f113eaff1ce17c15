"""A history with everything in it that arrival could disturb: late facts, amendments, moves, voids, payers' answers."""

from datetime import date
from typing import Any

from support.visits import ORG, PHYSICIAN, THERAPIST, clock, event, reference, visit
from therapy_domain.identity import appeal_id, case_id, claim_id


def claim_of(patient: str, payer: str = "medicare", day: str = "2026-03-02") -> str:
    """The claim id of a PT visit."""
    return claim_id(case_id(ORG, patient, "PT", payer, date.fromisoformat(day)))


def interval(number: int, code: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    """A whole interval."""
    return {
        "interval_id": f"i-{number}",
        "code": code,
        "start": clock(start),
        "end": clock(end),
        "performer": {"id": THERAPIST, "role": "PT"},
        "contact": "one_on_one",
        **more,
    }


def rich_history() -> list[dict[str, Any]]:
    """Six patients' visits, about a hundred events, in the order in which they happened.

    The visit s-9 collides with s-5 until that is voided; s-10 and s-11 collide for good. Of one patient's day, s-6 and
    s-7 are of two disciplines.
    """
    events = reference("p-1", member_ids={"medicare": "1EG4TE5MK73", "acme": "A-1"})
    for patient in ("p-2", "p-3", "p-4", "p-5", "p-6"):
        events += reference(patient)[2:]
    events += visit("s-1", patient="p-1")
    events += visit("s-2", patient="p-1", minutes=(("97112", "14:00", "14:08"),))
    events += visit("s-3", patient="p-2", minutes=(("97112", "10:00", "10:40"), ("97140", "10:35", "10:55")))
    events += visit("s-4", patient="p-3", performer="staff-3")
    events += visit("s-5", patient="p-4", day="2026-03-04")
    events += visit("s-6", patient="p-4", minutes=(("97110", "13:00", "13:25"), ("97150", "13:25", "14:00")))
    events += visit("s-7", patient="p-4", minutes=(("92507", "14:10", "14:40"),), discipline="SLP", plan_id=None)
    events += visit("s-9", patient="p-5", day="2026-03-04", minutes=(("97112", "09:10", "09:40"),))
    events += visit("s-10", patient="p-6", day="2026-03-05", minutes=(("97112", "14:00", "14:30"),))
    events += visit("s-11", patient="p-5", day="2026-03-05", minutes=(("97112", "14:20", "14:50"),))
    policy = {"name": "Acme", "effective_from": "2026-01-01", "extends": "commercial-midpoint"}
    edits = {
        "pair_edits": [{"column_1": "97112", "column_2": "97530", "indicator": 1}],
        "daily_max_units": {"97112": 1},
        "separate_service_modifier": "X",
    }
    notice = {"signed_on": "2026-03-01", "kind": "required", "reason": "frequency", "codes": ["97530"]}
    coverage = {"payer_id": "acme", "member_id": "A-1", "from": "2026-01-01"}
    covered = {"payer_id": "medicare", "member_id": "OTHER", "from": "2026-01-01"}
    acme = f"/orgs/{ORG}"

    def by_staff(number: int, code: str, start: str, end: str) -> dict[str, Any]:
        return interval(number, code, start, end, performer={"id": "staff-3", "role": "PT"})

    def amended(session: str, number: int, at: str, **change: Any) -> dict[str, Any]:
        data = {"reason": "correction", **change}
        return event("session.amended", session, data, event_id=f"{session}-a{number}", time=clock(at))

    def answered(claim: str, number: int, outcome: str, paid: int, *adjustments: dict[str, Any]) -> dict[str, Any]:
        data = {
            "remittance_id": f"r-{number}",
            "outcome": outcome,
            "paid_cents": paid,
            "adjustments": list(adjustments),
            "received_on": f"2026-04-{number:02d}",
        }
        at = clock("12:00", f"2026-04-{number:02d}")
        return event("remittance.received", claim, data, event_id=f"r-{claim}-{number}", time=at)

    denied = {"group": "CO", "carc": "50", "rarcs": ["MA01"], "amount_cents": 20000}
    modifier = {"group": "CO", "carc": "4", "rarcs": [], "amount_cents": 6500, "line": 1}
    lost = claim_of("p-2")
    decided = {"outcome": "upheld", "decided_on": "2026-05-20"}
    events += [
        event("payer.policy.published", "acme", policy, event_id="policy", time=clock("07:00"), source=acme),
        event("coverage.verified", "p-1", coverage, event_id="acme-1", time=clock("07:10")),
        event("coverage.verified", "p-3", covered, event_id="later-coverage", time=clock("11:00")),
        event("interval.recorded", "s-1", interval(3, "97116", "09:44", "10:00"), event_id="late", time=clock("10:01")),
        event(
            "interval.stopped",
            "s-4",
            {"interval_id": "i-7", "end": clock("10:10")},
            event_id="stop",
            time=clock("10:10"),
        ),
        event(
            "interval.started",
            "s-4",
            {key: value for key, value in by_staff(7, "97112", "09:50", "10:10").items() if key != "end"},
            event_id="start",
            time=clock("09:50"),
        ),
        amended("s-2", 1, "15:00", set={"payer_id": "acme"}),
        event(
            "payer.policy.published",
            "acme",
            {**policy, **edits, "effective_from": "2026-03-01"},
            event_id="policy-2",
            time=clock("15:05"),
            source=acme,
        ),
        amended("s-1", 1, "15:06", set={"notice": notice, "telehealth": True, "place_of_service": "10"}),
        amended("s-3", 1, "15:10", replace_intervals=[interval(2, "97140", "10:40", "10:55")]),
        amended("s-4", 1, "15:20", remove_intervals=["i-2"]),
        event("note.recorded", "s-4", {"items": {"equipment": ""}}, event_id="note-2", time=clock("15:30")),
        event("session.voided", "s-5", {"reason": "no show"}, event_id="voided", time=clock("16:00", "2026-03-05")),
        event(
            "progress.reported",
            "plan-p-2",
            {"reported_on": "2026-03-01", "by_npi": THERAPIST, "measures": []},
            event_id="progress",
            time=clock("16:10"),
        ),
        answered(claim_of("p-1"), 3, "paid", 15000),
        answered(lost, 4, "denied", 0, denied),
        answered(lost, 6, "partial", 5000, modifier),
        event("appeal.decided", appeal_id(lost, 1), decided, event_id="decided", time=clock("09:00", "2026-05-20")),
    ]
    return events


def entangled_history() -> list[dict[str, Any]]:
    """Visits of which each changes what the others come to: a threshold, an authorization, a service billed twice,
    a correction after a denial, and a certifier whose role is told by a fact of its own."""
    events = reference("p-1")
    for patient in ("p-2", "p-3", "p-4"):
        events += reference(patient)[2:]
    days = ("2026-03-02", "2026-03-04", "2026-03-06", "2026-03-09")
    for number, day in enumerate(days, start=1):
        events += visit(f"t-{number}", patient="p-1", day=day)
        early = (("97112", "08:00", "08:28"), ("97530", "08:28", "08:44"))
        events += visit(f"a-{number}", patient="p-2", payer="acme", day=day, minutes=early, authorization_number="A-7")
    events += visit("c-1", patient="p-3", day="2026-03-03", minutes=(("97112", "09:00", "09:28"),))
    for number, payer in enumerate(("medicare", "medicare", "acme"), start=1):
        events += visit(f"d-{number}", patient="p-4", payer=payer, day="2026-03-05")
    acme, at = f"/orgs/{ORG}", clock("08:00", "2026-02-20")
    policy = {
        "name": "Acme",
        "effective_from": "2026-01-01",
        "extends": "commercial-cms",
        "requires_authorization": True,
    }
    granted = {"number": "A-7", "from": "2026-02-01", "to": "2026-04-30", "visits": 3}
    covered = {"payer_id": "acme", "member_id": "A-1", "from": "2026-01-01"}
    used = {"payer_id": "medicare", "member_id": "1EG4TE5MK73", "from": "2026-01-01", "kx_used_cents": 195_000}
    roles = {"name": "Robin Example", "role": "DC", "license_number": "DC-1", "payers": []}
    denied = {
        "remittance_id": "r-1",
        "outcome": "denied",
        "paid_cents": 0,
        "adjustments": [{"group": "CO", "carc": "50", "rarcs": [], "amount_cents": 20000}],
        "received_on": "2026-04-01",
    }
    later = {"start": clock("09:00", "2026-03-03"), "end": clock("09:40", "2026-03-03")}
    longer = {"reason": "time missed", "replace_intervals": [{**interval(1, "97112", "09:00", "09:40"), **later}]}
    report = {"reported_on": "2026-03-05", "by_npi": THERAPIST, "measures": []}
    events += [
        event("payer.policy.published", "acme", policy, event_id="acme", time=at, source=acme),
        event("coverage.verified", "p-1", used, event_id="used", time=at),
        event("coverage.verified", "p-2", {**covered, "authorization": granted}, event_id="granted", time=at),
        event("coverage.verified", "p-4", {**covered, "authorization": granted}, event_id="covered", time=at),
        event("clinician.credentialed", PHYSICIAN, roles, event_id="physician", time=at, source=acme),
        event("progress.reported", "plan-p-1", report, event_id="report", time=clock("17:00", "2026-03-05")),
        event(
            "remittance.received",
            claim_of("p-3", day="2026-03-03"),
            denied,
            event_id="denied",
            time=clock("12:00", "2026-04-01"),
        ),
        event("session.amended", "c-1", longer, event_id="longer", time=clock("12:00", "2026-04-02")),
    ]
    return events
