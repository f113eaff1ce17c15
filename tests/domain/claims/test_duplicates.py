"""One service billed twice: in another claim of the day, or in two sessions of one claim."""

from typing import Any

import pytest

from therapy_domain.claims.clocks import Clocks, clocks_of
from therapy_domain.events.session import Interval

REJECTED = [("DUP-001", "reject")]


def clock(scene: Any, start: int, minutes: int) -> Clocks | None:
    """An interval's clock times, as a chart has them."""
    return clocks_of([Interval.model_validate(scene.interval(start=start, minutes=minutes))])


@pytest.mark.parametrize(
    ("changes", "start", "code", "modifiers", "found"),
    [
        ({}, 0, "97112", ("GP",), [1]),
        ({"payer_id": "acme"}, 0, "97112", ("GP",), [1]),
        ({"discipline": "CHIRO"}, 0, "97112", ("GP",), [1]),
        ({}, 300, "97112", ("GP",), []),  # other clock times: a service of its own
        ({}, 0, "97116", ("GP",), []),
        ({}, 0, "97112", ("GP", "CQ"), []),
        ({"case_id": "z"}, 0, "97112", ("GP",), [1]),  # whichever of the two is listed first
    ],
)
def test_a_service_that_another_claim_of_the_day_has_is_rejected(
    scene: Any, changes: dict[str, Any], start: int, code: str, modifiers: tuple[str, ...], found: list[int]
) -> None:
    line = (code, 2, 4000, modifiers, clock(scene, start, 28))
    scene.visited(0, line, **{"case_id": "0", **changes})
    assert [(f.rule, f.severity, f.line) for f in scene.found()] == [("DUP-001", "reject", line) for line in found]


def test_the_same_service_on_another_day_is_none(scene: Any) -> None:
    scene.visited(1, ("97112", 2, 4000, ("GP",), clock(scene, 0, 28)))
    assert scene.short() == []


def test_a_service_that_goes_on_on_a_further_line_is_one_duplicate(new_scene: Any) -> None:
    scene = new_scene(settings={"unit_limits": "by_indicator"})
    scene.intervals(scene.interval("97112", 0, 98, interval_id="long"))
    scene.visited(0, ("97112", 7, 4000, ("GP",), clock(scene, 0, 98)), case_id="0")
    assert [fault.line for fault in scene.of("DUP-001")] == [1]


def test_another_performer_gave_another_service(scene: Any) -> None:
    scene.visited(0, ("97112", 2, 4000, ("GP",), clock(scene, 0, 28)), case_id="0")
    scene.first["intervals"][0]["performer"]["id"] = "1679576722"
    assert scene.short() == []


@pytest.mark.parametrize(("minutes", "found"), [(30, REJECTED), (28, [])])
def test_without_clock_times_the_minutes_tell(new_scene: Any, minutes: int, found: list[Any]) -> None:
    scene = new_scene(settings={"requires_start_stop": False}).visited(0, ("97112", 2), case_id="0")  # 30 minutes
    unclocked = {name: value for name, value in scene.interval().items() if name not in ("start", "end")}
    scene.first["intervals"] = [{**unclocked, "minutes": minutes}]
    assert [each for each in scene.short() if each[0] == "DUP-001"] == found


@pytest.mark.parametrize(("shift", "found"), [(0, REJECTED), (1, []), (60, [])])
def test_a_session_sent_twice_under_two_ids_is_rejected(scene: Any, shift: int, found: list[Any]) -> None:
    again = [scene.interval(start=shift, interval_id="x"), scene.interval("97530", 30 + shift, 16, interval_id="y")]
    scene.session(*again)
    assert [each for each in scene.short() if each[0] == "DUP-001"] == found
    if found:
        assert scene.of("DUP-001")[0].message.startswith("97112 and 97530: in sessions S-1 and S-2 ")
        assert scene.assess().lines[0].units == 2, "the minutes count once all the same"


def test_two_clinicians_at_once_are_a_team_and_no_duplicate(scene: Any) -> None:
    scene.session(scene.interval(interval_id="x", by="1679576722"))
    assert scene.of("DUP-001") == []
