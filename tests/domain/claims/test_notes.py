"""The note's items: what is asked for in which session, and when exercises are vague."""

from typing import Any

import pytest

ITEMS = [
    ("DOC-004", "exercises", "deny", ()),
    ("DOC-005", "skilled_guidance", "deny", ()),
    ("DOC-006", "patient_response", "deny", ()),
    ("DOC-008", "safety_precautions", "advice", ()),
    ("DOC-009", "equipment", "advice", ()),
    ("DOC-011", "medical_necessity", "deny", ("MNC-001",)),
    ("DOC-012", "progress_toward_goals", "deny", ()),
    ("DOC-013", "patient_education", "advice", ()),
]


@pytest.mark.parametrize(("rule", "item", "severity", "also"), ITEMS)
@pytest.mark.parametrize("text", [None, "", " \n\t"])
def test_an_item_not_written_is_one_finding(
    scene: Any, rule: str, item: str, severity: str, also: tuple[str, ...], text: str | None
) -> None:
    scene.note(**{item: text})
    assert [(f.rule, f.severity, f.also, f.line) for f in scene.found()] == [(rule, severity, also, None)]
    assert "S-1" in scene.found()[0].message


def test_the_note_of_one_session_does_not_serve_another(scene: Any) -> None:
    scene.session(scene.interval("97530", 120, 20, interval_id="b"), note={})
    assert {f.message.split(":")[0] for f in scene.of("DOC-006")} == {"session S-2"}


def test_a_session_without_intervals_is_asked_for_no_note(scene: Any) -> None:
    scene.session(note={}, intervals=[])
    scene.sessions[1]["intervals"] = []
    assert scene.found() == []


def test_an_evaluation_alone_needs_no_exercises_and_no_progress(scene: Any) -> None:
    scene.intervals(scene.interval("97161", 0, 40))
    scene.note(exercises=None, skilled_guidance=None, progress_toward_goals=None, equipment=None)
    assert scene.found() == []
    scene.note(patient_response=None)
    assert scene.short() == [("DOC-006", "deny")]


def test_a_session_of_untimed_codes_needs_guidance_too(scene: Any) -> None:
    scene.intervals(scene.interval("97150", 0, 40, contact="group"))
    scene.note(skilled_guidance=None)
    assert scene.short() == [("DOC-005", "deny")]


@pytest.mark.parametrize(
    ("measures", "change", "found"),
    [
        (None, None, True),
        ([], " ", True),
        ([{"name": " ", "value": 3, "unit": "s"}], None, True),
        ([{"name": "Berg", "value": " ", "unit": "s"}], None, True),
        ([{"name": "Berg", "value": 0, "unit": "points"}], None, False),
        ([{"name": "Berg", "value": "44/56", "unit": ""}], "", False),
        (None, "Walks alone", False),
    ],
)
def test_97112_asks_for_a_measure_or_a_change(scene: Any, measures: Any, change: Any, found: bool) -> None:
    scene.note(objective_measures=measures, functional_change=change)
    assert [(f.severity, f.line) for f in scene.of("DOC-007")] == ([("deny", 1)] if found else [])


def test_other_codes_ask_for_no_measure(scene: Any) -> None:
    scene.intervals(scene.interval("97110", 0, 20)).note(objective_measures=None, functional_change=None)
    assert scene.found() == []


@pytest.mark.parametrize(
    ("code", "diagnoses", "found"),
    [
        ("97116", ["M17.11"], True),
        ("97110", ["M17.11"], False),
        ("97110", ["M17.11", "Z91.81"], True),
        ("97110", ["R29.6"], True),
    ],
)
def test_safety_is_asked_for_balance_walking_and_patients_who_fall(
    scene: Any, code: str, diagnoses: list[str], found: bool
) -> None:
    scene.intervals(scene.interval(code, 0, 20)).note(safety_precautions=None)
    scene.first["opened"]["diagnoses"] = diagnoses
    scene.plans = [("plan-1", {"diagnoses": diagnoses})]
    assert bool(scene.of("DOC-008")) is found


@pytest.mark.parametrize(
    "text",
    [
        "worked on balance",
        "Worked on balance.",
        "WORKED ON BALANCE for 15 min",
        "Balance training, 20 minutes",
        "exercises",
        "ther ex as tolerated",
        "Patient did stretching and was happy with it and we talked about the weather for a while",
        "same as last visit",
        "3 x 10",
        "worked on gait, tolerated well",
        "Therapeutic exercises 30 min total",
        "Did exercises with therapist for 28 minutes",
        "Continue current program 3x/week",
    ],
)
def test_vague_exercises_are_found(scene: Any, text: str) -> None:
    scene.note(exercises=text)
    assert scene.short() == [("DOC-016", "deny")]


@pytest.mark.parametrize(
    "text",
    [
        "Squats 3x10",
        "Tandem stance on foam",
        "Gait training with rolling walker 200 ft",
        "Worked on balance: single leg stance eyes closed",
        "Sit to stand with contact guard assist",
        "Step-ups, ten times each leg",
        "Bicycle 10 min",
        "Reaching outside the base of support, two sets",
        "Balance training on a wobble board",
    ],
)
def test_specific_exercises_pass(scene: Any, text: str) -> None:
    scene.note(exercises=text)
    assert scene.found() == []
