"""Telehealth: dated windows, the list of the day, the place of service, and the payer's modifier."""

from datetime import date, timedelta
from typing import Any

import pytest


def remote(new_scene: Any, *codes: str, on: date = date(2026, 3, 2), **changes: Any) -> Any:
    scene = new_scene(on=on, **changes)
    start = (on - timedelta(days=5)).isoformat()
    plan = {"from": start, "to": (on + timedelta(days=5)).isoformat(), "certified_on": start}
    scene.plans = [("plan-1", {**plan, "initial_evaluation_on": start, "discipline": scene.discipline})]
    scene.coverages = [{"from": "2018-01-01"}]
    if codes:
        scene.intervals(*[scene.interval(code, 20 * n, 20) for n, code in enumerate(codes)])
    scene.first["opened"] |= {"telehealth": True, "place_of_service": "10"}
    return scene


def faults(scene: Any) -> list[tuple[str, int | None]]:
    return [(f.severity, f.line) for f in scene.found() if f.rule == "TEL-001"]


def test_a_visit_by_telehealth_carries_95_on_every_line(new_scene: Any) -> None:
    scene = remote(new_scene)
    assert scene.codes() == [("97112", 2, ("GP", "95")), ("97530", 1, ("GP", "95"))]
    assert scene.found() == []
    assert scene.assess().lines[0].explanation == ("95: furnished by telehealth",)


@pytest.mark.parametrize(
    ("telehealth", "place", "marked", "fault"),
    [
        (None, "11", False, False),
        (None, "10", True, False),
        (None, "02", True, False),
        (True, "02", True, False),
        (True, "11", True, True),
        (False, "11", False, False),
        (False, "10", False, True),
    ],
)
def test_place_and_word_of_a_session_agree(
    new_scene: Any, telehealth: bool | None, place: str, marked: bool, fault: bool
) -> None:
    scene = remote(new_scene)
    scene.first["opened"] |= {"telehealth": telehealth, "place_of_service": place}
    assert faults(scene) == ([("deny", None)] if fault else [])
    assert scene.codes()[0][2] == (("GP", "95") if marked else ("GP",))


@pytest.mark.parametrize(
    ("on", "open_"),
    [
        (date(2020, 2, 29), False),
        (date(2020, 3, 1), True),
        (date(2023, 5, 12), True),
        (date(2025, 1, 1), True),
        (date(2025, 10, 15), True),
        (date(2026, 1, 30), True),
        (date(2026, 1, 31), True),
        (date(2026, 2, 2), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),  # a window, and no list of the year yet
        (date(2027, 12, 31), False),
        (date(2028, 1, 1), False),
    ],
)
def test_medicare_pays_within_dated_windows_with_a_list(new_scene: Any, on: date, open_: bool) -> None:
    scene = remote(new_scene, "97110", on=on)
    assert faults(scene) == ([] if open_ else [("deny", None)])
    if not open_:
        told = next(f.message for f in scene.found() if f.rule == "TEL-001")
        assert ("no list" in told) == (on.year == 2027)


@pytest.mark.parametrize(
    ("code", "on", "listed"),
    [
        ("97110", date(2026, 3, 2), True),
        ("97140", date(2026, 3, 2), False),
        ("97035", date(2026, 3, 2), False),
        ("97550", date(2024, 12, 31), False),
        ("97550", date(2025, 1, 1), True),
        ("97150", date(2026, 3, 2), True),
    ],
)
def test_each_code_is_on_the_list_of_its_day(new_scene: Any, code: str, on: date, listed: bool) -> None:
    assert faults(remote(new_scene, code, on=on)) == ([] if listed else [("deny", 1)])


def test_before_2024_a_claim_named_the_place_of_an_office_visit(new_scene: Any) -> None:
    for on, fault in [(date(2023, 12, 29), False), (date(2024, 1, 2), True)]:
        scene = remote(new_scene, "97110", on=on)
        scene.first["opened"]["place_of_service"] = "11"
        assert bool(faults(scene)) is fault


def test_other_payers_have_no_window_and_may_have_a_list_and_modifier_of_their_own(new_scene: Any) -> None:
    scene = remote(new_scene, "97140", payer="commercial-cms", on=date(2028, 1, 3))
    assert scene.found() == []
    settings = {"telehealth_codes": ["97110"], "telehealth_modifier": "GT"}
    scene = remote(new_scene, "97110", "97140", payer="commercial-cms", settings=settings)
    assert faults(scene) == [("deny", 2)]
    assert scene.codes()[0] == ("97110", 2, ("GP", "GT"))


def test_a_day_with_both_marks_only_what_was_remote(new_scene: Any) -> None:
    scene = remote(new_scene, "97110")
    in_person = {**scene.first["opened"], "telehealth": None, "place_of_service": "11"}
    scene.session(scene.interval("97140", 120, 20), opened=in_person)
    assert faults(scene) == []
    assert scene.codes() == [("97110", 2, ("GP", "95")), ("97140", 1, ("GP",))]
    scene.sessions[1]["intervals"].append(scene.interval("97110", 150, 20))
    assert faults(scene) == [("deny", 1)]


def test_charges_without_the_modifier_are_told(new_scene: Any) -> None:
    scene = remote(new_scene, "97110").charge(("97110", 1, ["GP"]))
    assert scene.short() == [("MOD-001", "advice")]
    assert remote(new_scene, "97110").charge(("97110", 1, ["GP", "95"])).short() == []
