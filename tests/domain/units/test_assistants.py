"""CQ and CO, held against the reference's examples and a second reading that hands out the units one by one."""

from datetime import date

import pytest

from therapy_domain.units.assistants import Split, TenPercent, cq_split, more_than_tenth, untimed_has_modifier
from therapy_domain.units.errors import NegativeMinutes, UnitsOutOfStep

BEFORE, TEST_ONLY, MIDPOINT = date(2019, 12, 31), date(2020, 1, 1), date(2022, 1, 1)
METHODS: tuple[TenPercent, ...] = ("exact", "simple", "percent_rounded")


@pytest.mark.parametrize(
    ("units", "therapist", "assistant", "split"),
    [
        (2, 18, 17, (1, 1)),
        (1, 6, 13, (0, 1)),
        (1, 9, 12, (1, 0)),
        (2, 13, 11, (1, 1)),
        (2, 30, 0, (2, 0)),
        (1, 0, 9, (0, 1)),
        (2, 13, 23, (1, 1)),
        (1, 7, 1, (0, 1)),
        (1, 8, 7, (1, 0)),
    ],
)
def test_worked_examples_of_2026(units: int, therapist: int, assistant: int, split: tuple[int, int]) -> None:
    assert cq_split(units, therapist, assistant, date(2026, 3, 2)) == split


def second_reading(units: int, therapist: int, assistant: int, on: date, method: TenPercent) -> Split:
    """Units as a list of who furnished each, built up step by step from the pages' words."""
    if on < TEST_ONLY:
        return Split(units, 0)
    marks = [False] * (therapist // 15) + [True] * (assistant // 15)
    rest_therapist, rest_assistant = therapist % 15, assistant % 15
    tenth = {
        "exact": rest_assistant > (rest_therapist + rest_assistant) / 10,
        "simple": rest_assistant >= int((rest_therapist + rest_assistant) / 10 + 0.5) + 1,
        "percent_rounded": bool(rest_assistant)
        and int(100 * rest_assistant / (rest_therapist + rest_assistant) + 0.5) >= 11,
    }[method]
    therapist_has_midpoint = on >= MIDPOINT and rest_therapist >= 8
    while len(marks) < units:
        if therapist_has_midpoint:
            marks.append(False)
            therapist_has_midpoint = False
        else:
            marks.append(tenth)
    return Split(marks.count(False), marks.count(True))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("on", [BEFORE, TEST_ONLY, date(2021, 12, 31), MIDPOINT, date(2026, 3, 2)])
def test_every_mix_of_minutes_up_to_an_hour_each(on: date, method: TenPercent) -> None:
    for therapist in range(61):
        for assistant in range(61):
            total = therapist + assistant
            for units in {total // 15, total // 15 + 1} if total % 15 else {total // 15}:
                split = cq_split(units, therapist, assistant, on, method)
                assert split == second_reading(units, therapist, assistant, on, method), (therapist, assistant)
                assert sum(split) == units
                assert assistant or not split.with_assistant


def test_no_modifier_before_2020() -> None:
    assert cq_split(2, 0, 30, BEFORE) == (2, 0)
    assert not untimed_has_modifier(0, 30, BEFORE)


def test_before_2022_the_ten_percent_test_decides_the_last_unit() -> None:
    assert cq_split(1, 9, 12, date(2021, 12, 31)) == (0, 1)
    assert cq_split(1, 9, 12, date(2022, 1, 1)) == (1, 0)


def test_before_2022_two_remaining_units_go_together() -> None:
    assert cq_split(2, 13, 11, date(2021, 12, 31)) == (0, 2)


def test_from_2022_two_remaining_units_are_one_and_one() -> None:
    for therapist in range(9, 15):
        for assistant in range(9, 15):
            if 23 <= therapist + assistant <= 28:
                assert cq_split(2, therapist, assistant, MIDPOINT) == (1, 1)


def test_a_groups_fifty_minutes_bear_five_of_an_assistant_but_not_six() -> None:
    assert not untimed_has_modifier(45, 5, MIDPOINT)
    assert untimed_has_modifier(44, 6, MIDPOINT)


def fewest(total: int, method: TenPercent) -> int:
    return next(a for a in range(1, 100) if more_than_tenth(a, total, method))


@pytest.mark.parametrize(("total", "needed"), [(45, (5, 6, 5)), (29, (3, 4, 4)), (10, (2, 2, 2)), (11, (2, 2, 2))])
def test_minutes_that_each_method_asks_for(total: int, needed: tuple[int, int, int]) -> None:
    assert tuple(fewest(total, method) for method in METHODS) == needed


def test_the_exact_method_never_asks_for_more_minutes_than_the_others() -> None:
    for total in range(1, 500):
        assert fewest(total, "exact") <= min(fewest(total, "simple"), fewest(total, "percent_rounded"))


def test_exact_and_simple_differ_for_42_of_the_totals_from_8_to_90() -> None:
    differing = [t for t in range(8, 91) if fewest(t, "exact") != fewest(t, "simple")]
    assert len(differing) == 42
    assert {fewest(t, "simple") - fewest(t, "exact") for t in differing} == {1}


def test_units_that_cannot_come_from_the_minutes_are_refused() -> None:
    with pytest.raises(UnitsOutOfStep) as refused:
        cq_split(5, 15, 15, MIDPOINT)
    assert (refused.value.units, refused.value.therapist, refused.value.assistant) == (5, 15, 15)
    with pytest.raises(UnitsOutOfStep):
        cq_split(1, 15, 15, MIDPOINT)


def test_negative_minutes_are_refused() -> None:
    with pytest.raises(NegativeMinutes):
        cq_split(1, -1, 15, MIDPOINT)
