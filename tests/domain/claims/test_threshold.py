"""KX: put on our lines above the yearly threshold, never below, and compared with what was charged."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

THRESHOLD, REVIEW = 248_000, 300_000  # 2026 [cents]
OWN = 16_000  # this visit: 97112 twice 5000, 97530 once 6000


def modifiers(scene: Any) -> list[tuple[str, ...]]:
    return [line.modifiers for line in scene.assess().lines]


BOTH, SECOND, NEITHER = [("GP", "KX"), ("GP", "KX")], [("GP",), ("GP", "KX")], [("GP",), ("GP",)]


@pytest.mark.parametrize(
    ("used", "marked"),
    [
        (0, NEITHER),
        (THRESHOLD - OWN, NEITHER),  # to the last cent
        (THRESHOLD - OWN + 1, SECOND),
        (THRESHOLD - 10_000, SECOND),
        (THRESHOLD - 9_999, BOTH),
        (THRESHOLD, BOTH),
    ],
)
def test_a_line_of_which_a_cent_lies_above_carries_kx(new_scene: Any, used: int, marked: list[Any]) -> None:
    earlier = new_scene().visited("2026-01-05", ("97112", 1, used))
    elsewhere = new_scene(coverages=[{"kx_used_cents": used}])
    half = new_scene(coverages=[{"kx_used_cents": used // 2}]).visited("2026-02-05", ("97530", 1, used - used // 2))
    for scene in (earlier, elsewhere, half):
        assert modifiers(scene) == marked
        assert scene.short() == []


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"discipline": "SLP", "line": ("92507", 1, THRESHOLD, ("GN",))}, True),  # PT and SLP share one
        ({"discipline": "OT", "line": ("97112", 1, THRESHOLD, ("GO",))}, False),
        ({"date_of_service": date(2025, 12, 31)}, False),  # last year
        ({"under_threshold": False, "payer_id": "acme"}, False),
        ({"payer_id": "railroad"}, True),  # another payer under the threshold
        ({"date_of_service": date(2026, 3, 2), "case_id": "0"}, True),  # before it in the day's order
        ({"date_of_service": date(2026, 3, 2), "case_id": "z"}, False),  # behind it
        ({"line": ("98940", 1, THRESHOLD, ())}, False),  # no therapy
    ],
)
def test_what_counts_is_therapy_of_the_year_and_group_before_this_visit(
    scene: Any, changes: dict[str, Any], counts: bool
) -> None:
    line = changes.pop("line", ("97112", 1, THRESHOLD))
    scene.visited("2026-02-05", line, **changes)
    assert modifiers(scene) == (BOTH if counts else NEITHER)


def test_occupational_therapy_has_a_threshold_of_its_own(new_scene: Any) -> None:
    scene = new_scene(discipline="OT", coverages=[{"kx_used_cents": THRESHOLD}])
    scene.plans = [("plan-1", {"discipline": "OT"})]
    scene.intervals(scene.interval("97530", 0, 16, role="OT"))
    assert modifiers(scene) == [("GO",)]
    scene.coverages = [{"kx_used_ot_cents": THRESHOLD}]
    assert modifiers(scene) == [("GO", "KX")]


@pytest.mark.parametrize(("verified", "marked"), [(2026, BOTH), (2025, NEITHER)])
def test_what_was_used_elsewhere_counts_in_the_year_it_was_verified_in(
    new_scene: Any, verified: int, marked: list[Any]
) -> None:
    at = datetime(verified, 1, 2, 12, tzinfo=UTC)
    scene = new_scene(coverages=[{"kx_used_cents": THRESHOLD}], verified_at=at)
    assert modifiers(scene) == marked


@pytest.mark.parametrize("payer", ["commercial-cms", "commercial-midpoint"])
def test_other_payers_have_no_threshold(new_scene: Any, payer: str) -> None:
    scene = new_scene(payer=payer, coverages=[{"kx_used_cents": REVIEW}])
    assert modifiers(scene) == NEITHER
    assert scene.of("MOD-004") == []


def test_kx_stands_behind_the_assistants_modifier_or_where_the_payer_wants_it(new_scene: Any) -> None:
    scene = new_scene(coverages=[{"kx_used_cents": THRESHOLD}], settings={"modifier_order": ("KX", "CQ", "GP")})
    scene.intervals(scene.interval(minutes=20, role="PTA")).note(assistant_supervision="On site")
    assert modifiers(scene) == [("KX", "CQ", "GP")]
    scene.settings = {}
    assert modifiers(scene) == [("GP", "CQ", "KX")]


KX, PLAIN = ["GP", "KX"], ["GP"]


@pytest.mark.parametrize(
    ("used", "first", "second", "found"),
    [
        (THRESHOLD, KX, KX, []),
        (THRESHOLD, PLAIN, KX, [("deny", 1)]),
        (THRESHOLD, PLAIN, PLAIN, [("deny", 1), ("deny", 2)]),
        (THRESHOLD - 10_000, PLAIN, KX, []),
        (THRESHOLD - 10_000, PLAIN, PLAIN, [("deny", 2)]),
        (THRESHOLD - 10_000, KX, KX, [("advice", 1)]),
        (0, PLAIN, PLAIN, []),
        (0, KX, PLAIN, [("advice", 1)]),
    ],
)
def test_charges_without_kx_above_are_denied_and_with_kx_below_are_told(
    new_scene: Any, used: int, first: list[str], second: list[str], found: list[Any]
) -> None:
    scene = new_scene(coverages=[{"kx_used_cents": used}])
    scene.charge(("97112", 2, first), ("97530", 1, second))
    assert [(f.severity, f.line) for f in scene.found()] == found
    assert {f.rule for f in scene.found()} <= {"MOD-004"}


@pytest.mark.parametrize("charged", [["GP", "GA"], ["GP", "KX", "GA"]])
def test_where_a_denial_is_expected_nothing_says_that_the_service_was_necessary(
    new_scene: Any, charged: list[str]
) -> None:
    scene = new_scene(coverages=[{"kx_used_cents": THRESHOLD}])
    scene.first["opened"]["notice"] = {"signed_on": "2026-03-02", "kind": "required", "reason": "medical_necessity"}
    scene.charge(("97112", 2, charged), ("97530", 1, charged))
    assert modifiers(scene) == [("GP", "GA"), ("GP", "GA")]
    assert scene.of("MOD-004") == []


@pytest.mark.parametrize(
    ("used", "found"), [(REVIEW - OWN, []), (REVIEW - OWN + 1, ["advice"]), (REVIEW + 90_000, ["advice"])]
)
def test_above_the_second_amount_a_review_may_come(new_scene: Any, used: int, found: list[str]) -> None:
    scene = new_scene(coverages=[{"kx_used_cents": used}])
    assert [f.severity for f in scene.of("MOD-004")] == found
    assert all("$3,000.00" in f.message for f in scene.of("MOD-004"))


@pytest.mark.parametrize(("used", "found"), [(0, []), (199_000, ["advice"]), (THRESHOLD, [])])
def test_an_unknown_amount_is_named_where_it_may_pass_the_threshold(
    new_scene: Any, used: int, found: list[str]
) -> None:
    own = new_scene(coverages=[{"kx_used_cents": used}])
    own.intervals(own.interval("97116", 0, 20))
    earlier = new_scene(coverages=[{"kx_used_cents": used}]).visited("2026-02-05", ("97116", 1, None))
    for scene in (own, earlier):
        assert [f.severity for f in scene.of("MOD-004")] == found
        assert all(f.message.startswith("97116:") for f in scene.of("MOD-004"))


@pytest.mark.parametrize("year", [2017, 2027])
def test_a_year_without_amounts_holds_the_claim_and_marks_nothing(new_scene: Any, year: int) -> None:
    scene = new_scene(on=date(year, 3, 2), coverages=[{"from": f"{year}-01-01", "kx_used_cents": REVIEW}])
    scene.plans = [("plan-1", {"from": f"{year}-02-16", "to": f"{year}-04-30", "certified_on": f"{year}-02-20",
                               "initial_evaluation_on": f"{year}-02-16"})]  # fmt: skip
    scene.first["signatures"][0]["signed_at"] = scene.at(0, 15)
    assert ("MOD-004", "delay") in scene.short()
    assert f"{year}" in scene.of("MOD-004")[0].message
    assert scene.assess().outcome == "held"
    assert modifiers(scene) == NEITHER
