"""Appeals too small alone are proposed together: like ones, of one party, in time."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from therapy_domain.appeals.aggregation import Small, propose_groups

TODAY = date(2026, 7, 1)


def small(number: int, cents: int, **changes: Any) -> Small:
    said: dict[str, Any] = {
        "appeal_id": f"C{number:016}-A3",
        "claim_id": f"C{number:016}",
        "appellant": "org-1",
        "level": 3,
        "reasons": ("CO-50",),
        "controversy_cents": cents,
        "required": {2026: 20_000, 2027: None},
        "file_by": date(2026, 8, 1),
    }
    return Small(**{**said, **changes})


def test_like_appeals_that_reach_the_amount_together_make_a_group_due_with_its_first() -> None:
    (group,) = propose_groups([small(1, 12_000), small(2, 9_000, file_by=date(2026, 7, 20))], TODAY)
    assert group.appeals == (small(2, 0).appeal_id, small(1, 0).appeal_id)
    assert (group.together_cents, group.required_cents, group.file_by) == (21_000, 20_000, date(2026, 7, 20))
    assert "405.1006" in group.source


def test_exactly_the_amount_is_enough_and_a_cent_less_is_not() -> None:
    assert propose_groups([small(1, 10_000), small(2, 10_000)], TODAY)
    assert not propose_groups([small(1, 10_000), small(2, 9_999)], TODAY)


def test_an_appeal_that_is_large_enough_alone_joins_nobody() -> None:
    assert not propose_groups([small(1, 20_000), small(2, 5_000)], TODAY)


def test_other_reasons_another_party_another_level_or_a_passed_day_do_not_join() -> None:
    one = small(1, 12_000)
    strangers = [
        small(2, 12_000, reasons=("CO-151",)),
        small(3, 12_000, appellant="org-2"),
        small(4, 12_000, level=5),
        small(5, 12_000, file_by=date(2026, 6, 30)),
    ]
    for stranger in strangers:
        assert not propose_groups([one, stranger], TODAY)


def test_a_year_without_a_published_amount_makes_no_group() -> None:
    late = date(2027, 1, 20)
    both = [small(1, 12_000, file_by=late), small(2, 12_000, file_by=late)]
    assert propose_groups(both, TODAY)
    assert not propose_groups(both, date(2027, 1, 2))


def test_what_is_left_over_goes_with_the_last_group() -> None:
    (group,) = propose_groups([small(n, 11_000) for n in range(3)], TODAY)
    assert len(group.appeals) == 3
    assert (group.level, group.reasons, group.required_cents) == (3, ("CO-50",), 20_000)


@given(st.lists(st.integers(0, 25_000), max_size=12))
def test_no_appeal_stands_in_two_groups_and_every_group_reaches_the_amount(amounts: list[int]) -> None:
    groups = propose_groups([small(number, cents) for number, cents in enumerate(amounts)], TODAY)
    joined = [appeal for group in groups for appeal in group.appeals]
    assert len(joined) == len(set(joined))
    assert all(group.together_cents >= group.required_cents for group in groups)
    too_small = [cents for cents in amounts if cents < 20_000]
    assert bool(groups) == (sum(too_small) >= 20_000)
    if groups:
        assert len(joined) == len(too_small)
