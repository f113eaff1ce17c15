"""`why` tells a claim's whole story from the record, and nothing that would name a patient."""

import doctest
import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from audit.errors import UnknownClaim
from audit.history import AsOf, case_of, history
from audit.telling import words
from audit.why import why
from suite.conflicts import conflicts
from suite.deciding import override, settle
from suite.installation import Installation
from support.histories import claim_of, interval, rich_history
from support.store import opened, send
from support.visits import NOTE, THERAPIST, clock, event, reference, visit
from therapy_domain.identity import id_bytes

CLAIMS = [claim_of("p-1"), claim_of("p-2"), claim_of("p-3"), claim_of("p-4", day="2026-03-04"), claim_of("p-1", "acme")]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with opened(tmp_path_factory.mktemp("told")) as installation:
        for one in rich_history():
            send(installation, [one])
        yield installation


def story(store: Installation, claim: str, as_of: AsOf | None = None) -> list[dict[str, Any]]:
    whole = why(store.read, store.codec, claim, as_of or AsOf())
    assert whole["claim_id"] == claim
    paragraphs: list[dict[str, Any]] = whole["paragraphs"]
    return paragraphs


def under(paragraphs: list[dict[str, Any]], heading: str) -> str:
    """Every line under a heading."""
    found = [line for each in paragraphs if each["heading"] == heading for line in each["lines"]]
    assert found, [each["heading"] for each in paragraphs]
    return "\n".join(found)


def performed(number: int, code: str, start: str, end: str, role: str, **more: Any) -> dict[str, Any]:
    data = interval(number, code, start, end, performer={"id": THERAPIST, "role": role}, **more)
    return event("interval.recorded", "s-1", data, event_id=f"by-{number}", time=clock(end))


def worked(*intervals: dict[str, Any]) -> list[dict[str, Any]]:
    """A visit of these intervals alone."""
    first, *rest = visit(minutes=())
    return [*reference(), first, *intervals, *rest]


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_event_of_the_claim_is_told_once_but_its_own_place_in_the_chart(told: Installation, claim: str) -> None:
    *paragraphs, last = story(told, claim)
    events = [
        each
        for each in history(told.read, told.codec, claim)["events"]
        if each["type"] != "VisitCharted" or each["data"]["claim_id"] != claim
    ]
    positions = [position for each in paragraphs for position in each["positions"]]
    assert sorted(positions) == [each["position"] for each in events]
    assert (last["heading"], last["positions"]) == ("How it stands", [events[-1]["position"]])
    assert all(each["lines"] for each in paragraphs)


@pytest.mark.parametrize("claim", CLAIMS)
def test_no_text_of_a_note_and_no_name_is_told(told: Installation, claim: str) -> None:
    text = orjson.dumps(story(told, claim)).decode()
    secrets = [
        *(value for value in NOTE.values() if isinstance(value, str)),
        "Specimen",
        "Alex",
        "Rowan",
        "1EG4TE5MK73",
    ]
    assert [secret for secret in (*secrets, "Berg", "Northside Rehab", "1950", "stairs") if secret in text] == []


def test_a_performer_who_is_no_npi_is_not_told(store: Installation) -> None:
    data = interval(1, "97112", "09:00", "09:28", performer={"id": "Rowan Example", "role": "PT"})
    send(store, worked(event("interval.recorded", "s-1", data, event_id="named", time=clock("09:28"))))
    assert "Rowan" not in orjson.dumps(story(store, claim_of("p-1"))).decode()


def test_minutes_become_units_by_the_steps_of_the_decision(told: Installation) -> None:
    lines = under(story(told, claim_of("p-1")), "From minutes to units")
    assert "By the rule cms-8-minute of ruleset 2026.1: 44 timed minutes, 3 units" in lines
    assert "97112: 28 min (09:00 to 09:28) became 2 units, GP." in lines
    assert "1 more unit goes to the largest remainder: 97112 (13 min over)." in lines
    assert "Source: CMS Pub. 100-04, chapter 5, section 20.2." in lines


def test_an_assistants_part_is_told(store: Installation) -> None:
    intervals = [
        performed(1, "97112", "09:00", "09:18", "PT"),
        performed(2, "97112", "09:18", "09:35", "PTA", supervisor_npi=THERAPIST),
    ]
    send(store, worked(*intervals))
    lines = under(story(store, claim_of("p-1")), "From minutes to units")
    both = "(09:00 to 09:18 and 09:18 to 09:35) became 1 unit"
    assert f"{both}, GP; of the code the therapist 18 min, the assistant 17." in lines
    assert f"{both}, GP CQ; of the code the therapist 18 min, the assistant 17." in lines


def test_a_free_choice_names_the_other_allocations(store: Installation) -> None:
    send(store, worked(performed(1, "97110", "09:00", "09:38", "PT"), performed(2, "97140", "09:38", "10:01", "PT")))
    lines = under(story(store, claim_of("p-1")), "From minutes to units")
    assert "equal remainders of 8 min" in lines
    assert "As well billable: 97110 GP x 2 and 97140 GP x 2." in lines


def test_a_finding_names_rule_version_release_fix_and_source(told: Installation) -> None:
    lines = under(story(told, claim_of("p-2")), "The claim is checked")
    assert "Checked by edition 1 of the rules (1-" in lines
    assert "and ruleset 2026.1 (" in lines
    assert "TIM-004 version 1, deny, line 1: 97112 and 97140: 5 minutes" in lines
    assert "Fix: Amend the intervals" in lines
    assert "Source: CMS Pub. 100-04, chapter 5, section 20.2." in lines


def test_a_late_fact_tells_what_it_changed_and_what_it_replaced(told: Installation) -> None:
    paragraphs = story(told, claim_of("p-1"))
    assert "interval i-3 came in addition (97116, 09:44 to 10:00" in under(paragraphs, "Session s-1 changed")
    again = under(paragraphs, "The minutes counted again")
    assert "Units changed: 97112 2 to 3 and 97116 0 to 1." in again
    checked = under(paragraphs, "The claim is checked again")
    assert re.search(
        r"Replaces the decision of position \d+\. New in its basis: revision 1 of session s-2 \(position \d+\)", checked
    )
    assert "No longer found: SIG-001 (session s-2: signed before the last interval ended)." in checked


def test_an_amendment_tells_what_was_and_what_is(told: Installation) -> None:
    paragraphs = story(told, claim_of("p-2"))
    changed = under(paragraphs, "Session s-3 changed")
    assert "reason: correction" in changed
    assert "interval i-2 was 97140, 10:35 to 10:55" in changed
    assert "is now 97140, 10:40 to 10:55" in changed
    assert re.search(r"New in its basis: session amended of s-3 \(position \d+\)\.", changed)
    assert "progress on plan plan-p-2 was reported on 2026-03-01" in under(paragraphs, "A later fact")


def test_a_session_that_left_is_told_in_both_claims(told: Installation) -> None:
    left, joined = claim_of("p-1"), claim_of("p-1", "acme")
    assert f"Session s-2 moved to claim {joined}" in under(story(told, left), "Session s-2 changed")
    assert "the session was in this claim (revision 2)" in under(story(told, joined), "Session s-2")
    assert "Session s-5 was voided" in under(story(told, claim_of("p-4", day="2026-03-04")), "Session s-5 changed")


def test_a_denial_is_told_with_what_follows_and_the_last_day(told: Installation) -> None:
    paragraphs = story(told, claim_of("p-2"))
    answers = under(paragraphs, "The payer answered")
    assert "Remittance r-4 belongs to this claim: denied, $0.00 of $255.00 charged." in answers
    follows = under(paragraphs, "What follows from the answer")
    assert "CO-50 $200.00 with MA01: appeal; may be appealed." in follows
    assert "last day to file 2026-08-02. Source: 42 CFR 405.942" in follows
    assert "A corrected claim is due for CO-4, $65.00; last day 2026-08-04." in follows
    ended = under(paragraphs, "The appeal was decided")
    assert "upheld, $200.00 still in dispute; level 2 may be asked until 2026-11-21" in ended


def test_facts_stand_before_the_decision_that_they_led_to(store: Installation) -> None:
    """Also where a whole history came in one batch, the payer's answer before the first decision."""
    send(store, rich_history())
    headings = [each["heading"] for each in story(store, claim_of("p-2"))]
    assert headings[:4] == ["What was known beforehand", "Session s-3", "From minutes to units", "The claim is checked"]
    assert headings.index("The payer answered") > headings.index("The claim is checked")


def test_who_released_a_finding_is_told_and_why_until_that_is_erased(store: Installation) -> None:
    send(store, [*reference(), *visit(note={**NOTE, "exercises": ""})])
    claim = claim_of("p-1")
    override(store, claim, rule="DOC-004", line=None, reason="flow sheet is on paper", by="biller-7")
    lines = under(story(store, claim), "A person released a finding")
    assert "biller-7 released DOC-004; reason: flow sheet is on paper." in lines
    assert "A person released it." in under(story(store, claim), "The claim is checked again")
    store.key_ring.destroy("patient/northside/p-1")
    store.read.forget()
    erased = story(store, claim)
    assert "biller-7 released DOC-004; the reason was erased." in under(erased, "A person released a finding")
    assert "note recorded; its text was erased" in under(erased, "Session s-1")
    assert "flow sheet" not in orjson.dumps(erased).decode()


def test_a_fact_that_came_twice_is_told_and_who_decided(store: Installation) -> None:
    events = [*reference(), *visit()]
    send(store, events)
    changed = next(each for each in events if each["id"] == "s-1-i1")
    send(store, [{**changed, "data": {**changed["data"], "code": "97116"}}])
    settle(store, conflicts(store)[0]["conflict_id"], keep="second", reason="wrong code", by="owner")
    twice = under(story(store, claim_of("p-1")), "A fact came twice")
    assert "came again with other content; the first stays in force." in twice
    assert "owner decided that the second content holds" in twice


def test_as_of_tells_no_more_than_was_known_then(told: Installation) -> None:
    claim = claim_of("p-2")
    case = id_bytes(case_of(told.read, claim))
    counted = next(row.position for row in told.log.read_cases([case]) if row.type == "UnitsCalculated")
    for position in (0, 1, counted - 1, counted, counted + 1, counted + 2, 79, 99, 101):
        paragraphs = story(told, claim, AsOf(position=position))
        assert all(each <= position for paragraph in paragraphs for each in paragraph["positions"])
    assert story(told, claim, AsOf(position=0)) == []
    assert story(told, claim, AsOf(position=counted))[-1]["lines"] == ["No claim was made of it yet."]


def test_an_unknown_claim_is_named(told: Installation) -> None:
    with pytest.raises(UnknownClaim, match="C0000000000000000"):
        story(told, "C0000000000000000")


def test_the_words_examples_hold() -> None:
    assert doctest.testmod(words).failed == 0
