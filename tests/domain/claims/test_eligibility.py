"""Who certifies and refers, and which other benefit has the patient."""

from datetime import date
from typing import Any

import pytest

CHIROPRACTOR, PHYSICIAN = "1679576722", "1245319599"
DENIED = [("CRT-001", "deny")]


@pytest.mark.parametrize(("npi", "found"), [(PHYSICIAN, []), (CHIROPRACTOR, DENIED), (None, [])])
@pytest.mark.parametrize("place", ["certifier", "referrer"])
def test_a_chiropractor_neither_certifies_nor_refers_for_therapy(
    new_scene: Any, npi: str | None, found: list[Any], place: str
) -> None:
    scene = new_scene()
    scene.clinicians[CHIROPRACTOR] = {"role": "DC"}
    if place == "certifier":
        scene.plans = [("plan-1", {"certified_by_npi": npi})]
    else:
        scene.first["opened"]["referring_npi"] = npi
    assert scene.short() == found


def test_one_who_is_not_known_here_is_not_judged(new_scene: Any) -> None:
    assert new_scene(plans=[("plan-1", {"certified_by_npi": CHIROPRACTOR})]).short() == []


def test_a_chiropractors_own_plan_is_no_plan_of_therapy(new_scene: Any) -> None:
    scene = new_scene(discipline="CHIRO", payer="commercial-cms")
    scene.clinicians[CHIROPRACTOR] = {"role": "DC"}
    scene.plans = [("plan-1", {"discipline": "CHIRO", "certified_by_npi": CHIROPRACTOR})]
    assert scene.of("CRT-001") == []


def test_where_no_plan_is_asked_for_nobody_is_asked_who_certified_it(new_scene: Any) -> None:
    scene = new_scene(settings={"requires_certified_plan": False})
    scene.clinicians[CHIROPRACTOR] = {"role": "DC"}
    scene.plans = [("plan-1", {"certified_by_npi": CHIROPRACTOR})]
    assert scene.short() == []


@pytest.mark.parametrize("kind", ["home_health", "snf_part_a", "hospice", "medicare_advantage"])
@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("2026-02-01", None, True),
        ("2026-03-02", "2026-03-02", True),
        ("2026-03-03", None, False),
        ("2026-02-01", "2026-03-01", False),
    ],
)
def test_a_day_inside_another_benefit_is_denied(
    new_scene: Any, kind: str, first: str, last: str | None, found: bool
) -> None:
    other = {"kind": kind, "from": first} | ({"to": last} if last else {})
    scene = new_scene(coverages=[{"enrolments": [other]}])
    assert scene.short() == [("ELG-002", "deny")] * found
    if found:
        assert "N88" in scene.found()[0].message


def test_the_latest_coverage_of_the_day_tells_of_other_benefits(new_scene: Any) -> None:
    hospice = {"kind": "hospice", "from": "2026-02-01"}
    scene = new_scene(coverages=[{"enrolments": [hospice]}, {"from": "2026-02-20"}])
    assert scene.short() == []
    assert new_scene(on=date(2026, 2, 16), coverages=scene.coverages).of("ELG-002") != []
