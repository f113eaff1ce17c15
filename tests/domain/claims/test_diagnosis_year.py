"""DXM-002 by the fiscal year's own codes, where the release holds them."""

from datetime import date
from typing import Any

import pytest

from support.made_release import with_table
from therapy_domain.claims.assess import assess
from therapy_domain.rulesets.release import Ruleset, load

CODES = "code,billable\nR26,0\nR2681,1\nG20,0\nG20A1,1\n"
FISCAL_2026 = with_table("diagnoses", CODES, date(2025, 10, 1), date(2026, 9, 30))


def said(scene: Any, rules: Ruleset) -> list[str]:
    found = assess(scene.case(), rules).findings
    return [finding.message for finding in found if finding.rule == "DXM-002"]


@pytest.mark.parametrize(
    ("diagnosis", "told"),
    [
        ("R26.81", None),
        ("G20.A1", None),
        ("R26", "is a category, too short for a claim (diagnoses-2025-10-01)"),
        ("R26.99", "is no code of 2026-03-02 (diagnoses-2025-10-01)"),
        ("G20", "is a category, too short for a claim"),
    ],
)
def test_a_diagnosis_is_held_against_the_years_codes(scene: Any, diagnosis: str, told: str | None) -> None:
    scene.first["opened"]["diagnoses"] = [diagnosis]
    messages = said(scene, FISCAL_2026)
    assert (messages == []) if told is None else told in messages[0]


def test_on_other_days_what_is_known_of_subdivisions_decides(scene: Any) -> None:
    scene.first["opened"]["diagnoses"] = ["R26.99"]
    assert said(scene, load()) == []
    scene.first["opened"]["diagnoses"] = ["G20"]
    assert "without its subdivision" in said(scene, load())[0]
