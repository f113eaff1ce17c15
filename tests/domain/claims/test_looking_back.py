"""Rules that look back on the patient's earlier visits: progress reports, copied notes, repetition, monitoring."""

from datetime import date, timedelta
from typing import Any

import pytest

NOTE = {
    "exercises": "Tandem stance on foam 3 x 30 s beside the bars, then sit to stand 2 x 10 from an 18 inch chair",
    "skilled_guidance": "Manual facilitation at the pelvis and two verbal cues for weight shift in each set",
    "patient_response": "Loss of balance twice in the second set, corrected with a stepping strategy, no dizziness",
    "functional_change": "Now climbs one flight of stairs with one rail where two rails were needed a week ago",
    "progress_toward_goals": "Goal 1 of 3 met, goal 2 half way with a Berg score of 44 where 48 is the target",
}
OVERDUE = [("DOC-012", "deny")]


def treated(scene: Any, days: int, **changes: Any) -> Any:
    """So many earlier treatment days, every second day, the latest two days ago."""
    for number in range(1, days + 1):
        scene.visited(2 * number, **changes)
    return scene


@pytest.mark.parametrize(("earlier", "found"), [(8, []), (9, OVERDUE), (10, OVERDUE)])
def test_a_report_is_due_by_treatment_day_ten(new_scene: Any, earlier: int, found: list[Any]) -> None:
    scene = treated(new_scene(on=date(2026, 4, 1)), earlier)
    assert scene.short() == found
    if found:
        (finding,) = scene.of("DOC-012")
        assert f"treatment day {earlier + 1} of the plan" in finding.message


@pytest.mark.parametrize(
    ("reported", "by", "found"),
    [
        ("2026-04-01", None, []),  # on day 10 itself
        ("2026-03-30", None, []),  # the day before: this is day 1
        ("2026-03-14", None, []),  # nine days of treatment since
        ("2026-03-12", None, OVERDUE),  # ten
        ("2026-04-02", None, OVERDUE),  # not written yet
        ("2026-03-30", "1245319599", OVERDUE),  # an assistant's
    ],
)
def test_a_clinicians_report_begins_the_count_anew(new_scene: Any, reported: str, by: str | None, found: Any) -> None:
    scene = treated(new_scene(on=date(2026, 4, 1)), 14)
    scene.clinicians["1245319599"] = {"role": "PTA"}
    scene.progress = [("plan-1", {"reported_on": reported, **({"by_npi": by} if by else {})})]
    assert scene.short() == found


def test_a_report_by_one_who_is_not_known_here_counts(new_scene: Any) -> None:
    scene = treated(new_scene(on=date(2026, 4, 1)), 12)
    scene.progress = [("plan-1", {"reported_on": "2026-03-28", "by_npi": "1679576722"})]
    assert scene.short() == []


def test_a_report_on_another_plan_does_not_count(new_scene: Any) -> None:
    scene = treated(new_scene(on=date(2026, 4, 1)), 12)
    scene.plans = [*scene.plans, ("plan-2", {"from": "2025-06-01", "to": "2025-07-01"})]
    scene.progress = [("plan-2", {"reported_on": "2026-03-28"})]
    assert scene.short() == OVERDUE


def test_without_a_report_days_count_from_the_plans_first_treatment(new_scene: Any) -> None:
    scene = treated(new_scene(on=date(2026, 4, 1)), 12)
    scene.plans = [("plan-1", {"from": "2026-03-16", "initial_evaluation_on": "2026-03-14"})]
    assert scene.short() == OVERDUE  # 14 March to 1 April: day 10
    scene.plans = [("plan-1", {"from": "2026-03-16", "initial_evaluation_on": "2026-03-15"})]
    assert scene.short() == []


def test_a_renewed_plan_does_not_begin_the_count_anew(new_scene: Any) -> None:
    scene = treated(new_scene(on=date(2026, 4, 1)), 12)
    scene.plans = [("plan-1", {}), ("plan-1", {"from": "2026-03-28", "goals": ["Berg 54 of 56"]})]
    assert scene.short() == OVERDUE


def test_days_of_another_discipline_and_days_without_treatment_do_not_count(new_scene: Any) -> None:
    assert treated(new_scene(on=date(2026, 4, 1)), 12, discipline="OT").short() == []
    assert treated(new_scene(on=date(2026, 4, 1)), 12, treated=False).short() == []


def test_two_claims_of_a_day_are_one_treatment_day(new_scene: Any) -> None:
    scene = treated(treated(new_scene(on=date(2026, 4, 1)), 8), 8, case_id="other", payer_id="acme")
    assert scene.short() == []


def test_where_no_plan_is_asked_for_no_report_is(new_scene: Any) -> None:
    scene = treated(new_scene(on=date(2026, 4, 1), settings={"requires_certified_plan": False}), 12)
    assert scene.short() == []


@pytest.mark.parametrize("days", [1, 40])
def test_a_note_of_an_earlier_day_is_no_note_of_this_one(scene: Any, days: int) -> None:
    scene.note(**NOTE)
    scene.visited(days, note=NOTE)
    assert scene.short() == [("DOC-016", "deny")]
    assert f"copy of that of {scene.on - timedelta(days=days)}" in scene.found()[0].message


def changed(words: int) -> dict[str, str]:
    """The note with so many words replaced, far apart."""
    given = {name: text.split() for name, text in NOTE.items()}
    places = [(name, place) for name, text in given.items() for place in range(1, len(text), 4)]
    for name, place in places[:: max(1, len(places) // words)][:words]:
        given[name][place] = f"other{place}"
    return {name: " ".join(text) for name, text in given.items()}


@pytest.mark.parametrize(("words", "found"), [(1, [("DOC-016", "deny")]), (8, []), (20, [])])
def test_a_word_changed_leaves_a_copy_and_many_do_not(scene: Any, words: int, found: list[Any]) -> None:
    scene.note(**NOTE)
    scene.visited(1, note=changed(words))
    assert scene.short() == found


def test_the_latest_day_is_told_that_the_note_is_a_copy_of(scene: Any) -> None:
    scene.note(**NOTE).visited(9, note=NOTE).visited(2, note=NOTE)
    assert str(scene.on - timedelta(days=2)) in scene.of("DOC-016")[0].message


def test_sessions_of_one_day_may_have_one_note(scene: Any) -> None:
    scene.note(**NOTE)
    scene.session(scene.interval("97112", 200, 20, interval_id="x"), note=NOTE)
    scene.visited(0, note=NOTE, payer_id="acme", case_id="0")
    assert scene.of("DOC-016") == []


def again(scene: Any, *days: int, **changes: Any) -> Any:
    """Earlier visits with this visit's exercises and guidance, and a response of their own."""
    note = scene.first["note"]
    for day in days:
        own = {"patient_response": f"response {day}", "functional_change": None, "progress_toward_goals": f"at {day}"}
        scene.visited(day, note={**note, **own}, **changes)
    return scene


@pytest.mark.parametrize(
    ("settings", "days", "found"),
    [
        ({}, (), []),
        ({}, (2,), []),
        ({}, (4, 2), [("SKL-001", "deny")]),
        ({}, (6, 4, 2), [("SKL-001", "deny")]),
        ({"repeated_visits": 4}, (4, 2), []),
        ({"repeated_visits": 4}, (6, 4, 2), [("SKL-001", "deny")]),
        ({"repeated_visits": 2}, (2,), [("SKL-001", "deny")]),
    ],
)
def test_the_third_visit_of_the_same_needs_progression_or_a_new_cue(
    new_scene: Any, settings: dict[str, Any], days: tuple[int, ...], found: list[Any]
) -> None:
    assert again(new_scene(settings=settings), *days).short() == found


@pytest.mark.parametrize("item", ["exercises", "skilled_guidance"])
def test_a_new_dose_or_a_new_cue_is_progress(scene: Any, item: str) -> None:
    again(scene, 4, 2)
    scene.note(**{item: scene.first["note"][item] + " and one step further"})
    assert scene.short() == []


def test_a_visit_between_with_other_exercises_ends_the_row(scene: Any) -> None:
    again(scene, 6, 4)
    scene.visited(2, note={"exercises": "Step-ups 2 x 10"})
    assert scene.short() == []


def test_visits_of_another_discipline_do_not_end_the_row(scene: Any) -> None:
    again(scene, 6, 4)
    scene.visited(2, note={"exercises": "Grip 2 x 10"}, discipline="OT")
    assert scene.short() == [("SKL-001", "deny")]


def monitored(new_scene: Any, code: str, on: date = date(2026, 4, 1)) -> Any:
    """A visit of one monitoring code."""
    scene = new_scene(on=on)
    return scene.intervals(scene.interval(code, 0, 20))


@pytest.mark.parametrize(
    ("code", "before", "on", "found"),
    [
        ("98975", "98975", "2026-03-02", True),
        ("98975", "98975", "2026-02-16", True),  # the first day of the episode
        ("98975", "98975", "2026-02-15", False),  # another episode
        ("98975", "98977", "2026-03-02", False),
        ("98977", "98977", "2026-03-02", False),  # 30 days before
        ("98977", "98977", "2026-03-03", True),
        ("98985", "98977", "2026-03-03", True),
        ("98980", "98980", "2026-03-31", False),  # last month
        ("98980", "98979", "2026-04-01", True),
        ("98981", "98980", "2026-04-01", False),  # adds to it
    ],
)
def test_monitoring_codes_come_once_in_their_period(
    new_scene: Any, code: str, before: str, on: str, found: bool
) -> None:
    scene = monitored(new_scene, code).visited(on, (before,), case_id="0")
    assert [f.severity for f in scene.of("RTM-001")] == ["deny"] * found


def test_a_renewed_plan_is_the_same_episode(new_scene: Any) -> None:
    scene = monitored(new_scene, "98975").visited("2026-03-02", ("98975",))
    scene.plans = [("plan-1", {}), ("plan-1", {"from": "2026-03-20", "goals": ["Berg 54 of 56"]})]
    assert len(scene.of("RTM-001")) == 1


def test_one_claim_has_one_device_code(new_scene: Any) -> None:
    scene = monitored(new_scene, "98977")
    scene.first["intervals"].append(scene.interval("98985", 30, 20))
    assert [(f.rule, f.line) for f in scene.of("RTM-001")] == [("RTM-001", 2)]
