"""59 and X{EPSU}: charged only on a code of a live pair edit, for time of its own."""

from datetime import date
from typing import Any

import pytest


def charged(scene: Any, modifier: str, *intervals: tuple[str, int, int], on: str = "97112") -> list[tuple[str, str]]:
    """A day of these intervals (code, minutes past nine, length), with the modifier on one code."""
    scene.intervals(*[scene.interval(code, start, minutes) for code, start, minutes in intervals])
    units = {code: 1 if code in ("97150", "97012", "97164") else (minutes + 7) // 15 for code, _, minutes in intervals}
    scene.charge(*[(code, count, ["GP", modifier] if code == on else ["GP"]) for code, count in units.items()])
    return [(rule, severity) for rule, severity in scene.short() if rule in ("MOD-007", "MOD-002")]


@pytest.mark.parametrize("modifier", ["59", "XE", "XP", "XS", "XU"])
def test_codes_without_a_pair_edit_carry_no_modifier_of_separate_services(scene: Any, modifier: str) -> None:
    assert charged(scene, modifier, ("97112", 0, 30), ("97530", 30, 15)) == [("MOD-007", "deny")]


def test_a_code_alone_on_the_day_is_separate_from_nothing(scene: Any) -> None:
    assert charged(scene, "59", ("97112", 0, 30)) == [("MOD-007", "deny")]


def test_a_reevaluation_beside_a_modality_may_carry_it(scene: Any) -> None:
    assert charged(scene, "59", ("97012", 0, 15), ("97164", 15, 20), on="97164") == []


def test_but_not_where_both_were_at_the_same_time(scene: Any) -> None:
    assert charged(scene, "59", ("97012", 0, 15), ("97164", 10, 20), on="97164") == [("MOD-007", "deny")]


def test_where_no_file_of_ours_covers_the_date_the_nearest_one_gives_advice(scene: Any) -> None:
    assert charged(scene, "59", ("97112", 0, 30), ("97542", 30, 15)) == [("MOD-007", "advice")]
    told = next(f.message for f in scene.found() if f.rule == "MOD-007")
    assert "NCCI pair edits, practitioner, 2024-07-01" in told


def test_a_pair_that_has_ended_is_none(new_scene: Any) -> None:
    """97116 beside 97530: last day 2019-12-31; 97112 beside 97150 still holds."""
    for on, found in ((date(2019, 12, 31), []), (date(2020, 1, 2), [("MOD-007", "deny")])):
        assert charged(new_scene(on=on), "59", ("97116", 0, 20), ("97530", 20, 20), on="97116") == found
    assert charged(new_scene(), "59", ("97112", 0, 20), ("97150", 20, 30)) == []
