"""The modifiers that a clinic charges, and the four that a line carries."""

from typing import Any

import pytest

from therapy_domain.claims.lines import in_order


def test_without_charges_no_modifier_is_wrong(scene: Any) -> None:
    scene.intervals(scene.interval(role="PTA")).note(assistant_supervision="on site")
    assert scene.found() == []


@pytest.mark.parametrize(
    ("modifiers", "found"),
    [
        (["GP"], []),
        (["GP", "59"], [("MOD-007", "deny", ())]),
        ([], [("MOD-003", "reject", ("MOD-001", "DOC-010"))]),
        (["GO"], [("MOD-003", "reject", ("MOD-001", "DOC-010"))]),
        (["GP", "GO"], [("MOD-003", "reject", ("MOD-001", "DOC-010"))]),
        (["GP", "ZZ"], [("MOD-002", "deny", ())]),
        (["GP", "AT"], [("MOD-002", "deny", ())]),
        (["GP", "25"], [("MOD-002", "deny", ())]),
        (["GP", "52"], [("MOD-002", "deny", ())]),
        (["GP", "GA", "GZ"], [("MOD-002", "deny", ())]),
        (["GP", "CQ"], [("MOD-006", "reject", ())]),
        (["GP", "CO"], [("MOD-006", "reject", ())]),
        (["GP", "96", "93", "95", "FQ"], [("MOD-009", "reject", ())]),
        (["GP", "76"], [("MOD-002", "deny", ())]),
        (["GP", "96", "93", "95"], []),
    ],
)
def test_charged_modifiers_fit(scene: Any, modifiers: list[str], found: list[Any]) -> None:
    scene.charge(("97112", 2, modifiers), ("97530", 1, ["GP"]))
    assert [(f.rule, f.severity, f.also) for f in scene.found()] == found
    assert all(f.line == 1 for f in scene.found())


def test_a_shortened_untimed_service_may_say_so(scene: Any) -> None:
    scene.intervals(scene.interval("97161", 0, 30)).charge(("97161", 1, ["GP", "52"]))
    assert scene.found() == []


def test_manipulation_carries_no_discipline(new_scene: Any) -> None:
    scene = new_scene(discipline="CHIRO", plans=[("plan-1", {"discipline": "CHIRO"})])
    scene.intervals(scene.interval("98940", 0, 10, role="DC")).charge(("98940", 1, ["AT"]))
    assert scene.found() == []


@pytest.mark.parametrize(
    ("charges", "found"),
    [
        ([("97112", 1, ["GP"]), ("97112", 1, ["GP", "CQ"])], []),
        ([("97112", 2, ["GP"])], [("MOD-005", "deny")]),
        ([("97112", 2, ["GP", "CQ"])], [("MOD-005", "advice")]),
        ([("97112", 1, ["GP"]), ("97112", 1, ["CQ"])], [("MOD-003", "reject"), ("MOD-006", "reject")]),
    ],
)
def test_the_assistants_units_are_charged_as_such(scene: Any, charges: Any, found: Any) -> None:
    scene.intervals(scene.interval(minutes=18), scene.interval(start=20, minutes=17, role="PTA"))
    scene.note(assistant_supervision="on site").charge(*charges)
    assert scene.short() == found
    forgotten = ("MOD-001",) if found == [("MOD-005", "deny")] else ()
    assert [f.also for f in scene.of("MOD-005")] == [forgotten for rule, _ in found if rule == "MOD-005"]


def test_a_payer_without_assistants_modifiers_asks_for_none(new_scene: Any) -> None:
    scene = new_scene(payer="commercial-cms")
    scene.intervals(scene.interval(minutes=30, role="PTA")).note(assistant_supervision="on site")
    scene.charge(("97112", 2, ["GP"]))
    assert scene.found() == []


def test_the_payers_order_decides() -> None:
    assert in_order(("KX", "CQ", "GP", "ZZ", "59"), ("59", "GP", "CQ", "KX")) == ("59", "GP", "CQ", "KX", "ZZ")
