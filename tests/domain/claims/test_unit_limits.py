"""The most units of a code a day: the published limits by their indicator, the payer's own beside them."""

import dataclasses
from datetime import date
from typing import Any

import pytest

from therapy_domain.claims.assess import assess
from therapy_domain.rulesets import load
from therapy_domain.rulesets.release import Ruleset

RULES = load("2026.1")
COVERED = date(2026, 4, 15)
"""In the quarter whose practitioner limits the release holds."""


def found(scene: Any) -> list[tuple[str, str, int | None]]:
    return [(f.rule, f.severity, f.line) for f in scene.found() if f.rule == "MUE-001"]


def units(new_scene: Any, code: str, count: int, **changes: Any) -> Any:
    scene = new_scene(**{"on": COVERED, **changes})
    scene.plans = [("plan-1", {"discipline": scene.discipline})]
    return scene.intervals(scene.interval(code, 0, 15 * count))


@pytest.mark.parametrize(("count", "over"), [(4, False), (5, True)])
def test_units_over_a_published_limit_are_denied(new_scene: Any, count: int, over: bool) -> None:
    scene = units(new_scene, "97112", count)
    assert found(scene) == ([("MUE-001", "deny", 1)] if over else [])
    assert scene.codes() == [("97112", count, ("GP",))]  # units stay what the minutes earned


def test_the_indicator_decides_what_to_do(new_scene: Any) -> None:
    clinical = units(new_scene, "97112", 5).of("MUE-001")[0]
    assert "adjudication indicator 3" in clinical.message
    assert "appeal" in clinical.fix
    absolute = units(new_scene, "97129", 2, discipline="SLP")
    absolute.first["intervals"][0]["performer"]["role"] = "SLP"
    assert absolute.codes() == [("97129", 1, ("GN",)), ("97130", 1, ("GN",))]
    assert found(absolute) == []


@pytest.mark.parametrize(
    ("on", "severity"),
    [
        (date(2026, 3, 31), "advice"),
        (date(2026, 4, 1), "deny"),
        (date(2026, 6, 30), "deny"),
        (date(2026, 7, 1), "advice"),
    ],
)
def test_a_limit_binds_the_quarter_it_was_published_for(new_scene: Any, on: date, severity: str) -> None:
    scene = units(new_scene, "97112", 5, on=on)
    assert [s for _, s, _ in found(scene)] == [severity]
    assert ("the nearest file we hold" in scene.of("MUE-001")[0].message) == (severity == "advice")


@pytest.mark.parametrize("payer", ["commercial-cms", "commercial-midpoint", "workers-comp"])
def test_other_payers_take_the_published_limit_as_advice_unless_they_say_otherwise(new_scene: Any, payer: str) -> None:
    assert found(units(new_scene, "97112", 5, payer=payer)) == [("MUE-001", "advice", 1)]
    settings = {"unit_limits": "by_indicator"}
    assert found(units(new_scene, "97112", 5, payer=payer, settings=settings)) == [("MUE-001", "deny", 1)]


def test_a_payers_own_maximum_denies_on_every_day(new_scene: Any) -> None:
    settings = {"daily_max_units": {"97112": 2}}
    for on in (COVERED, date(2026, 3, 2)):
        assert found(units(new_scene, "97112", 2, payer="commercial-cms", settings=settings, on=on)) == []
        scene = units(new_scene, "97112", 3, payer="commercial-cms", settings=settings, on=on)
        assert found(scene) == [("MUE-001", "deny", 1)]
        assert "the payer's own 2 a day" in scene.of("MUE-001")[0].message


def test_units_of_all_lines_and_sessions_count(new_scene: Any) -> None:
    scene = new_scene(on=COVERED)
    scene.intervals(scene.interval("97112", 0, 30), scene.interval("97112", 30, 15, role="PTA"))
    scene.note(assistant_supervision="on site")
    scene.session(scene.interval("97112", 200, 30))
    assert [line.units for line in scene.assess().lines] == [4, 1]
    assert found(scene) == [("MUE-001", "deny", 1)]


@pytest.mark.parametrize(("payer", "over"), [("medicare", True), ("acme", False)])
def test_other_claims_of_the_day_to_the_same_payer_count(new_scene: Any, payer: str, over: bool) -> None:
    scene = units(new_scene, "97112", 3).beside(("97112", 100, 30), discipline="OT", payer=payer)
    assert found(scene) == ([("MUE-001", "deny", 1)] if over else [])
    if over:
        assert "3 units and 2 on other claims of the day" in scene.of("MUE-001")[0].message


def test_a_limit_of_nothing_says_nothing_of_other_payers(new_scene: Any) -> None:
    """97010 and 97014: Medicare bundles or does not know them; others pay them."""
    for payer in ("medicare", "commercial-cms"):
        scene = new_scene(on=COVERED, payer=payer)
        scene.first["intervals"] += [scene.interval(c, 60, 15, contact="unattended") for c in ("97010", "97014")]
        assert found(scene) == []


def test_a_code_without_a_limit_has_none(new_scene: Any) -> None:
    assert found(units(new_scene, "98985", 1)) == []


def test_a_facility_has_no_limits_of_its_own_here_and_takes_the_practitioners_as_advice(new_scene: Any) -> None:
    scene = units(new_scene, "97112", 5)
    scene.first["opened"]["place_of_service"] = "22"
    assert found(scene) == [("MUE-001", "advice", 1)]


def by_the_line() -> Ruleset:
    """A release in which the limit of 97112 holds for a line."""
    rows = [{**row, "mai": "1"} if row["code"] == "97112" else row for row in RULES.csv["mue_practitioner"]]
    return dataclasses.replace(RULES, id="test", csv={**RULES.csv, "mue_practitioner": tuple(rows)})


@pytest.mark.parametrize(
    ("count", "lines"),
    [
        (4, [(4, 60, ("GP",))]),
        (5, [(4, 60, ("GP",)), (1, 15, ("76", "GP"))]),
        (9, [(4, 60, ("GP",)), (4, 60, ("76", "GP")), (1, 15, ("76", "GP"))]),
    ],
)
def test_a_limit_by_the_line_makes_further_lines(new_scene: Any, count: int, lines: Any) -> None:
    assessed = assess(units(new_scene, "97112", count).case(), by_the_line())
    assert [(line.units, line.minutes, line.modifiers) for line in assessed.lines] == lines
    assert [line.charge_cents for line in assessed.lines] == [5000 * line.units for line in assessed.lines]
    told = [(f.rule, f.severity) for f in assessed.findings]
    assert told == ([("MUE-001", "advice")] if count > 4 else [])


def test_another_practitioners_further_line_is_77(new_scene: Any) -> None:
    scene = new_scene(on=COVERED)
    scene.intervals(scene.interval("97112", 0, 45), scene.interval("97112", 45, 30, by="1245319599"))
    assert [line.modifiers for line in assess(scene.case(), by_the_line()).lines] == [("GP",), ("77", "GP")]
    scene.charge(("97112", 4, ["GP"]), ("97112", 1, ["GP", "77"]))
    assert [f.rule for f in assess(scene.case(), by_the_line()).findings] == ["MUE-001"]
