"""The tables that decide modifiers: telehealth, separate services, settings of edits."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from therapy_domain.claims.tables import unpaired_codes
from therapy_domain.rulesets import load
from therapy_domain.rulesets.codes import codes
from therapy_domain.rulesets.separate_services import edit_setting, separate_services
from therapy_domain.rulesets.telehealth import telehealth

RULES = load("2026.1")
TABLE = telehealth(RULES)


def test_windows_follow_each_other_without_a_day_between() -> None:
    for earlier, later in pairwise(TABLE.windows):
        assert earlier.last_day is not None
        assert later.first_day == earlier.last_day + timedelta(days=1)
    assert (TABLE.windows[0].first_day, TABLE.windows[-1].last_day) == (date(2020, 3, 1), date(2027, 12, 31))


def test_every_row_has_its_source_and_every_list_its_last_day() -> None:
    for row in (*TABLE.windows, *TABLE.lists, *TABLE.places):
        assert row.source
    assert {row.last_day for row in TABLE.lists} == {date(2026, 12, 31)}


def test_listed_codes_are_known_codes_and_no_hands_on_code_is_among_them() -> None:
    listed = frozenset().union(*[row.values for row in TABLE.lists])
    assert listed <= codes(RULES).keys()
    assert listed.isdisjoint({"97140", "97124", "97035", "97032", "97012", "97113", "98940"})


@pytest.mark.parametrize(
    ("day", "some"),
    [
        (date(2020, 2, 29), None),
        (date(2020, 3, 1), "97110"),
        (date(2026, 12, 31), "97551"),
        (date(2027, 1, 1), None),
    ],
)
def test_a_day_without_a_list_has_none_rather_than_the_year_before_s(day: date, some: str | None) -> None:
    listed = TABLE.codes(day)
    assert (listed is None) if some is None else (listed is not None and some in listed)


@pytest.mark.parametrize(
    ("places", "setting"),
    [
        ([], "practitioner"),
        (["11"], "practitioner"),
        (["12", "10"], "practitioner"),
        (["22"], "hospital"),
        (["19", "22"], "hospital"),
        (["22", "11"], "practitioner"),
        (["62"], "hospital"),
        (["32"], "practitioner"),
    ],
)
def test_the_hospitals_edits_hold_where_every_place_bills_itself(places: list[str], setting: str) -> None:
    assert edit_setting(RULES, places) == setting


def test_beside_manipulation_another_region_is_needed() -> None:
    table = separate_services(RULES)
    assert table.needs_other_structure("98941", date(2026, 3, 2))
    assert table.needs_other_structure("98940", date(2018, 1, 1))
    assert not table.needs_other_structure("98940", date(2017, 12, 31))
    assert not table.needs_other_structure("97150", date(2026, 3, 2))
    assert table.either_since == date(2019, 7, 1)
    assert {"59", "XE", "XP", "XS", "XU", "RT", "LT"} <= table.opening


@pytest.mark.parametrize(("on", "held"), [(date(2019, 12, 31), False), (date(2020, 1, 1), True)])
def test_among_the_core_codes_no_edit_holds_even_all_together(on: date, held: bool) -> None:
    table = unpaired_codes(RULES)
    assert table.hold(table.codes, on) is held
    assert not table.hold(table.codes | {"97150"}, on)


def test_every_place_and_list_of_telehealth_has_its_codes() -> None:
    assert TABLE.places_on(date(2024, 1, 1)) == {"02", "10"}
    assert TABLE.places_on(date(2023, 12, 31)) == frozenset()
    assert all(row.values for row in TABLE.lists)
    assert not any(row.values for row in TABLE.windows)
