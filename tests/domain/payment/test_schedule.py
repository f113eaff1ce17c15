"""The rates of a day and a place come from the tables that were published for them, or there are none."""

from datetime import date

import pytest

from support.made_release import with_table
from therapy_domain.payment.schedule import NoRates, rates
from therapy_domain.rulesets.release import Ruleset, load

YEAR = date(2026, 1, 1), date(2026, 12, 31)
MARCH = date(2026, 3, 2)
FEES = "carrier,locality,code,fee_cents,reduction_cents,status,indicator\n"
VALUES = "code,work,practice_expense,malpractice,status,indicator,conversion_factor\n"
PLACES = "carrier,locality,state,work,practice_expense,malpractice\n"
VALUE = (
    VALUES + "97530,0.60,0.70,0.03,A,5,33.4009\n98975,0.00,0.60,0.02,A,0,33.4009\n97010,0.06,0.05,0.01,B,0,33.4009\n"
)
OHIO, NEW_YORK, MANHATTAN = "15202,00,OH,1.010,0.950,0.800\n", "13282,03,NY,1,1,1\n", "13202,01,NY,1.05,1.2,1.7\n"


def paid(*rows: str) -> Ruleset:
    return with_table("fees", FEES + "".join(f"{row}\n" for row in rows), *YEAR)


def computed(places: str) -> Ruleset:
    return with_table("locality_indices", PLACES + places, *YEAR, over=with_table("relative_values", VALUE, *YEAR))


def reason(rules: Ruleset, day: date = MARCH, state: str | None = "OH") -> str:
    found = rates(rules, day, state)
    assert isinstance(found, NoRates)
    return found.reason


def test_without_a_fee_table_there_are_no_rates() -> None:
    assert "no fee table is held for 2026-03-02" in reason(load())


def test_the_synthetic_sample_is_never_taken_for_a_fee_table() -> None:
    assert load().toml["fee_sample"]["synthetic"] is True
    assert isinstance(rates(load(), MARCH, "OH"), NoRates)


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2027, 1, 1)])
def test_another_years_table_never_answers(day: date) -> None:
    assert "no fee table is held" in reason(paid("15202,00,97112,3107,720,A,5"), day)
    assert "no fee table is held" in reason(computed(OHIO), day)


def test_the_payment_file_gives_fee_and_reduced_fee() -> None:
    found = rates(paid("15202,00,97112,3107,720,A,5", "15202,00,97129,2700,0,A,0"), MARCH, None)
    assert not isinstance(found, NoRates)
    assert (found["97112"].full_cents, found["97112"].reduced_cents, found["97112"].reducible) == (3107, 2387, True)
    assert (found["97129"].reduced_cents, found["97129"].reducible) == (2700, False)
    assert found["97112"].source == "fees-2026-01-01, made for the test"


def test_what_is_bundled_or_invalid_brings_nothing_and_what_a_carrier_prices_is_not_known() -> None:
    found = rates(paid("15202,00,97010,0,0,B,0", "15202,00,97014,0,0,I,0", "15202,00,97139,0,0,C,0"), MARCH, None)
    assert not isinstance(found, NoRates)
    assert {code: rate.full_cents for code, rate in found.items()} == {"97010": 0, "97014": 0}


def test_relative_values_are_weighed_by_the_places_indices_and_the_files_own_factor() -> None:
    found = rates(computed(OHIO), MARCH, None)
    assert not isinstance(found, NoRates)
    # 0.60 x 1.010 + 0.70 x 0.950 + 0.03 x 0.800 = 1.295; x 33.4009 = 43.2541655; reduced 0.9625 x 33.4009 = 32.148
    assert (found["97530"].full_cents, found["97530"].reduced_cents) == (4325, 3215)
    assert not found["98975"].reducible
    assert "97010" not in found


def test_the_payment_file_comes_before_relative_values() -> None:
    rules = with_table("fees", FEES + "15202,00,97530,4400,1110,A,5\n", *YEAR, over=computed(OHIO))
    found = rates(rules, MARCH, "OH")
    assert not isinstance(found, NoRates)
    assert found["97530"].full_cents == 4400


def test_of_several_localities_the_only_one_of_the_state_is_taken() -> None:
    found = rates(computed(OHIO + NEW_YORK + MANHATTAN), MARCH, "OH")
    assert not isinstance(found, NoRates)
    assert found["97530"].full_cents == 4325


@pytest.mark.parametrize(
    ("state", "told"),
    [("NY", "2 localities of the fee tables are in state NY"), ("CA", "0 localities"), (None, "without an address")],
)
def test_where_the_locality_is_not_sure_there_are_no_rates(state: str | None, told: str) -> None:
    assert told in reason(computed(OHIO + NEW_YORK + MANHATTAN), state=state)
    two = paid("15202,00,97112,3107,720,A,5", "13202,01,97112,4107,820,A,5")
    assert "localities" in reason(two, state=state)


def test_a_revision_within_the_year_answers_from_its_day_on() -> None:
    later = with_table(
        "fees",
        FEES + "15202,00,97112,3200,700,A,5\n",
        date(2026, 7, 1),
        YEAR[1],
        over=paid("15202,00,97112,3107,720,A,5"),
    )
    for day, cents in ((date(2026, 6, 30), 3107), (date(2026, 7, 1), 3200)):
        found = rates(later, day, None)
        assert not isinstance(found, NoRates)
        assert found["97112"].full_cents == cents
