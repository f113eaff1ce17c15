"""An add-on code stands with its base."""

from typing import Any

import pytest


def rows(scene: Any) -> list[tuple[str, str, int | None, tuple[str, ...]]]:
    return [(f.rule, f.severity, f.line, f.also) for f in scene.found()]


def cognitive(new_scene: Any, code: str = "97129", minutes: int = 30) -> Any:
    scene = new_scene(discipline="SLP", plans=[("plan-1", {"discipline": "SLP"})])
    return scene.intervals(scene.interval(code, 0, minutes, role="SLP"))


def test_month_management_beyond_the_first_part_stands_with_it(new_scene: Any) -> None:
    scene = new_scene()
    scene.intervals(scene.interval("98981", 0, 20))
    assert rows(scene) == [("AOC-001", "deny", 1, ())]
    scene.first["intervals"].append(scene.interval("98980", 20, 20))
    assert rows(scene) == []


@pytest.mark.parametrize("code", ["97129", "97130"])
def test_the_count_puts_the_base_first_whatever_was_recorded(new_scene: Any, code: str) -> None:
    scene = cognitive(new_scene, code)
    assert scene.codes() == [("97129", 1, ("GN",)), ("97130", 1, ("GN",))]
    assert rows(scene) == []


def test_an_add_on_charged_alone_is_one_finding(new_scene: Any) -> None:
    scene = cognitive(new_scene).charge(("97130", 2, ["GN"]))
    assert rows(scene) == [("AOC-001", "deny", 2, ("DOC-003", "TIM-006", "TIM-001"))]
    scene = cognitive(new_scene).charge(("97129", 1, ["GN"]), ("97130", 1, ["GN"]))
    assert rows(scene) == []


def test_more_units_than_the_minutes_earn_are_a_fault_of_their_own(new_scene: Any) -> None:
    scene = cognitive(new_scene).charge(("97130", 3, ["GN"]))
    assert [rule for rule, *_ in rows(scene)] == ["AOC-001", "DOC-003"]


@pytest.mark.parametrize(
    ("base", "add_on", "minutes"), [("97550", "97551", 38), ("G0541", "G0542", 38), ("97129", "97130", 23)]
)
def test_every_add_on_of_the_code_table(new_scene: Any, base: str, add_on: str, minutes: int) -> None:
    scene = new_scene()
    scene.intervals(scene.interval(base, 0, minutes)).charge((add_on, 2, ["GP"]))
    assert "AOC-001" in {f.rule for f in scene.found()}
    assert [line.code for line in scene.assess().lines] == [base, add_on]
