"""Dates, clocks and supervision."""

from datetime import date
from typing import Any

import pytest


@pytest.mark.parametrize(("payer", "severity"), [("medicare", "advice"), ("commercial-cms", "deny")])
def test_minutes_without_a_clock(new_scene: Any, payer: str, severity: str) -> None:
    scene = new_scene(payer=payer)
    scene.intervals({**scene.interval(), "minutes": 28}, scene.interval("97530", 30, 16))
    for key in ("start", "end"):
        scene.first["intervals"][0].pop(key)
    found = scene.found()
    assert [(f.rule, f.severity, f.also, f.line) for f in found] == [("DOC-002", severity, ("TIM-002",), 1)]


def test_a_payers_own_setting_decides_on_the_clock(new_scene: Any) -> None:
    scene = new_scene(settings={"requires_start_stop": True})
    scene.intervals({**scene.interval(), "minutes": 28})
    for key in ("start", "end"):
        scene.first["intervals"][0].pop(key)
    assert scene.short() == [("DOC-002", "deny")]


def test_an_untimed_code_needs_no_clock(scene: Any) -> None:
    scene.intervals({**scene.interval("97161", 0, 40), "minutes": 40})
    for key in ("start", "end"):
        scene.first["intervals"][0].pop(key)
    assert scene.found() == []


def test_setup_without_a_clock_is_no_fault(scene: Any) -> None:
    setup = {**scene.interval("97112", 60, 5, activity="setup"), "minutes": 5}
    scene.first["intervals"].append({k: v for k, v in setup.items() if k not in ("start", "end")})
    assert scene.found() == []


def test_an_interval_never_stopped_is_found(scene: Any) -> None:
    running = scene.interval("97116", 60, 20)
    del running["end"]
    scene.first["intervals"].append(running)
    found = scene.found()
    assert [(f.rule, f.severity, f.line) for f in found] == [("DOC-002", "advice", None)]
    assert "never stopped" in found[0].message


def test_minutes_that_the_clock_does_not_bear_out_are_found(scene: Any) -> None:
    scene.first["intervals"][0]["minutes"] = 28
    assert scene.found() == []
    scene.first["intervals"][0]["minutes"] = 29
    assert scene.short() == [("DOC-002", "advice")]


def test_a_date_of_service_after_its_own_facts_is_in_the_future(scene: Any) -> None:
    scene.first["latest_fact_at"] = "2026-03-01T23:00:00-05:00"
    assert scene.short() == [("DOC-001", "reject")]
    scene.first["latest_fact_at"] = "2026-03-02T00:10:00-05:00"
    assert scene.short() == []


def test_another_offset_than_the_clinics_is_advice(scene: Any) -> None:
    scene.first["intervals"][0]["start"] = "2026-03-02T14:00:00Z"
    assert scene.short() == [("DOC-001", "advice")]


def test_the_sessions_own_zone_comes_before_the_clinics(scene: Any) -> None:
    scene.first["opened"]["timezone"] = "America/Chicago"
    assert scene.short() == [("DOC-001", "advice")]


def test_an_unknown_zone_disagrees_with_nothing(scene: Any) -> None:
    scene.organization = None
    scene.first["intervals"][0]["start"] = "2026-03-02T14:00:00Z"
    assert scene.found() == []


def test_the_offset_follows_summer_time(new_scene: Any) -> None:
    scene = new_scene(on=date(2026, 7, 6))
    scene.plans = [("plan-1", {"from": "2026-07-01", "to": "2026-08-30", "initial_evaluation_on": "2026-07-01"})]
    assert scene.found() == []


def test_an_assistant_names_a_supervisor(scene: Any) -> None:
    scene.intervals(scene.interval(minutes=18), scene.interval(start=20, minutes=17, role="PTA"))
    assert scene.short() == [("DOC-014", "advice")]
    scene.note(assistant_supervision="General supervision, on site")
    assert scene.found() == []
    del scene.first["intervals"][1]["supervisor_npi"]
    assert scene.short() == [("DOC-014", "deny")]


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        ({"credentials": None}, "no credentials"),
        ({"credentials": "  "}, "no credentials"),
        ({"license_number": ""}, "no licence"),
        ({"signed_at": "2026-03-02T09:45:59-05:00"}, "before the last interval"),
        ({"clinician_npi": "1245319599"}, "neither treated nor supervised"),
    ],
)
def test_a_signature_that_wants_something_is_rejected(scene: Any, signature: Any, words: str) -> None:
    signed = scene.first["signatures"][0] | signature
    scene.first["signatures"] = [{key: value for key, value in signed.items() if value is not None}]
    scene.first["latest_fact_at"] = "2026-03-02T16:00:00-05:00"
    found = scene.found()
    assert [(f.rule, f.severity, f.also) for f in found] == [("SIG-001", "reject", ())]
    assert words in found[0].message


def test_a_signature_at_the_last_end_is_in_time(scene: Any) -> None:
    scene.first["signatures"][0]["signed_at"] = scene.at(46)
    assert scene.found() == []


def test_the_supervisor_of_every_assistant_may_sign(scene: Any) -> None:
    scene.intervals(scene.interval(minutes=30, role="PTA")).note(assistant_supervision="on site")
    assert scene.found() == []
    scene.first["intervals"].append(
        scene.interval("97530", 40, 20, role="PTA", supervisor_npi="1245319599", interval_id="other")
    )
    assert scene.short() == [("SIG-001", "reject")]


def test_one_whole_signature_is_enough(scene: Any) -> None:
    scene.first["signatures"].insert(0, {"clinician_npi": "1245319599", "signed_at": scene.at(5)})
    assert scene.found() == []


def test_an_undecided_conflict_holds_the_claim(scene: Any) -> None:
    scene.conflicts = ("c-1",)
    scene.first["conflicts"] = ["c-2"]
    assert scene.short() == [("COM-001", "delay")]
    assert "c-1" in scene.assess().basis
