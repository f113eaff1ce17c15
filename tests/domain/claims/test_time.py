"""Minutes left out, contested or charged otherwise: one fault, one finding, as bad as the charges make it."""

from datetime import datetime
from typing import Any

import pytest

from therapy_domain.units.model import Occupied

MISCOUNTED = ("DOC-003", "TIM-006", "TIM-001")


def test_charges_above_the_minutes_are_denied(scene: Any) -> None:
    scene.charge(("97112", 3, ["GP"]), ("97530", 1, ["GP"]))
    assert [(f.rule, f.severity, f.also, f.line) for f in scene.found()] == [
        ("DOC-003", "deny", ("TIM-006", "TIM-001"), 1)
    ]


def test_charges_below_the_minutes_are_advice(scene: Any) -> None:
    scene.charge(("97112", 1, ["GP"]), ("97530", 1, ["GP"]))
    assert [(f.rule, f.severity, f.also, f.line) for f in scene.found()] == [("DOC-003", "advice", ("TIM-006",), 1)]
    scene.charge(("97112", 2, ["GP"]))
    assert [(f.rule, f.severity, f.line) for f in scene.found()] == [("DOC-003", "advice", 2)]


def test_a_unit_moved_to_another_code_is_one_fault(scene: Any) -> None:
    scene.charge(("97112", 3, ["GP"]))
    assert [(f.rule, f.severity, f.line) for f in scene.found()] == [("DOC-003", "deny", 1)]


@pytest.mark.parametrize("charges", [(3, 1), (2, 2)])
def test_charges_may_follow_any_allocation_that_a_tie_allows(scene: Any, charges: tuple[int, int]) -> None:
    scene.intervals(scene.interval("97110", 0, 38), scene.interval("97140", 40, 23))  # 61 minutes, 8 left over in both
    scene.charge(("97110", charges[0], ["GP"]), ("97140", charges[1], ["GP"]))
    assert scene.found() == []


def test_charges_that_take_a_tie_twice_are_denied(scene: Any) -> None:
    scene.intervals(scene.interval("97110", 0, 38), scene.interval("97140", 40, 23))
    scene.charge(("97110", 3, ["GP"]), ("97140", 2, ["GP"]))
    assert scene.short() == [("DOC-003", "deny")]


def test_a_charge_without_any_minutes_is_denied(scene: Any) -> None:
    scene.charge(("97112", 2, ["GP"]), ("97530", 1, ["GP"]), ("97140", 1, ["GP"]))
    assert [(f.rule, f.severity, f.line) for f in scene.found()] == [("DOC-003", "deny", None)]


def test_charges_are_added_over_the_sessions(scene: Any) -> None:
    scene.session(scene.interval("97112", 120, 20, interval_id="b"))
    scene.charge(("97112", 2, ["GP"]), ("97530", 1, ["GP"]))
    assert scene.found() == []  # the second session says nothing of charges: no undercharge is known
    scene.charge(("97112", 1, ["GP"]), session=1)
    assert scene.found() == []
    scene.charge(("97112", 2, ["GP"]), session=1)
    assert [(f.rule, f.severity) for f in scene.found()] == [("DOC-003", "deny")]


@pytest.mark.parametrize("payer", ["medicare", "commercial-midpoint"])
@pytest.mark.parametrize(("minutes", "rule"), [(23, "TIM-003"), (22, "DOC-003")])
def test_a_rest_explains_a_charge_that_its_minutes_would_have_earned(
    new_scene: Any, payer: str, minutes: int, rule: str
) -> None:
    scene = new_scene(payer=payer)
    scene.intervals(scene.interval(minutes=minutes), scene.interval(start=5, minutes=1, activity="rest"))
    scene.charge(("97112", 2, ["GP"]))
    assert [f.rule for f in scene.found()] == [rule]


def test_an_unknown_payer_says_nothing_of_units(scene: Any) -> None:
    scene.policy = None
    scene.charge(("97112", 9, ["GP"]))
    assert "DOC-003" not in {f.rule for f in scene.found()}


def test_a_bundled_code_charged_is_advice(scene: Any) -> None:
    scene.first["intervals"].append(scene.interval("97010", 60, 10, contact="unattended"))
    scene.charge(("97112", 2, ["GP"]), ("97530", 1, ["GP"]), ("97010", 1, ["GP"]))
    assert scene.short() == [("DOC-003", "advice")]


@pytest.mark.parametrize("activity", ["setup", "rest"])
def test_setup_and_rest_are_silent_unless_charged(scene: Any, activity: str) -> None:
    scene.intervals(scene.interval(minutes=40), scene.interval(start=10, minutes=5, activity=activity))
    assert scene.found() == []  # 35 minutes are 2 units
    scene.charge(("97112", 2, ["GP"]))
    assert scene.found() == []
    scene.charge(("97112", 3, ["GP"]))
    found = scene.found()
    assert [(f.rule, f.severity, f.also, f.line) for f in found] == [("TIM-003", "deny", MISCOUNTED, 1)]
    assert "5 minutes" in found[0].message


def test_setup_alone_is_silent_even_where_nothing_is_left(scene: Any) -> None:
    scene.intervals(scene.interval("97530", 0, 16), scene.interval(start=20, minutes=20, activity="setup"))
    assert scene.found() == []


def test_charges_beyond_the_minutes_left_out_are_a_fault_of_their_own(scene: Any) -> None:
    scene.intervals(scene.interval(minutes=40), scene.interval(start=10, minutes=5, activity="rest"))
    scene.charge(("97112", 5, ["GP"]))
    assert scene.short() == [("DOC-003", "deny"), ("TIM-003", "deny")]


def test_charges_that_the_minutes_left_out_could_not_earn_are_not_theirs(scene: Any) -> None:
    scene.intervals(scene.interval(minutes=24), scene.interval(start=10, minutes=1, activity="rest"))
    scene.charge(("97112", 3, ["GP"]))  # 23 or 24 minutes are 2 units either way
    assert scene.short() == [("DOC-003", "deny")]


LEFT_OUT = [
    ("TIM-003", {"activity": "conversation"}, "conversation"),
    ("TIM-003", {"activity": "documentation"}, "documentation"),
    ("SKL-002", {"contact": "unattended"}, "unattended"),
    ("SKL-003", {"contact": "observed"}, "watching"),
    ("SKL-003", {"skilled": False}, "skill"),
    ("COD-004", {"activity": "passive_modality"}, "passive"),
]


@pytest.mark.parametrize(("rule", "how", "word"), LEFT_OUT)
def test_minutes_left_out_are_advice_that_names_them(scene: Any, rule: str, how: Any, word: str) -> None:
    scene.first["intervals"].append(scene.interval("97112", 60, 9, **how))
    found = scene.found()
    assert [(f.rule, f.severity, f.also, f.line) for f in found] == [(rule, "advice", (), 1)]
    assert "9 minutes" in found[0].message
    assert word in found[0].message


@pytest.mark.parametrize(("rule", "how", "word"), LEFT_OUT)
def test_minutes_left_out_are_denied_where_nothing_is_left(scene: Any, rule: str, how: Any, word: str) -> None:
    scene.intervals(scene.interval("97530", 0, 16), scene.interval("97112", 60, 20, **how))
    assert [(f.rule, f.severity, f.also, f.line) for f in scene.found()] == [(rule, "deny", (), None)]


@pytest.mark.parametrize(("rule", "how", "word"), LEFT_OUT)
def test_minutes_left_out_are_denied_where_charges_count_them(scene: Any, rule: str, how: Any, word: str) -> None:
    scene.first["intervals"].append(scene.interval("97112", 60, 10, **how))
    scene.charge(("97112", 3, ["GP"]), ("97530", 1, ["GP"]))  # 28 and 10 minutes would be 3 units
    assert [(f.rule, f.severity, f.also, f.line) for f in scene.found()] == [(rule, "deny", MISCOUNTED, 1)]


def test_talk_inside_treatment_is_told_by_the_code_it_interrupts(scene: Any) -> None:
    scene.intervals(scene.interval(minutes=40), scene.interval("97530", 10, 5, activity="conversation"))
    assert [(f.rule, f.severity, f.line) for f in scene.found()] == [("TIM-003", "advice", 1)]


def test_a_passive_modality_is_right_under_its_own_code(scene: Any) -> None:
    scene.first["intervals"].append(scene.interval("G0283", 60, 15, activity="passive_modality", contact="unattended"))
    assert scene.found() == []


def test_two_codes_at_once_are_denied_once(scene: Any) -> None:
    scene.intervals(scene.interval(minutes=30), scene.interval("97530", 20, 30))
    found = scene.found()
    assert [(f.rule, f.severity, f.line) for f in found] == [("TIM-004", "deny", 1)]
    assert "10 minutes" in found[0].message
    assert "97112 and 97530" in found[0].message


def test_codes_that_only_touch_do_not_overlap(scene: Any) -> None:
    scene.intervals(scene.interval(minutes=20), scene.interval("97530", 20, 20))
    assert scene.found() == []


def test_two_patients_at_once_are_denied(scene: Any) -> None:
    start = datetime.fromisoformat(scene.at(0))
    scene.elsewhere = (Occupied("1234567893", start, datetime.fromisoformat(scene.at(10)), "other"),)
    found = scene.found()
    assert [(f.rule, f.severity, f.line) for f in found] == [("TIM-004", "deny", 1)]
    assert "two patients" in found[0].message


@pytest.mark.parametrize(
    ("start", "minutes", "contested", "severity"),
    [(10, 3, 28, "advice"), (5, 18, 5, "advice"), (3, 21, 3, "deny")],  # 0 and 25, 5 and 5, 4 and 3 minutes
)
def test_where_contested_time_alone_empties_a_code_that_is_the_one_fault(
    scene: Any, start: int, minutes: int, contested: int, severity: str
) -> None:
    scene.intervals(scene.interval("97112", 0, 28), scene.interval("97112", start, minutes, activity="conversation"))
    until = datetime.fromisoformat(scene.at(contested))
    scene.elsewhere = (Occupied("1234567893", datetime.fromisoformat(scene.at(0)), until, "other"),)
    assert scene.short() == [("TIM-003", severity), ("TIM-004", "deny")]


def test_contested_minutes_that_were_charged_are_one_fault(scene: Any) -> None:
    scene.intervals(scene.interval(minutes=30), scene.interval("97530", 20, 30))
    scene.charge(("97112", 2, ["GP"]), ("97530", 2, ["GP"]))
    assert [(f.rule, f.also) for f in scene.found()] == [("TIM-004", MISCOUNTED)]


def test_therapist_and_assistant_at_once_on_one_code_are_a_team(scene: Any) -> None:
    scene.intervals(scene.interval(minutes=30), scene.interval(minutes=30, role="PTA"))
    scene.note(assistant_supervision="on site")
    assert scene.found() == []


def test_periods_rounded_apart_are_underbilling(scene: Any) -> None:
    scene.intervals(scene.interval(minutes=20))
    scene.session(scene.interval("97112", 120, 20, interval_id="b"))
    assert scene.found() == []  # without charges nobody rounded
    scene.charge(("97112", 1, ["GP"]))
    scene.charge(("97112", 1, ["GP"]), session=1)
    assert [(f.rule, f.severity, f.also, f.line) for f in scene.found()] == [
        ("TIM-005", "advice", ("DOC-003", "TIM-006"), 1)
    ]


def test_a_period_of_8_minutes_is_a_unit_of_its_own_and_one_of_22_no_more(scene: Any) -> None:
    """8, 22, 22 and 1 minutes: three units apart, four together."""
    starts = {0: 8, 10: 22, 40: 22, 70: 1}
    scene.intervals(*[scene.interval("97112", start, minutes) for start, minutes in starts.items()])
    scene.charge(("97112", 3, ["GP"]))
    assert scene.short() == [("TIM-005", "advice")]


def test_periods_of_one_session_rounded_apart_are_underbilling_too(scene: Any) -> None:
    scene.intervals(scene.interval(minutes=20), scene.interval(start=60, minutes=20))
    scene.charge(("97112", 2, ["GP"]))
    assert scene.short() == [("TIM-005", "advice")]


def test_a_one_on_one_code_in_a_group_always_blocks(scene: Any) -> None:
    scene.first["intervals"].append(scene.interval("97112", 60, 10, contact="group"))
    assert [(f.rule, f.severity, f.also, f.line) for f in scene.found()] == [("GRP-001", "reject", ("GRP-002",), 1)]
    scene.charge(("97112", 3, ["GP"]), ("97530", 1, ["GP"]))
    assert [(f.rule, f.also) for f in scene.found()] == [("GRP-001", ("GRP-002", *MISCOUNTED))]


def test_a_group_code_in_a_group_is_right(scene: Any) -> None:
    scene.intervals(scene.interval("97150", 0, 40, contact="group"))
    assert scene.found() == []


def test_setup_in_a_group_is_only_setup(scene: Any) -> None:
    scene.first["intervals"].append(scene.interval("97112", 60, 10, contact="group", activity="setup"))
    assert scene.found() == []
