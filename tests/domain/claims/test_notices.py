"""Advance notices: GA, GX, GY, GZ on our lines; AT; and what the charges tell of notices."""

from datetime import date
from typing import Any

import pytest

GIVEN = {"signed_on": "2026-03-02", "kind": "required", "reason": "maintenance"}


def noticed(new_scene: Any, on: date = date(2026, 3, 2), **changes: Any) -> Any:
    scene = new_scene(on=on)
    scene.first["opened"]["notice"] = {key: value for key, value in {**GIVEN, **changes}.items() if value is not None}
    return scene


def rows(scene: Any) -> list[tuple[str, str]]:
    return [(f.rule, f.severity) for f in scene.found()]


def test_a_notice_signed_before_the_service_puts_ga_on_its_lines(new_scene: Any) -> None:
    scene = noticed(new_scene)
    assert scene.codes() == [("97112", 2, ("GP", "GA")), ("97530", 1, ("GP", "GA"))]
    assert rows(scene) == []
    assert scene.assess().lines[0].explanation == (
        "GA: a notice signed on 2026-03-02 expects a denial as not necessary",
    )


def test_a_notice_may_name_its_services(new_scene: Any) -> None:
    scene = noticed(new_scene, codes=["97530"])
    assert scene.codes() == [("97112", 2, ("GP",)), ("97530", 1, ("GP", "GA"))]


def test_an_add_on_goes_with_its_base(new_scene: Any) -> None:
    """97130 is counted from what was recorded as 97129, and told of with it."""
    scene = new_scene(discipline="SLP", plans=[("plan-1", {"discipline": "SLP"})])
    scene.first["opened"] |= {"notice": {**GIVEN, "codes": ["97129"]}, "telehealth": True, "place_of_service": "10"}
    scene.intervals(scene.interval("97129", 0, 30, role="SLP"))
    assert scene.codes() == [("97129", 1, ("GN", "GA", "95")), ("97130", 1, ("GN", "GA", "95"))]


@pytest.mark.parametrize(
    ("changes", "stands"),
    [
        ({}, True),
        ({"signed_on": "2026-03-03"}, False),
        ({"signed_on": "2025-03-02"}, True),
        ({"signed_on": "2025-03-01"}, False),
        ({"reason": None}, False),
        ({"reason": "excluded"}, False),
        ({"reason": "frequency"}, True),
        ({"reason": "medical_necessity"}, True),
        ({"reason": "investigational"}, True),
    ],
)
def test_a_notice_that_does_not_stand_leaves_the_cost_with_the_clinic(
    new_scene: Any, changes: dict[str, Any], stands: bool
) -> None:
    scene = noticed(new_scene, **changes, codes=["97530"])
    assert scene.codes()[1] == ("97530", 1, ("GP", "GA" if stands else "GZ"))
    assert [(f.rule, f.severity, f.line) for f in scene.found()] == ([] if stands else [("ABN-001", "deny", 2)])


def test_one_notice_that_does_not_stand_is_one_finding(new_scene: Any) -> None:
    scene = noticed(new_scene, signed_on="2026-03-09")
    assert [(f.rule, f.line) for f in scene.found()] == [("ABN-001", 1)]
    assert scene.found()[0].message.startswith("97112 and 97530: the advance notice does not stand")


def test_a_notice_of_one_session_does_not_serve_another(new_scene: Any) -> None:
    scene = noticed(new_scene, codes=["97112"])
    scene.session(scene.interval("97112", 120, 15), opened={**scene.first["opened"], "notice": None})
    assert scene.codes()[0] == ("97112", 3, ("GP", "GZ"))
    assert rows(scene) == [("ABN-001", "deny")]
    scene.sessions[1]["opened"] = dict(scene.first["opened"])
    assert scene.codes()[0] == ("97112", 3, ("GP", "GA"))


def test_a_voluntary_notice_for_a_covered_service_shifts_nothing(new_scene: Any) -> None:
    scene = noticed(new_scene, kind="voluntary", reason="excluded", codes=["97112"])
    assert scene.codes()[0] == ("97112", 2, ("GP",))
    assert rows(scene) == [("ABN-001", "advice")]


def test_other_payers_know_no_such_notice(new_scene: Any) -> None:
    scene = new_scene(payer="commercial-cms")
    scene.first["opened"]["notice"] = GIVEN
    assert {modifiers for _, _, modifiers in scene.codes()} == {("GP",)}
    scene.charge(("97112", 2, ["GP", "GA"]), ("97530", 1, ["GP"]))
    assert rows(scene) == []


def test_a_notice_is_never_for_units_over_a_limit(new_scene: Any) -> None:
    for on, modifiers, severities in [
        (date(2026, 4, 15), ("GP",), [("ABN-001", "deny"), ("MUE-001", "deny")]),
        (date(2026, 3, 2), ("GP", "GA"), [("MUE-001", "advice")]),  # whether the limit holds is not certain
    ]:
        scene = noticed(new_scene, on).intervals(new_scene(on=on).interval("97112", 0, 75))
        assert scene.codes() == [("97112", 5, modifiers)]
        assert rows(scene) == severities


def test_nor_for_a_pair_edit(new_scene: Any) -> None:
    scene = noticed(new_scene, date(2024, 7, 15), signed_on="2024-07-15")
    scene.coverages = [{"from": "2024-01-01"}]
    span = {"from": "2024-07-01", "to": "2024-09-20", "certified_on": "2024-07-05"}
    scene.plans = [("plan-1", {**span, "initial_evaluation_on": "2024-07-01"})]
    scene.intervals(scene.interval("97124", 0, 20), scene.interval("97140", 20, 15))
    assert scene.codes() == [("97124", 1, ("GP",)), ("97140", 1, ("GP", "GA"))]
    assert rows(scene) == [("ABN-001", "deny"), ("NCC-001", "deny")]


@pytest.mark.parametrize(
    ("charged", "notice", "found"),
    [
        (["GP"], None, []),
        (["GP", "GA"], None, [("ABN-001", "deny")]),
        (["GP", "GX"], None, [("ABN-001", "deny")]),
        (["GP", "GZ"], None, []),
        (["GP", "GA"], GIVEN, []),
        (["GP", "GZ"], GIVEN, [("ABN-001", "advice"), ("MOD-001", "advice")]),
        (["GP"], GIVEN, [("MOD-001", "advice")]),
        (["GP", "GA"], {**GIVEN, "signed_on": "2026-03-04"}, [("ABN-001", "deny"), ("MOD-001", "advice")]),
        (["GP", "GA", "GZ"], GIVEN, [("MOD-002", "deny")]),
    ],
)
def test_charges_tell_of_notices_that_are_on_the_record(
    new_scene: Any, charged: list[str], notice: Any, found: list[tuple[str, str]]
) -> None:
    scene = new_scene()
    scene.first["opened"]["notice"] = notice and {**notice, "codes": ["97112"]}
    scene.charge(("97112", 2, charged), ("97530", 1, ["GP"]))
    assert rows(scene) == found


def chiropractor(new_scene: Any, *codes: str, **changes: Any) -> Any:
    scene = new_scene(discipline="CHIRO", plans=[("plan-1", {"discipline": "CHIRO"})], **changes)
    return scene.intervals(*[scene.interval(code, 20 * n, 20, role="DC") for n, code in enumerate(codes)])


@pytest.mark.parametrize("code", ["98940", "98941", "98942"])
def test_active_manipulation_carries_at_for_medicare_alone(new_scene: Any, code: str) -> None:
    scene = chiropractor(new_scene, code)
    assert scene.codes() == [(code, 1, ("AT",))]
    assert rows(scene) == []
    assert chiropractor(new_scene, code, payer="commercial-cms").codes() == [(code, 1, ())]


def test_maintenance_carries_ga_and_never_at_beside_it(new_scene: Any) -> None:
    scene = chiropractor(new_scene, "98940")
    scene.first["opened"]["notice"] = GIVEN
    assert scene.codes() == [("98940", 1, ("GA",))]
    scene.first["opened"]["notice"] = {**GIVEN, "signed_on": "2026-03-05"}
    assert scene.codes() == [("98940", 1, ("GZ",))]


def test_therapy_by_a_chiropractor_is_excluded_by_statute_and_says_so(new_scene: Any) -> None:
    scene = chiropractor(new_scene, "97110", "98940")
    assert scene.codes() == [("97110", 1, ("GP", "GY")), ("98940", 1, ("AT",))]
    assert rows(scene) == [("COV-001", "deny")]
    scene.first["opened"]["notice"] = {"signed_on": "2026-03-01", "kind": "voluntary", "reason": "excluded"}
    assert scene.codes()[0] == ("97110", 1, ("GP", "GX", "GY"))


def test_a_payer_that_pays_the_chiropractor_gets_no_gy(new_scene: Any) -> None:
    scene = chiropractor(new_scene, "97110", payer="commercial-cms", settings={"performers": {"97110": ["DC"]}})
    assert scene.codes() == [("97110", 1, ("GP",))]
    assert rows(scene) == []
