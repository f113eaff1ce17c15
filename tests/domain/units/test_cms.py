"""The CMS 8-minute rule, held against the manual's chart and a second reading that tries every allocation."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from therapy_domain.units.cms import MOST_SHOWN, Entry, share_out, timed_units
from therapy_domain.units.errors import NegativeMinutes

CHART = [(8, 22), (23, 37), (38, 52), (53, 67), (68, 82), (83, 97), (98, 112), (113, 127)]
"""CMS Pub. 100-04, chapter 5, section 20.2 C: first and last minute of 1, 2, 3, ... units."""


def entries(minutes: tuple[int, ...]) -> list[Entry]:
    return [Entry(f"9711{place}", m) for place, m in enumerate(minutes)]


def every_acceptable(minutes: tuple[int, ...]) -> set[tuple[int, ...]]:
    """All allocations that keep the rule, by trying all of them: the day's units by the chart, whole 15 minutes
    to their own code, at most one more a code, and none to a smaller remainder before a larger one."""
    total = sum(minutes)
    allowed = sum(1 for first in range(8, total + 1, 15))
    found = set()
    for units in product(*(range(m // 15, m // 15 + 2) for m in minutes)):
        more = [u - m // 15 for u, m in zip(units, minutes, strict=True)]
        over = [m % 15 for m in minutes]
        if sum(units) != allowed or any(m and not o for m, o in zip(more, over, strict=True)):
            continue
        unlucky = max((o for m, o in zip(more, over, strict=True) if not m), default=0)
        lucky = min((o for m, o in zip(more, over, strict=True) if m), default=15)
        if lucky >= unlucky:
            found.add(units)
    return found


def test_the_manuals_chart_holds_minute_by_minute() -> None:
    assert [timed_units(m) for m in range(8)] == [0] * 8
    for units, (first, last) in enumerate(CHART, start=1):
        assert {timed_units(m) for m in range(first, last + 1)} == {units}


def test_the_pattern_of_the_chart_continues() -> None:
    assert [timed_units(m) for m in (127, 128, 142, 143, 1440)] == [8, 9, 9, 10, 96]


def test_negative_minutes_are_refused() -> None:
    with pytest.raises(NegativeMinutes) as refused:
        timed_units(-1)
    assert refused.value.minutes == -1
    with pytest.raises(NegativeMinutes):
        share_out([Entry("97110", 30), Entry("97112", -1)])


@pytest.mark.parametrize(
    ("minutes", "chosen"),
    [
        ({"97530": 28, "97535": 16}, (2, 1)),
        ({"97112": 47, "97116": 6}, (3, 1)),
        ({"97110": 9, "97112": 9, "97140": 9}, (1, 1, 0)),
        ({"97112": 5, "97530": 6}, (0, 1)),
        ({"97110": 38, "97140": 23}, (3, 1)),
        ({"97530": 12, "97535": 11, "97110": 10, "97140": 9}, (1, 1, 1, 0)),
        ({"97112": 95}, (6,)),
        ({"97112": 22, "97110": 8}, (1, 1)),
        ({"97112": 28, "97530": 16}, (2, 1)),
        ({"97110": 24, "97112": 23}, (2, 1)),
        ({"97110": 33, "97140": 7}, (2, 1)),
        ({"97112": 18, "97110": 13, "97116": 10, "97035": 8}, (1, 1, 1, 0)),
        ({"97110": 7, "97112": 7, "97140": 7}, (1, 0, 0)),
        ({"97110": 20, "97112": 5}, (2, 0)),
        ({"97110": 0, "97112": 8}, (0, 1)),
        ({}, ()),
    ],
)
def test_worked_examples(minutes: dict[str, int], chosen: tuple[int, ...]) -> None:
    """Our own reference's table, the manual's examples and the corners around them."""
    assert share_out([Entry(code, m) for code, m in minutes.items()]).chosen == chosen


def test_of_three_equal_codes_any_two_may_be_billed() -> None:
    shares = share_out([Entry("97110", 9), Entry("97112", 9), Entry("97140", 9)])
    assert {shares.chosen, *shares.others} == {(1, 1, 0), (1, 0, 1), (0, 1, 1)}


def test_a_tie_leaves_the_extra_unit_to_either_code_and_never_both() -> None:
    shares = share_out([Entry("97110", 38), Entry("97140", 23)])
    assert (shares.chosen, shares.others) == ((3, 1), ((2, 2),))


@pytest.mark.parametrize(
    ("first", "second", "chosen"),
    [
        (Entry("97110", 24), Entry("97112", 39), (1, 3)),
        (Entry("97110", 24, assistant_minutes=24), Entry("97112", 24), (1, 2)),
        (Entry("97110", 24, fee=3000), Entry("97112", 24, fee=3100), (1, 2)),
        (Entry("97112", 24), Entry("97110", 24), (1, 2)),
        (Entry("97110", 24, 5, fee=9), Entry("97112", 24, 0, fee=1), (1, 2)),
    ],
    ids=["more minutes", "no assistant", "higher fee", "lower code", "no assistant before fee"],
)
def test_the_default_of_a_tie(first: Entry, second: Entry, chosen: tuple[int, ...]) -> None:
    assert share_out([first, second]).chosen == chosen


def test_one_to_three_codes_up_to_46_minutes_match_every_allocation_there_is() -> None:
    for size in (1, 2):
        for minutes in product(range(47), repeat=size):
            shares = share_out(entries(minutes))
            assert {shares.chosen, *shares.others} == every_acceptable(minutes), minutes
    for minutes in product(range(0, 47, 2), (0, 1, 6, 7, 8, 9, 14, 15, 16, 22, 23, 31, 38, 46), range(1, 47, 3)):
        shares = share_out(entries(minutes))
        assert {shares.chosen, *shares.others} == every_acceptable(minutes), minutes


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.integers(0, 120), min_size=1, max_size=4).map(tuple))
def test_up_to_four_codes_match_every_allocation_there_is(minutes: tuple[int, ...]) -> None:
    shares = share_out(entries(minutes))
    listed = [shares.chosen, *shares.others]
    assert len(set(listed)) == len(listed) == shares.acceptable
    assert set(listed) == every_acceptable(minutes)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from([3, 8, 9, 9, 23, 24, 38]), min_size=4, max_size=4).map(tuple))
def test_many_equal_remainders_match_every_allocation_there_is(minutes: tuple[int, ...]) -> None:
    shares = share_out(entries(minutes))
    assert {shares.chosen, *shares.others} == every_acceptable(minutes)


@settings(max_examples=800, deadline=None)
@given(st.lists(st.integers(0, 400), max_size=9).map(tuple))
def test_the_invariants_of_sharing_out(minutes: tuple[int, ...]) -> None:
    shares = share_out(entries(minutes))
    for units in (shares.chosen, *shares.others):
        assert sum(units) == timed_units(sum(minutes)) == shares.total_units
        for m, u in zip(minutes, units, strict=True):
            assert m // 15 <= u <= m // 15 + 1
            assert m or not u


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_the_codes_changes_nothing(minutes: list[int], random: object) -> None:
    given_first = entries(tuple(minutes))
    shuffled = list(given_first)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a Random
    one, other = share_out(given_first), share_out(shuffled)
    assert dict(zip((e.code for e in given_first), one.chosen, strict=True)) == dict(
        zip((e.code for e in shuffled), other.chosen, strict=True)
    )


def test_a_day_of_very_many_ties_keeps_its_first_allocations_and_says_how_many_there_are() -> None:
    shares = share_out([Entry(f"97{n}", 9) for n in range(100, 124)])
    assert shares.acceptable > 1_000_000
    assert len(shares.others) == MOST_SHOWN - 1
