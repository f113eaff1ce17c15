"""The modifiers of a line, decided together: the payer's order, four at most, and none against another."""

import dataclasses
from datetime import date
from typing import Any

import pytest

import therapy_domain.claims.decided as place
from therapy_domain.claims.assess import assess
from therapy_domain.rulesets import load

RULES = load("2026.1")
NOTICE = {"signed_on": "2026-03-01", "kind": "required", "reason": "frequency"}


@pytest.fixture
def above_the_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "needs_kx", lambda visit: frozenset({1}))


def full(new_scene: Any, **settings: Any) -> Any:
    """97110 by an assistant, apart from a group, by telehealth: 59, GP, CQ and 95, with 97 where it is asked for."""
    scene = new_scene(settings=settings)
    scene.plans = [("plan-1", {"habilitative": False})]
    scene.intervals(scene.interval("97110", 0, 30, role="PTA"), scene.interval("97150", 30, 30))
    scene.first["opened"] |= {"telehealth": True, "place_of_service": "10"}
    return scene.note(assistant_supervision="on site")


def line_1(scene: Any) -> tuple[str, ...]:
    return tuple(scene.assess().lines[0].modifiers)


def overfull(scene: Any) -> list[tuple[str, int | None]]:
    return [(f.severity, f.line) for f in scene.found() if f.rule == "MOD-009"]


def test_they_stand_in_the_payers_order(new_scene: Any) -> None:
    assert line_1(full(new_scene)) == ("59", "GP", "CQ", "95")
    assert overfull(full(new_scene)) == []
    assert line_1(full(new_scene, modifier_order=["95", "CQ", "GP", "59"])) == ("95", "CQ", "GP", "59")


@pytest.mark.usefixtures("above_the_threshold")
def test_of_five_the_informational_one_is_dropped_with_advice(new_scene: Any) -> None:
    scene = full(new_scene)
    assert line_1(scene) == ("59", "GP", "CQ", "KX")
    assert overfull(scene) == [("advice", 1)]
    assert "95" in scene.of("MOD-009")[0].message


@pytest.mark.usefixtures("above_the_threshold")
def test_of_two_informational_ones_the_last_of_the_payers_order_goes_first(new_scene: Any) -> None:
    order = ["97", "GP", "CQ", "KX", "95", "59"]
    scene = full(new_scene, habilitation_modifiers=True, modifier_order=order)
    assert line_1(scene) == ("GP", "CQ", "KX", "59")
    assert "95 and 97" in scene.of("MOD-009")[0].message


def test_four_that_decide_payment_and_one_more_hold_the_claim(new_scene: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(place, "_OF_NECESSITY", frozenset())
    monkeypatch.setattr(place, "needs_kx", lambda visit: frozenset({1}))
    scene = full(new_scene)
    scene.first["opened"]["notice"] = NOTICE
    assert line_1(scene) == ("59", "GP", "CQ", "KX")
    assert overfull(scene) == [("reject", 1), ("advice", 1)] or overfull(scene) == [("advice", 1), ("reject", 1)]
    assert scene.assess().outcome == "held"


@pytest.mark.usefixtures("above_the_threshold")
def test_kx_says_that_it_was_necessary_and_never_stands_beside_an_expected_denial(new_scene: Any) -> None:
    scene = new_scene()
    assert line_1(scene) == ("GP", "KX")
    scene.first["opened"]["notice"] = NOTICE
    assert line_1(scene) == ("GP", "GA")
    scene.first["opened"]["notice"] = {**NOTICE, "signed_on": "2026-03-09"}
    assert line_1(scene) == ("GP", "GZ")


@pytest.mark.parametrize(
    ("habilitative", "modifiers", "found"),
    [(True, ("GP", "96"), []), (False, ("GP", "97"), []), (None, ("GP",), [("MOD-001", "delay")])],
)
def test_96_and_97_come_from_the_plan_where_the_payer_asks(
    new_scene: Any, habilitative: bool | None, modifiers: tuple[str, ...], found: Any
) -> None:
    plan = {} if habilitative is None else {"habilitative": habilitative}
    scene = new_scene(payer="commercial-cms", settings={"habilitation_modifiers": True}, plans=[("plan-1", plan)])
    assert line_1(scene) == modifiers
    assert scene.short() == found
    assert new_scene(plans=[("plan-1", plan)]).codes()[0][2] == ("GP",)


@pytest.mark.parametrize(("habilitative", "modifier"), [(True, "96"), (False, "97")])
def test_a_charge_without_96_or_97_is_told(new_scene: Any, habilitative: bool, modifier: str) -> None:
    plans = [("plan-1", {"habilitative": habilitative})]
    scene = new_scene(payer="commercial-cms", settings={"habilitation_modifiers": True}, plans=plans)
    scene.charge(("97112", 2, ["GP"]), ("97530", 1, ["GP", modifier]))
    (found,) = scene.found()
    assert (found.rule, found.severity) == ("MOD-001", "advice")
    assert found.message == f"97112: charged without {modifier}; our line carries it"


def test_charges_never_put_a_modifier_on_our_lines(scene: Any) -> None:
    scene.charge(("97112", 2, ["GP", "KX", "59", "GA"]), ("97530", 1, ["GP", "95", "96"]))
    assert scene.codes() == [("97112", 2, ("GP",)), ("97530", 1, ("GP",))]


def test_where_deciding_fails_the_claim_is_held_not_lost(new_scene: Any, monkeypatch: Any) -> None:
    def fails(_visit: Any) -> Any:
        raise ZeroDivisionError("Jan Doe")

    monkeypatch.setattr(place.pairs, "marks", fails)
    assessed = new_scene().assess()
    assert assessed.outcome == "held"
    assert [line.modifiers for line in assessed.lines] == [("GP",), ("GP",)]
    assert {(f.rule, f.severity) for f in assessed.findings} == {("MOD-009", "delay")}
    assert "Doe" not in str(assessed.findings)


def test_the_order_of_sessions_and_other_claims_changes_nothing(new_scene: Any) -> None:
    scene = full(new_scene).beside(("92507", 70, 30)).beside(("97530", 110, 15), discipline="OT")
    scene.on = date(2026, 3, 2)
    scene.session(scene.interval("97110", 200, 15))
    case = scene.case()
    other = dataclasses.replace(case, sessions=tuple(reversed(case.sessions)))
    assert assess(case, RULES).canonical() == assess(other, RULES).canonical()
