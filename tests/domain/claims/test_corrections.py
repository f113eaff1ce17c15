"""What is corrected after a denial is borne out by the record."""

from datetime import UTC, datetime
from typing import Any

import pytest

DENIAL = datetime(2026, 3, 20, 12, tzinfo=UTC)
BEFORE, AFTER, LATER = "2026-03-19T09:00:00-04:00", "2026-03-21T09:00:00-04:00", "2026-03-22T09:00:00-04:00"
DENIED = [("ETH-001", "deny")]


def amended(scene: Any, at: str = AFTER, before: int = 20, after: int = 44, **changes: Any) -> dict[str, Any]:
    """An amendment that raised the minutes."""
    row = {"at": at, "changed": ["intervals"], "minutes_before": before, "minutes_after": after, **changes}
    scene.first.setdefault("amendments", []).append(row)
    return row


def signed_again(scene: Any, at: str = LATER) -> None:
    scene.first["signatures"].append({**scene.first["signatures"][0], "signed_at": at})


def denied(new_scene: Any, outcome: str = "denied") -> Any:
    return new_scene(remittances=[(outcome, DENIAL)])


@pytest.mark.parametrize(
    ("outcome", "at", "found"),
    [
        ("denied", AFTER, DENIED),
        ("partial", AFTER, DENIED),
        ("paid", AFTER, []),
        ("denied", BEFORE, []),
        ("denied", DENIAL.isoformat(), []),
    ],
)
def test_minutes_raised_after_a_denial_need_a_new_signature(
    new_scene: Any, outcome: str, at: str, found: list[Any]
) -> None:
    scene = denied(new_scene, outcome)
    amended(scene, at)
    assert scene.short() == found


@pytest.mark.parametrize(("clocked", "found"), [(True, []), (False, DENIED)])
def test_minutes_raised_and_signed_again_need_clock_times(new_scene: Any, clocked: bool, found: list[Any]) -> None:
    scene = denied(new_scene)
    amended(scene, clocked=clocked)
    signed_again(scene)
    assert scene.short() == found
    assert all("from 20 to 44 without clock times" in f.message for f in scene.found())


def test_a_signature_before_the_amendment_does_not_bear_it_out(new_scene: Any) -> None:
    scene = denied(new_scene)
    amended(scene, LATER)
    signed_again(scene, AFTER)
    assert scene.short() == DENIED


@pytest.mark.parametrize(("after", "found"), [(19, []), (20, []), (21, DENIED)])
def test_minutes_may_be_lowered(new_scene: Any, after: int, found: list[Any]) -> None:
    scene = denied(new_scene)
    amended(scene, after=after)
    assert scene.short() == found


def test_minutes_raised_and_taken_back_are_no_fault(new_scene: Any) -> None:
    scene = denied(new_scene)
    amended(scene, AFTER, 20, 44)
    amended(scene, LATER, 44, 20)
    assert scene.short() == []


def test_without_a_denial_nobody_asks(new_scene: Any) -> None:
    scene = new_scene()
    amended(scene)
    assert scene.short() == []


@pytest.mark.parametrize(
    ("at", "named_by", "found"),
    [
        (AFTER, None, [("ETH-001", "deny", ("DOC-015",))]),
        (AFTER, "plan", []),
        (AFTER, "visit", [("DOC-015", "deny", ())]),  # known before, and still not on the plan
        (BEFORE, None, [("DOC-015", "deny", ())]),
    ],
)
def test_a_diagnosis_set_after_a_denial_is_one_that_the_record_names(
    new_scene: Any, at: str, named_by: str | None, found: list[Any]
) -> None:
    scene = denied(new_scene)
    scene.first["opened"]["diagnoses"] = ["R26.81", "M17.11"]
    amended(scene, at, 44, 44, changed=["diagnoses"], diagnoses_added=["M17.11"])
    if named_by == "plan":
        scene.plans = [("plan-1", {"diagnoses": ["R26.81", "M1711"]})]
    elif named_by == "visit":
        scene.visited(20, diagnoses=("M1711",))
    assert [(f.rule, f.severity, f.also) for f in scene.found()] == found


def test_a_diagnosis_that_was_taken_back_is_no_fault(new_scene: Any) -> None:
    scene = denied(new_scene)
    amended(scene, AFTER, 44, 44, changed=["diagnoses"], diagnoses_added=["M17.11"])
    assert scene.short() == []


def test_the_decision_names_the_answer_and_that_it_looked_at_it(new_scene: Any) -> None:
    scene = denied(new_scene)
    amended(scene)
    case, assessed = scene.case(), scene.assess()
    assert assessed.amended
    assert {known.id for known in case.remittances} <= set(assessed.basis)
    assert new_scene().assess().amended is None
