"""Amounts are whole cents, days are in the calendar; whatever else is refused with its element."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange.arrival import NOT_SHOWN
from interchange.x12.characters import folded, sendable
from interchange.x12.delimiters import STANDARD, Delimiters
from interchange.x12.errors import BadElement
from interchange.x12.segments import Segment
from interchange.x12.values import MOST_CENTS, amount_text, cents, day, day_text, days, quantity, quantity_text, whole
from therapy_domain.errors import InputError


def segment(*elements: str) -> Segment:
    return Segment(7, ["CLP", *elements], STANDARD)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("45", 4500),
        ("45.5", 4550),
        ("45.50", 4550),
        ("45.500", 4550),
        (".05", 5),
        ("-.5", -50),
        ("0", 0),
        ("00012.3", 1230),
        ("12.", 1200),
        ("-0", 0),
    ],
)
def test_an_amount_is_read_to_the_cent(text: str, amount: int) -> None:
    assert cents(segment(text), 1) == amount


@pytest.mark.parametrize(
    "text", ["", "-", ".", "1,5", "1.005", "1e3", "+5", "$5", " 5", "12345678901234567", "١٢", "1.-5", "10000000001"]
)
def test_what_is_no_amount_of_cents_is_refused(text: str) -> None:
    with pytest.raises(BadElement) as caught:
        cents(segment(text), 1)
    assert (caught.value.element, caught.value.segment, caught.value.tag) == ("CLP01", 7, "CLP")


@given(st.integers(-MOST_CENTS, MOST_CENTS))
def test_an_amount_that_is_written_is_read_again(amount: int) -> None:
    text = amount_text(amount)
    assert cents(segment(text), 1) == amount
    assert not text.endswith((".", ".0")) or text == "0"
    assert not text.startswith(("00", "-0"))


@given(st.decimals(-999_999, 999_999, places=3))
def test_a_number_of_units_that_is_written_is_read_again(number: object) -> None:
    from decimal import Decimal

    assert isinstance(number, Decimal)
    assert quantity(segment(quantity_text(number)), 1) == number


@given(st.dates())
def test_a_day_that_is_written_is_read_again(value: date) -> None:
    assert day(segment(day_text(value)), 1) == value


@pytest.mark.parametrize("text", ["", "20260230", "2026-03-02", "260302", "20261301", "２０２６０３０２", "00000101"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(BadElement):
        day(segment(text), 1)


def test_a_span_of_days_has_its_first_day_first() -> None:
    assert days(segment("RD8", "20260301-20260302"), 1, 2) == (date(2026, 3, 1), date(2026, 3, 2))
    assert days(segment("D8", "20260301"), 1, 2) == (date(2026, 3, 1), date(2026, 3, 1))
    for form, text in (("RD8", "20260302-20260301"), ("D8", "20260301-20260302"), ("TM", "20260301")):
        with pytest.raises(BadElement):
            days(segment(form, text), 1, 2)


@pytest.mark.parametrize("text", ["", "-1", "1.0", "1234567890"])
def test_a_count_is_a_whole_number(text: str) -> None:
    with pytest.raises(BadElement):
        whole(segment(text), 1)


@pytest.mark.parametrize("value", ["MUSTER", "EVA MUSTER", "1EG4TE5MK73", "Muster^Eva"])
def test_an_error_shows_no_value_that_may_name_a_patient(value: str) -> None:
    with pytest.raises(BadElement) as caught:
        cents(segment(value), 1)
    assert caught.value.value == NOT_SHOWN
    assert value not in str(caught.value)


@pytest.mark.parametrize("value", ["12.345", "XX", "9Z"])
def test_an_error_shows_codes_and_numbers(value: str) -> None:
    with pytest.raises(BadElement) as caught:
        cents(segment(value), 1)
    assert caught.value.value == value


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Zoë  Müller-Weiß", "ZOE MULLER-WEISS"),
        ("Łukasz Øst", "LUKASZ OST"),
        ("naïve\ncafé", "NAIVE CAFE"),
        ("“quoted” – text’s", '"QUOTED" - TEXT\'S'),
    ],
)
def test_free_text_is_sent_in_plain_capitals(text: str, sent: str) -> None:
    assert folded(text) == sent
    assert sendable(sent, "basic")


@pytest.mark.parametrize("text", ["李", "Ω", "a\x00b", "🙂"])
def test_what_has_no_plain_spelling_cannot_be_sent(text: str) -> None:
    assert not sendable(folded(text), "extended")


def test_signs_beyond_the_basic_set_need_the_extended_one() -> None:
    assert not sendable("A@B", "basic")
    assert sendable("A@B", "extended")


@pytest.mark.parametrize(
    "wrong", [{"element": "A"}, {"segment": " "}, {"component": "*"}, {"repetition": "ß"}, {"element": "**"}]
)
def test_delimiters_are_four_different_signs(wrong: dict[str, str]) -> None:
    with pytest.raises(InputError):
        Delimiters(**wrong).checked()
