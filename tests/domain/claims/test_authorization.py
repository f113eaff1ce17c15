"""The payer's leave to treat: that there is one, for this number and day, and what is left of it."""

from datetime import date
from typing import Any

import pytest

ASKED = {"requires_authorization": True}
NONE = [("AUT-001", "deny")]
DENIED = [("AUT-002", "deny")]
TOLD = [("AUT-002", "advice")]


def granted(**changes: Any) -> dict[str, Any]:
    """A coverage with an authorization."""
    return {"authorization": {"number": "A-7", "from": "2026-02-01", "to": "2026-03-31", **changes}}


def authorized(new_scene: Any, number: str | None = "A-7", **changes: Any) -> Any:
    """A visit under an authorization."""
    scene = new_scene(settings=ASKED, coverages=[granted(**changes)])
    scene.first["opened"]["authorization_number"] = number
    return scene


@pytest.mark.parametrize(
    ("settings", "coverage", "found"),
    [
        ({}, {}, []),
        (ASKED, {}, NONE),
        (ASKED, granted(), []),
        ({}, granted(), []),
    ],
)
def test_a_payer_that_asks_for_an_authorization_gets_one(
    new_scene: Any, settings: dict[str, Any], coverage: dict[str, Any], found: list[Any]
) -> None:
    assert new_scene(settings=settings, coverages=[coverage]).short() == found


def test_a_number_that_no_coverage_holds_is_none(new_scene: Any) -> None:
    scene = new_scene(settings=ASKED)
    scene.first["opened"]["authorization_number"] = "A-7"
    assert scene.short() == NONE


def test_without_a_coverage_that_alone_is_the_fault(new_scene: Any) -> None:
    assert new_scene(settings=ASKED, coverages=[]).short() == [("ELG-001", "reject")]


@pytest.mark.parametrize(("number", "found"), [("A-7", []), (None, []), ("A-8", DENIED)])
def test_the_number_is_one_that_the_coverage_holds(new_scene: Any, number: str | None, found: list[Any]) -> None:
    assert authorized(new_scene, number).short() == found


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("2026-03-02", "2026-03-02", []),
        ("2026-03-03", "2026-03-31", DENIED),
        ("2026-02-01", "2026-03-01", DENIED),
    ],
)
def test_the_day_lies_within_the_authorization(new_scene: Any, first: str, last: str, found: list[Any]) -> None:
    assert authorized(new_scene, **{"from": first, "to": last}).short() == found


def test_of_two_coverages_the_one_with_the_number_decides(new_scene: Any) -> None:
    scene = authorized(new_scene, visits=1)
    scene.visited(2, ("97112",), authorizations=("A-7",))
    scene.coverages.append({"from": "2026-03-01", **granted(number="A-8", visits=10)})
    assert scene.short() == DENIED
    scene.first["opened"]["authorization_number"] = "A-8"
    assert scene.short() == []


@pytest.mark.parametrize(
    ("earlier", "found"), [(7, []), (8, TOLD), (9, TOLD), (10, DENIED)], ids=["eighth", "ninth", "last", "one too many"]
)
def test_of_ten_visits_the_last_two_are_told_and_the_eleventh_is_denied(
    new_scene: Any, earlier: int, found: list[Any]
) -> None:
    scene = authorized(new_scene, visits=10)
    for number in range(earlier):
        scene.visited(number + 1, ("97112",), authorizations=("A-7",))
    scene.progress = [("plan-1", {"reported_on": scene.on.isoformat()})]
    assert scene.short() == found
    if found == TOLD:
        assert f"{9 - earlier} are left" in scene.found()[0].message


@pytest.mark.parametrize(("allowed", "found"), [(12, []), (11, TOLD), (6, TOLD), (5, DENIED)])
def test_units_are_counted_with_those_of_this_claim(new_scene: Any, allowed: int, found: list[Any]) -> None:
    scene = authorized(new_scene, units=allowed)  # this visit has three
    scene.visited(1, ("97112", 2), ("97530", 1), authorizations=("A-7",))
    assert scene.short() == found


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({"authorizations": ("A-7",)}, True),
        ({"authorizations": ("A-6",)}, False),
        ({}, True),  # without a number, within its days
        ({"date_of_service": date(2026, 1, 31)}, False),  # without a number, before it
        ({"authorizations": ("A-7",), "payer_id": "acme"}, False),
        ({"authorizations": ("A-7",), "discipline": "OT"}, True),
    ],
)
def test_a_visit_counts_by_its_number_or_else_by_payer_and_day(
    new_scene: Any, changes: dict[str, Any], counts: bool
) -> None:
    scene = authorized(new_scene, visits=1)
    scene.visited(2, ("97112",), **changes)
    assert scene.short() == (DENIED if counts else TOLD)


def test_an_earlier_visit_with_nothing_billable_uses_up_nothing(new_scene: Any) -> None:
    scene = authorized(new_scene, visits=1)
    scene.visited(2, authorizations=("A-7",))
    assert scene.short() == TOLD


def test_a_visit_with_nothing_billable_needs_none_left(new_scene: Any) -> None:
    scene = authorized(new_scene, visits=1).intervals()
    scene.visited(2, ("97112",), authorizations=("A-7",))
    scene.first["intervals"] = [scene.interval(minutes=5)]
    assert scene.short() == []


def test_later_visits_of_the_day_do_not_count(new_scene: Any) -> None:
    scene = authorized(new_scene, visits=2)
    scene.visited(0, ("97530",), authorizations=("A-7",), discipline="OT", case_id="z")  # after this one in order
    assert scene.of("AUT-002")[0].message.endswith("1 are left")
