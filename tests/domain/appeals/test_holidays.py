"""Federal holidays, against the lists that the Office of Personnel Management publishes year by year."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapy_domain.appeals.holidays import federal_holidays, is_workday, this_or_next_workday

DAYS_OFF = {
    2020: "01-01 01-20 02-17 05-25 07-03 09-07 10-12 11-11 11-26 12-25",
    2021: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
    2022: "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26",
    2023: "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25",
    2024: "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
    2025: "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25",
    2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
    2027: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
    2028: "01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25",
}
days = st.dates(date(1980, 1, 1), date(2999, 12, 31))


@pytest.mark.parametrize("year", DAYS_OFF)
def test_the_weekdays_off_are_those_that_are_published(year: int) -> None:
    published = {date.fromisoformat(f"{year}-{day}") for day in DAYS_OFF[year].split()}
    assert {day for day in federal_holidays(year) if day.weekday() < 5} == published


def test_juneteenth_begins_in_2021_and_kings_birthday_in_1986() -> None:
    assert is_workday(date(2020, 6, 19))
    assert not is_workday(date(2021, 6, 18))
    assert is_workday(date(1985, 1, 21))
    assert not is_workday(date(1986, 1, 20))


def test_new_year_on_a_saturday_frees_the_last_day_of_the_old_year() -> None:
    assert this_or_next_workday(date(2021, 12, 31)) == date(2022, 1, 3)


@given(days)
def test_the_next_workday_is_near_and_nothing_before_it_is_one(day: date) -> None:
    found = this_or_next_workday(day)
    assert is_workday(found)
    assert timedelta() <= found - day <= timedelta(days=4)
    assert not any(is_workday(day + timedelta(days=n)) for n in range((found - day).days))


@given(days)
def test_a_year_has_ten_or_eleven_free_weekdays_give_or_take_new_year(day: date) -> None:
    free = [holiday for holiday in federal_holidays(day.year) if holiday.weekday() < 5]
    named = 9 + (day.year >= 1986) + (day.year >= 2021)
    assert len(free) in (named - 1, named, named + 1)
