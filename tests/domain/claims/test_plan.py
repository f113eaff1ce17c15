"""The plan of care: which one counts, how long its certification reaches, and what it names."""

from datetime import date, timedelta
from typing import Any

import pytest

POC = ("POC-002", "deny", ("POC-001", "DOC-015"))


def _found(scene: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(f.rule, f.severity, f.also) for f in scene.found()]


def _at(new_scene: Any, on: date, **plan: Any) -> Any:
    scene = new_scene(on=on)
    scene.plans = [("plan-1", plan)]
    return scene


def test_a_missing_plan_is_denied(scene: Any) -> None:
    scene.plans = []
    assert _found(scene) == [POC]
    del scene.first["opened"]["plan_id"]
    assert _found(scene) == [POC]


def test_a_payer_that_asks_for_no_plan_gets_none(new_scene: Any) -> None:
    scene = new_scene(settings={"requires_certified_plan": False}, plans=[])
    assert scene.found() == []


def test_without_a_name_the_plan_of_the_discipline_counts(scene: Any) -> None:
    del scene.first["opened"]["plan_id"]
    scene.plans = [("x", {"discipline": "OT"}), ("y", {}), ("z", {"to": "2026-03-01"})]
    assert scene.found() == []
    scene.plans = [("x", {"discipline": "OT"}), ("z", {"to": "2026-03-01"})]
    assert _found(scene) == [POC]


def test_a_named_plan_of_another_patient_or_discipline_is_none(scene: Any) -> None:
    scene.plans = [("plan-1", {"patient_id": "p-2"}), ("plan-2", {})]
    assert _found(scene) == [POC]
    scene.plans = [("plan-1", {"discipline": "OT"}), ("plan-2", {})]
    assert _found(scene) == [POC]


@pytest.mark.parametrize(
    ("on", "plan", "lapsed"),
    [
        (date(2026, 4, 30), {}, False),  # the plan's last day
        (date(2026, 5, 1), {}, True),
        (date(2026, 5, 16), {"to": "2026-12-31"}, False),  # day 90 from 2026-02-16
        (date(2026, 5, 17), {"to": "2026-12-31"}, True),
        (date(2026, 5, 16), {"to": "2026-12-31", "initial_evaluation_on": None}, False),
        (date(2026, 5, 14), {"to": "2026-12-31", "initial_evaluation_on": "2026-02-14"}, False),
        (date(2026, 5, 15), {"to": "2026-12-31", "initial_evaluation_on": "2026-02-14"}, True),
        (date(2026, 2, 16), {}, False),
        (date(2026, 2, 15), {}, True),  # before the plan begins
        (date(2026, 2, 15), {"initial_evaluation_on": "2026-02-15"}, False),  # the evaluation's own day
    ],
)
def test_a_certification_reaches_to_the_plans_end_or_ninety_days(
    new_scene: Any, on: date, plan: dict[str, Any], lapsed: bool
) -> None:
    assert _found(_at(new_scene, on, **plan)) == ([POC] if lapsed else [])


@pytest.mark.parametrize(("days", "severity"), [(0, "advice"), (30, "advice"), (31, "deny")])
def test_a_certification_may_be_awaited_for_thirty_days(new_scene: Any, days: int, severity: str) -> None:
    scene = _at(new_scene, date(2026, 2, 16) + timedelta(days=days), certified_on=None)
    also = () if severity == "advice" else ("POC-001", "DOC-015")
    assert _found(scene) == [("POC-002", severity, also)]


def test_what_counts_is_today_and_not_the_date_of_service(new_scene: Any) -> None:
    scene = _at(new_scene, date(2026, 2, 20), certified_on=None)
    scene.first["latest_fact_at"] = "2026-03-18T12:00:00-04:00"
    assert scene.short() == [("POC-002", "advice")]
    scene.first["latest_fact_at"] = "2026-03-19T12:00:00-04:00"
    assert scene.short() == [("POC-002", "deny")]


def test_a_late_certification_mends_the_plan(new_scene: Any) -> None:
    assert _at(new_scene, date(2026, 4, 20), certified_on="2026-04-19").found() == []


@pytest.mark.parametrize(
    ("on", "first", "plan", "found"),
    [
        (date(2026, 4, 20), "2026-02-16", {"order_on_file": True, "sent_on": "2026-03-18"}, False),
        (date(2026, 4, 20), "2026-02-16", {"order_on_file": True, "sent_on": "2026-03-19"}, True),
        (date(2026, 4, 20), "2026-02-16", {"order_on_file": True}, True),
        (date(2026, 4, 20), "2026-02-16", {"order_on_file": False, "sent_on": "2026-02-18"}, True),
        (date(2026, 4, 20), "2026-02-16", {"sent_on": "2026-02-18"}, True),
        (date(2025, 1, 1), "2024-11-20", {"order_on_file": True, "sent_on": "2024-11-22"}, False),
        (date(2024, 12, 31), "2024-11-20", {"order_on_file": True, "sent_on": "2024-11-22"}, True),
    ],
)
def test_an_order_and_the_plan_sent_stand_in_for_the_signature(
    new_scene: Any, on: date, first: str, plan: dict[str, Any], found: bool
) -> None:
    scene = _at(
        new_scene, on, certified_on=None, initial_evaluation_on=first, **{"from": first, "to": "2026-12-31"}, **plan
    )
    scene.coverages = [{"from": "2024-01-01"}]
    assert _found(scene) == ([POC] if found else [])


def test_a_renewal_counts_its_ninety_days_from_its_own_first_day(new_scene: Any) -> None:
    renewal = {"from": "2026-05-01", "to": "2026-12-31", "goals": ["Walk 400 ft"], "certified_on": "2026-04-29"}
    for on, ok in [(date(2026, 7, 29), True), (date(2026, 7, 30), False)]:
        scene = new_scene(on=on, plans=[("plan-1", {}), ("plan-1", renewal)])
        assert (scene.found() == []) is ok


def test_a_renewal_may_not_be_awaited(new_scene: Any) -> None:
    renewal = {"from": "2026-05-01", "to": "2026-07-01", "goals": ["Walk 400 ft"], "certified_on": None}
    assert _found(new_scene(on=date(2026, 5, 4), plans=[("plan-1", {}), ("plan-1", renewal)])) == [POC]


def test_a_certified_plan_still_covers_while_its_renewal_is_awaited(new_scene: Any) -> None:
    renewal = {"from": "2026-03-01", "to": "2026-05-30", "goals": ["Walk 400 ft"], "certified_on": None}
    assert new_scene(plans=[("plan-1", {}), ("plan-1", renewal)]).found() == []


def test_a_renewal_with_the_same_goals_asks_for_a_report(new_scene: Any) -> None:
    renewal = {"from": "2026-05-01", "to": "2026-07-01", "certified_on": "2026-04-29"}
    scene = new_scene(on=date(2026, 5, 4), plans=[("plan-1", {}), ("plan-1", renewal)])
    assert _found(scene) == [("POC-001", "deny", ())]
    scene.progress = [("plan-1", {"reported_on": "2026-04-10"})]
    assert scene.found() == []


def test_a_code_outside_the_plan_is_denied(scene: Any) -> None:
    scene.plans = [("plan-1", {"interventions": ["97112"]})]
    assert [(f.rule, f.severity, f.also, f.line) for f in scene.found()] == [("DOC-015", "deny", (), 2)]
    scene.plans = [("plan-1", {"interventions": ["97112", "97530"]})]
    assert scene.found() == []


def test_an_evaluation_is_no_intervention_of_a_plan(scene: Any) -> None:
    scene.plans = [("plan-1", {"interventions": ["97112", "97530"]})]
    scene.first["intervals"].append(scene.interval("97164", 60, 20))
    assert scene.found() == []


def test_a_diagnosis_that_the_plan_does_not_name_is_denied(scene: Any) -> None:
    scene.first["opened"]["diagnoses"] = ["R2681", "M17.11"]
    assert [(f.rule, f.severity, f.also, f.line) for f in scene.found()] == [("DOC-015", "deny", (), None)]
    scene.plans = [("plan-1", {"diagnoses": ["R26.81", "M1711"]})]
    assert scene.found() == []


@pytest.mark.parametrize("goals", [[], [" "]])
def test_a_plan_without_goals_is_denied(scene: Any, goals: list[str]) -> None:
    scene.plans = [("plan-1", {"goals": goals})]
    assert _found(scene) == [("DOC-017", "deny", ())]


def test_manipulation_of_the_spine_needs_no_certified_plan(new_scene: Any) -> None:
    scene = new_scene(discipline="CHIRO", plans=[])
    scene.first["opened"].pop("plan_id")
    scene.intervals(scene.interval("98940", 0, 10, role="DC"))
    assert scene.short() == []
    scene.first["intervals"].append(scene.interval("97110", 20, 20, role="DC"))
    assert scene.short() == [("COV-001", "deny"), ("POC-002", "deny")]
