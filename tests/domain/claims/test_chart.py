"""The patient's chart: which visits an assessment looks back on, and how alike two notes are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapy_domain.claims.case import Known
from therapy_domain.claims.chart import Chart, entered, history_hash, others, own_entry
from therapy_domain.claims.chart import chart as chart_entry
from therapy_domain.claims.clocks import clocks_of
from therapy_domain.claims.likeness import KEPT, digest, likeness, sketch
from therapy_domain.events.chart import ChartedNote, VisitCharted
from therapy_domain.events.session import Interval
from therapy_domain.rulesets import load

DAY = date(2026, 3, 9)
NOTE = """Single leg stance on foam beside the bars, three sets of thirty seconds with light touch, then tandem walking
over six metres with head turns; two verbal cues for trunk alignment and one tactile cue at the left hip each set."""


def entry(case: str, day: date, *, sessions: tuple[str, ...] = ("s",), event_id: str = "") -> Known[VisitCharted]:
    visit = VisitCharted.trusted(
        case_id=case,
        claim_id=f"C-{case}",
        org="north",
        patient_id="p-1",
        payer_id="medicare",
        discipline="PT",
        date_of_service=day,
        session_ids=sessions,
        ruleset="2026.1",
        ruleset_hash="",
        basis=(),
    )
    return Known(event_id or f"id-{case}", visit, case, datetime(2026, 3, 9, tzinfo=UTC))


def chart(*entries: Known[VisitCharted]) -> Chart:
    found: Chart = {}
    for each in entries:
        found = entered(found, each)
    return found


def seen(found: Chart, case: str = "own", day: date = DAY) -> list[str]:
    return [known.event.case_id for known in others(found, case, day)]


@pytest.mark.parametrize(
    ("day", "looked_back_on"),
    [
        (DAY - timedelta(days=367), False),
        (DAY - timedelta(days=366), True),
        (DAY - timedelta(days=1), True),
        (DAY, True),
        (DAY + timedelta(days=1), False),
    ],
)
def test_an_assessment_looks_back_a_year_and_at_the_other_cases_of_its_day(day: date, looked_back_on: bool) -> None:
    assert bool(seen(chart(entry("other", day)))) is looked_back_on


def test_a_visit_never_looks_back_on_itself() -> None:
    assert seen(chart(entry("own", DAY))) == []


def test_a_case_without_sessions_is_no_visit() -> None:
    assert seen(chart(entry("gone", DAY, sessions=()))) == []


def test_a_later_entry_of_a_case_replaces_the_earlier_one() -> None:
    found = chart(entry("other", DAY), entry("other", DAY - timedelta(days=3), event_id="later"))
    assert [known.id for known in others(found, "own", DAY)] == ["later"]


@given(st.permutations([entry(str(n), DAY - timedelta(days=n)) for n in range(6)]))
def test_the_order_of_entries_changes_nothing(entries: list[Known[VisitCharted]]) -> None:
    found = others(chart(*entries), "own", DAY)
    assert [known.event.case_id for known in found] == ["5", "4", "3", "2", "1", "0"]
    assert history_hash(found) == history_hash(entries)


def test_histories_of_other_entries_have_other_names() -> None:
    one, two = entry("1", DAY), entry("2", DAY)
    assert history_hash([]) is None
    assert len({history_hash([one]), history_hash([two]), history_hash([one, two])}) == 3


def test_texts_of_the_same_words_have_one_digest_whatever_case_and_punctuation() -> None:
    assert digest("Tandem walking, 6 m!") == digest("tandem  walking 6 M") != digest("tandem walking 7 m")
    assert digest(None) is digest("  ...") is None


def test_a_digest_is_kept_in_charts_and_so_never_changes() -> None:
    assert digest("Tandem walking, 6 m!") == "520e0f0671e42ee1adbaf575"


def test_a_copied_note_is_wholly_alike_and_one_word_changes_little() -> None:
    assert likeness(sketch([NOTE]), sketch([NOTE])) == 100
    assert 70 <= likeness(sketch([NOTE]), sketch([NOTE.replace("tandem", "heel to toe")])) < 100


def test_notes_of_other_words_are_not_alike() -> None:
    other = NOTE.replace(" ", " x")
    assert likeness(sketch([NOTE]), sketch([other])) == 0


def test_a_short_text_is_like_nothing() -> None:
    assert sketch(["balance work on foam, tolerated well"]) == ()
    assert likeness((), sketch([NOTE])) == 0


def interval(start: str | None, end: str | None) -> Interval:
    times = {name: datetime.fromisoformat(f"2026-03-09T{at}") for name, at in (("start", start), ("end", end)) if at}
    return Interval.model_construct(**{"start": None, "end": None, "activity": "treatment", **times})


def test_the_same_instants_are_the_same_clock_times_in_whatever_zone_order_and_number_they_are_told() -> None:
    here, there = interval("09:00-05:00", "09:28-05:00"), interval("14:00Z", "14:28Z")
    other = interval("09:00-05:00", "09:29-05:00")
    assert clocks_of([here]) == clocks_of([there]) == clocks_of([here, there]) != clocks_of([other])
    assert clocks_of([here, other]) == clocks_of([other, here])


def test_clock_times_are_known_where_every_stretch_has_them() -> None:
    assert clocks_of([]) is None
    assert clocks_of([interval("09:00Z", "09:28Z"), interval("10:00Z", None)]) is None


def test_a_stretch_without_length_has_no_clock_time_and_takes_none_away() -> None:
    moment, stretch = interval("09:00Z", "09:00Z"), interval("10:00Z", "10:28Z")
    assert clocks_of([moment]) is None
    assert clocks_of([moment, stretch]) == clocks_of([stretch]) is not None
    assert clocks_of([interval("10:28Z", "10:00Z"), stretch]) is None


def test_an_entry_names_clinic_clinicians_and_authorizations(new_scene: Any) -> None:
    scene = new_scene()
    scene.first["opened"]["authorization_number"] = "A-2"
    scene.session(scene.interval("97110", 120, 20), clinic=None)
    scene.session(scene.interval("97110", 180, 20))
    opened = scene.first["opened"]
    scene.sessions[2]["opened"] = {**opened, "authorization_number": "A-1", "clinician_npi": "1245319599"}
    case = scene.case()
    sessions = [(known.id, known.event) for known in case.sessions]
    visit = chart_entry(case.units, sessions, case.organization, case.policy, (), load("2026.1"))
    assert (visit.clinic, visit.authorizations) == ("north", ("A-1", "A-2"))
    assert visit.clinicians == ("1234567893", "1245319599")
    assert visit.session_ids == ("S-1", "S-2", "S-3")


def test_an_entry_is_ones_own_where_it_is_of_the_same_sessions() -> None:
    known = entry("own", DAY)
    note = ChartedNote(session_id="s")
    event = known.event.model_copy(update={"basis": ("s-1", "u"), "notes": (note,)})
    charted = entered({}, Known(known.id, event, known.subject, known.occurred_at))
    assert own_entry(charted, "own", ["s-1"]) is event
    assert own_entry(charted, "own", ["s-2"]) is None
    assert own_entry(charted, "own", ["s-1", "s-2"]) is None
    assert own_entry(charted, "another", ["s-1"]) is None


def test_an_entry_tells_when_and_by_whom_each_line_was_given(new_scene: Any) -> None:
    """97130 is counted from what was recorded as 97129; minutes without clock times leave a line without them."""
    scene = new_scene(discipline="SLP", plans=[("plan-1", {"discipline": "SLP"})])
    scene.intervals(
        scene.interval("97129", 0, 30, role="SLP"),
        scene.interval("97129", 40, 5, role="SLP", activity="rest", by="someone"),
        {**scene.interval("92507", 60, 30, role="SLP"), "start": None, "end": None, "minutes": 30},
    )
    case = scene.case()
    sessions = [(known.id, known.event) for known in case.sessions]
    visit = chart_entry(case.units, sessions, case.organization, case.policy, (), load("2026.1"))
    start = int(datetime.fromisoformat(scene.at(0)).timestamp())
    told = {line.code: line.clocks for line in visit.lines}
    assert told == {"97129": ((start, start + 1800),), "97130": ((start, start + 1800),), "92507": None}


def test_digests_and_sketches_are_stored_and_so_never_change() -> None:
    words = [f"word{number}" for number in range(14)]
    assert digest("Tandem stance, on foam.") == digest("tandem  STANCE on foam") == "99dbdf327d33b45d919645df"
    assert sketch([" ".join(words)]) == (
        227050324,
        430216717,
        465140869,
        847023974,
        1371403392,
        1556700930,
        1703145395,
        1729692717,
        2284985903,
        2699431305,
        3429070267,
        3869332226,
    )
    assert len(sketch([" ".join(f"w{number}" for number in range(99))])) == KEPT
    assert (len(sketch([" ".join(words)])), len(sketch([" ".join(words[:13])]))) == (12, 0)
