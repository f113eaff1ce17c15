"""Pair edits: never together, or together where the record shows separate services; the modifier is decided by us."""

import doctest
from datetime import date
from typing import Any

import pytest

from therapy_domain.claims import clocks

COVERED = date(2024, 7, 15)
"""The quarter whose practitioner and hospital files the release holds."""
AUTUMN = {"from": "2024-07-01", "to": "2024-09-20", "certified_on": "2024-07-05", "initial_evaluation_on": "2024-07-01"}
Row = tuple[str, float, int]


def day(new_scene: Any, *intervals: Row, on: date = COVERED, **changes: Any) -> Any:
    """A day of these intervals: code, minutes past nine, length."""
    scene = new_scene(on=on, **changes)
    if on == COVERED:
        scene.plans = [("plan-1", {**AUTUMN, "discipline": scene.discipline})]
        scene.coverages = [{"from": "2024-01-01"}]
    return scene.intervals(*[scene.interval(code, start, length) for code, start, length in intervals])


def edits(scene: Any) -> list[tuple[str, str, int | None]]:
    return [(f.rule, f.severity, f.line) for f in scene.found() if f.rule in ("NCC-001", "NCC-002")]


def modifiers(scene: Any) -> dict[str, tuple[str, ...]]:
    return {line.code: line.modifiers for line in scene.assess().lines}


@pytest.mark.parametrize("order", [("97124", "97140"), ("97140", "97124")])
def test_codes_that_are_never_paid_together_lose_column_2_whichever_comes_first(new_scene: Any, order: Any) -> None:
    scene = day(new_scene, (order[0], 0, 20), (order[1], 30, 20))
    assert edits(scene) == [("NCC-001", "deny", 1)]
    assert scene.of("NCC-001")[0].message.startswith("97124 is never paid beside 97140 (NCCI pair edits, practitioner")
    assert modifiers(scene)["97124"] == ("GP",)
    assert scene.assess().outcome == "held"


def test_codes_without_an_edit_have_no_finding_and_no_modifier(new_scene: Any) -> None:
    scene = day(new_scene, ("97110", 0, 20), ("97140", 20, 20), ("97530", 40, 20))
    assert edits(scene) == []
    assert set(modifiers(scene).values()) == {("GP",)}


def test_separate_services_carry_59_on_column_2(new_scene: Any) -> None:
    scene = day(new_scene, ("97110", 0, 20), ("97150", 20, 30))
    assert scene.short() == []
    assert modifiers(scene) == {"97110": ("59", "GP"), "97150": ("GP",)}
    assert scene.assess().lines[0].explanation == (
        "59: separate from 97150 on the record (NCCI pair edits, practitioner, 2024-07-01)",
    )


@pytest.mark.parametrize(
    ("traction", "manual", "separate"),
    [
        ([(0, 15)], [(15, 20)], True),
        ([(0, 15)], [(14, 20)], False),
        ([(10, 15)], [(0, 10), (25, 10)], True),  # alternating: A, B, A
        ([(10, 15)], [(0, 10), (24, 10)], False),
        ([(0, 15)], [(120, 20)], True),
    ],
)
def test_time_is_apart_by_the_clock_to_the_minute(new_scene: Any, traction: Any, manual: Any, separate: bool) -> None:
    rows = [("97012", *row) for row in traction] + [("97140", *row) for row in manual]
    scene = day(new_scene, *rows)
    assert edits(scene) == ([] if separate else [("NCC-002", "deny", 2)])
    assert modifiers(scene)["97140"] == (("59", "GP") if separate else ("GP",))


def test_examples_in_docstrings() -> None:
    assert doctest.testmod(clocks).failed == 0


def test_minutes_without_clock_times_show_nothing(new_scene: Any) -> None:
    scene = day(new_scene, ("97012", 0, 15), ("97140", 15, 20))
    for interval in scene.first["intervals"]:
        if interval["code"] == "97140":
            del interval["start"], interval["end"]
            interval["minutes"] = 20
    assert edits(scene) == [("NCC-002", "deny", 2)]
    assert "by the clock" in scene.of("NCC-002")[0].message


def test_one_edit_that_is_not_parted_leaves_the_code_without_a_modifier(new_scene: Any) -> None:
    """59 would open both edits: 97140 beside 97012 was separate, beside 97761 it was not."""
    scene = day(new_scene, ("97012", 0, 15), ("97140", 15, 20), ("97761", 30, 20))
    assert "97012" not in next(f.message for f in scene.of("NCC-002") if f.message.startswith("97140"))
    assert modifiers(scene)["97140"] == ("GP",)


def test_where_no_file_covers_the_date_the_nearest_one_decides_and_gives_advice(new_scene: Any) -> None:
    scene = day(new_scene, ("97110", 0, 20), ("97150", 20, 30), on=date(2026, 3, 2))
    assert modifiers(scene)["97110"] == ("59", "GP")
    assert edits(scene) == [("NCC-002", "advice", 1)]
    assert "NCCI pair edits, practitioner, 2024-07-01, the nearest file we hold" in scene.of("NCC-002")[0].message
    assert scene.assess().outcome == "ready"
    for rows, rule in [
        ((("97012", 0, 15), ("97140", 5, 20)), "NCC-002"),
        ((("97124", 0, 20), ("97140", 20, 20)), "NCC-001"),
    ]:
        scene = day(new_scene, *rows, on=date(2026, 3, 2))
        assert [(name, severity) for name, severity, _ in edits(scene)] == [(rule, "advice")]


@pytest.mark.parametrize(
    ("on", "binds"),
    [(date(2024, 6, 30), False), (date(2024, 7, 1), True), (date(2024, 9, 30), True), (date(2024, 10, 1), False)],
)
def test_a_file_binds_the_dates_that_it_was_published_for(new_scene: Any, on: date, binds: bool) -> None:
    scene = day(new_scene, ("97124", 0, 20), ("97140", 20, 20), on=on)
    assert [severity for _, severity, _ in edits(scene)] == ["deny" if binds else "advice"]


def test_a_void_or_ended_edit_is_none(new_scene: Any) -> None:
    assert edits(day(new_scene, ("97161", 0, 30), ("97140", 30, 20))) == []
    assert edits(day(new_scene, ("97530", 0, 20), ("97116", 20, 20))) == []


def test_codes_without_a_unit_stand_on_no_claim(new_scene: Any) -> None:
    assert edits(day(new_scene, ("97140", 0, 30), ("97124", 30, 4))) == []


@pytest.mark.parametrize(
    ("place", "indicator_0"), [("11", True), ("12", True), ("19", False), ("22", False), ("31", False)]
)
def test_a_facilitys_claim_has_the_hospital_edits(new_scene: Any, place: str, indicator_0: bool) -> None:
    """97750 beside an evaluation: never for practitioners, with a modifier for hospitals."""
    scene = day(new_scene, ("97161", 0, 30), ("97750", 30, 20))
    scene.first["opened"]["place_of_service"] = place
    assert edits(scene) == ([("NCC-001", "deny", 2)] if indicator_0 else [])
    assert modifiers(scene)["97750"] == (("GP",) if indicator_0 else ("59", "GP"))


def test_a_claim_of_mixed_places_has_the_practitioners_edits(new_scene: Any) -> None:
    scene = day(new_scene, ("97161", 0, 30), ("97750", 30, 20))
    scene.first["opened"]["place_of_service"] = "22"
    scene.session(scene.interval("97110", 120, 20), opened={**scene.first["opened"], "place_of_service": "11"})
    assert edits(scene) == [("NCC-001", "deny", 3)]


def test_beside_manipulation_only_another_region_is_separate_and_the_note_must_justify_it(new_scene: Any) -> None:
    settings = {"performers": {"97140": ["DC"]}}
    scene = new_scene(discipline="CHIRO", on=COVERED, payer="commercial-cms", settings=settings)
    scene.plans = [("plan-1", {**AUTUMN, "discipline": "CHIRO"})]
    scene.coverages = [{"from": "2024-01-01"}]
    scene.intervals(scene.interval("98940", 0, 10, role="DC"), scene.interval("97140", 10, 20, role="DC"))
    assert edits(scene) == [("NCC-002", "deny", 1)]
    scene.note(separate_services_justification="Manual work on the left shoulder, manipulation of the lumbar spine")
    assert edits(scene) == []
    assert modifiers(scene)["97140"] == ("59", "GP")


@pytest.mark.parametrize(
    ("change", "modifier"),
    [("as it is", "XU"), ("another practitioner", "XP"), ("another session", "XE")],
)
def test_a_payer_that_prefers_it_gets_the_modifier_that_says_why(new_scene: Any, change: str, modifier: str) -> None:
    scene = day(new_scene, ("97110", 0, 20), ("97150", 20, 30), settings={"separate_service_modifier": "X"})
    if change == "another practitioner":
        scene.first["intervals"][1]["performer"]["id"] = "1245319599"
    if change == "another session":
        scene.first["intervals"].pop()
        scene.session(scene.interval("97150", 120, 30))
    assert modifiers(scene)["97110"] == (modifier, "GP")


def test_manipulation_and_another_region_is_xs(new_scene: Any) -> None:
    settings = {"performers": {"97140": ["DC"]}, "separate_service_modifier": "X"}
    scene = new_scene(discipline="CHIRO", payer="commercial-cms", settings=settings)
    scene.plans = [("plan-1", {"discipline": "CHIRO"})]
    scene.intervals(scene.interval("98940", 0, 10, role="DC"), scene.interval("97140", 5, 20, role="DC"))
    scene.note(separate_services_justification="left shoulder")
    assert modifiers(scene)["97140"] == ("XS", "GP")


def test_every_line_of_the_code_carries_it(new_scene: Any) -> None:
    scene = day(new_scene, ("97150", 60, 30))
    scene.first["intervals"] += [scene.interval("97110", 0, 18), scene.interval("97110", 20, 17, role="PTA")]
    scene.note(assistant_supervision="on site")
    assert scene.codes() == [("97110", 1, ("59", "GP")), ("97110", 1, ("59", "GP", "CQ")), ("97150", 1, ("GP",))]


def test_a_payers_own_edit_binds_whatever_is_published(new_scene: Any) -> None:
    """97530 beside 97140 is no live edit of Medicare's; commercial payers still have it."""
    own = {"pair_edits": [{"column_1": "97140", "column_2": "97530", "indicator": 1}]}
    for on in (COVERED, date(2026, 3, 2)):
        assert edits(day(new_scene, ("97140", 0, 20), ("97530", 20, 20), on=on)) == []
        scene = day(new_scene, ("97140", 0, 20), ("97530", 20, 20), on=on, payer="commercial-cms", settings=own)
        assert edits(scene) == []
        assert modifiers(scene)["97530"] == ("59", "GP")
    never = {"pair_edits": [{"column_1": "97140", "column_2": "97530", "indicator": 0}]}
    scene = day(new_scene, ("97140", 0, 20), ("97530", 20, 20), payer="commercial-cms", settings=never)
    assert edits(scene) == [("NCC-001", "deny", 2)]
    none = {"pair_edits": [{"column_1": "97140", "column_2": "97124", "indicator": 9}]}
    scene = day(new_scene, ("97140", 0, 20), ("97124", 20, 20), payer="commercial-cms", settings=none)
    assert edits(scene) == []


def test_edits_hold_between_disciplines_of_one_organization(new_scene: Any) -> None:
    """92507 in the SLP's claim: the PT's 97110 is column 2."""
    scene = day(new_scene, ("97110", 0, 20)).beside(("92507", 20, 30))
    assert edits(scene) == []
    assert modifiers(scene)["97110"] == ("59", "GP")
    scene = day(new_scene, ("97110", 0, 20)).beside(("92507", 19, 30))
    assert edits(scene) == [("NCC-002", "deny", 1)]
    scene = day(new_scene, ("97110", 0, 20)).beside(("92507", None, 30))
    assert edits(scene) == [("NCC-002", "deny", 1)]


def test_an_add_on_is_apart_where_its_base_is(new_scene: Any) -> None:
    """97130 stands on the claim for minutes that were recorded as 97129; 97168 is column 2 of both."""
    for start, found in [(30, []), (29, [("NCC-002", "deny", 3)])]:
        scene = day(new_scene, discipline="OT")
        scene.intervals(scene.interval("97129", 0, 30, role="OT"), scene.interval("97168", start, 20, role="OT"))
        assert edits(scene) == found
        assert modifiers(scene)["97168"] == (("GO",) if found else ("59", "GO"))


def test_what_is_column_1_or_another_payers_is_no_fault_here(new_scene: Any) -> None:
    assert edits(day(new_scene, ("97150", 0, 30)).beside(("97110", 10, 20), discipline="OT")) == []
    assert edits(day(new_scene, ("97110", 0, 20)).beside(("92507", 10, 30), payer="acme")) == []


@pytest.mark.parametrize(
    ("charges", "found"),
    [
        ([("97110", 1, ["GP", "59"]), ("97150", 1, ["GP"])], []),
        ([("97110", 1, ["GP", "XE"]), ("97150", 1, ["GP"])], []),
        ([("97110", 1, ["GP"]), ("97150", 1, ["GP", "59"])], []),
        ([("97110", 1, ["GP"]), ("97150", 1, ["GP"])], [("NCC-002", "deny", ("MOD-001",))]),
    ],
)
def test_a_pair_charged_without_the_modifier_is_told(new_scene: Any, charges: Any, found: Any) -> None:
    scene = day(new_scene, ("97110", 0, 20), ("97150", 20, 30)).charge(*charges)
    assert [(f.rule, f.severity, f.also) for f in scene.found()] == found


def test_before_july_2019_only_column_2_opens_an_edit(new_scene: Any) -> None:
    for on, found in [(date(2019, 6, 28), ["MOD-007", "NCC-002"]), (date(2019, 7, 1), ["NCC-002"])]:
        scene = day(new_scene, ("97110", 0, 20), ("97150", 20, 30), on=on)
        scene.charge(("97110", 1, ["GP"]), ("97150", 1, ["GP", "59"]))
        assert [f.rule for f in scene.found() if f.rule in ("MOD-007", "NCC-002")] == found


def test_59_charged_for_services_that_were_not_separate_is_one_finding(new_scene: Any) -> None:
    scene = day(new_scene, ("97012", 0, 15), ("97140", 10, 20))
    scene.charge(("97012", 1, ["GP"]), ("97140", 1, ["GP", "59"]))
    assert [(f.rule, f.severity, f.also) for f in scene.found()] == [("MOD-007", "deny", ("NCC-002",))]
