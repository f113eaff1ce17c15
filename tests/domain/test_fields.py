"""Every field type of the contract: what it takes, to the last character, and in which words it refuses the rest."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from pydantic import TypeAdapter, ValidationError

from therapy_domain import fields
from therapy_domain.fields import (
    FIRST_INSTANT,
    LAST_INSTANT,
    LONGEST_TEXT,
    Cents,
    DiagnosisCode,
    Identifier,
    Instant,
    LocalDate,
    Minutes,
    ModifierCode,
    Npi,
    Number,
    OptionalIdentifier,
    OptionalNpi,
    PlaceOfService,
    Price,
    ServiceCode,
    TaxId,
    Text,
    Timezone,
    Units,
    npi_is_valid,
    zone,
)

NPI_WORDS = "an NPI of 10 digits whose last is its Luhn check digit"
ID_WORDS = "an id: a text of 1 to 200 characters, no control characters in it"
INSTANT_WORDS = "an RFC 3339 time with an offset, e.g. 2026-03-02T09:00:00-05:00"
DATE_WORDS = "a date YYYY-MM-DD that is in the calendar"
WORDS: dict[str, tuple[Any, str, list[Any], list[Any]]] = {
    "date": (
        LocalDate,
        DATE_WORDS,
        ["2026-03-02"],
        ["2026-3-2", "2026-02-30", "x2026-03-02", "2026-03-02x", "", 20260302, None],
    ),
    "instant": (
        Instant,
        INSTANT_WORDS,
        ["2026-03-02T09:00:00Z", "2026-03-02T09:00:00.123456789+23:59", "0001-01-02T00:00:00Z", "9999-12-30T00:00:00Z"],
        [
            *(
                "2026-03-02T09:00:00",
                "2026-03-02T09:00:00.Z",
                "2026-03-02T09:00:00.1234567890Z",
                "x2026-03-02T09:00:00Z",
            ),
            *("2026-03-02T09:00:00+24:00", "2026-03-02T09:00:00+09:60", "0001-01-01T23:59:59Z", "9999-12-30T00:00:01Z"),
            *("2026-03-02T25:00:00Z", 0, 1.5, None, True),
        ],
    ),
    "NPI": (
        Npi,
        NPI_WORDS,
        ["1234567893"],
        ["1234567890", "123456789", "12345678937", " 1234567893", 1234567893, None],
    ),
    "optional NPI": (OptionalNpi, NPI_WORDS, ["1234567893"], ["1234567890", "123456789", " ", 1234567893, True]),
    "service code": (
        ServiceCode,
        "a HCPCS or CPT code of 5 characters, e.g. 97112 or G0283",
        ["97112", "0552T", "G0283"],
        ["9711", "971122", "g0283", "GG283", "G028A", 97112, None],
    ),
    "diagnosis": (
        DiagnosisCode,
        "an ICD-10-CM code, e.g. R26.81",
        ["R26", "R26.81", "C7A.00", "C7B", "S06.0X0A"],
        ["R2", "R26.", "R26.81234", "r26.81", "RA6", "R2C", 26, None],
    ),
    "modifier": (
        ModifierCode,
        "a modifier of 2 capital letters or digits, e.g. GP",
        ["GP", "59"],
        ["G", "GPX", "gp", 59, None],
    ),
    "place": (PlaceOfService, "a place of service of 2 digits, e.g. 11", ["11", "02"], ["1", "111", "1A", 11, None]),
    "tax id": (
        TaxId,
        "a tax id of 9 digits, a hyphen after the second allowed",
        ["123456789", "12-3456789"],
        ["12345678", "1234567890", "123-456789", 123456789, None],
    ),
    "time zone": (
        Timezone,
        "an IANA time zone, e.g. America/New_York",
        ["America/New_York", "UTC"],
        ["", "Mars/Base", "utc time", "America/New York", 0, None],
    ),
    "id": (
        Identifier,
        ID_WORDS,
        ["x", "x" * 200, "\u00a0", "~", "\u00e9"],
        ["", "x" * 201, "\x00", "\x1f", "\x7f", "\x9f", "a\tb", 7, None],
    ),
    "optional id": (OptionalIdentifier, ID_WORDS, ["x", "x" * 200], ["x" * 201, "\x00", "\x7f", "\x80", 7, True]),
    "number": (
        Number,
        "a number within 2^53, or a text",
        [0, -1, 0.5, 2**53 - 1, -(2**53) + 1, float(2**53 - 1), -float(2**53 - 1), "4-/5", "", "x" * LONGEST_TEXT],
        [2**53, -(2**53), 1e16, -1e16, "x" * (LONGEST_TEXT + 1), True, None, []],
    ),
}
TAKEN = [(name, kind, value) for name, (kind, _, good, _) in WORDS.items() for value in good]
REFUSED = [(name, kind, words, value) for name, (kind, words, _, bad) in WORDS.items() for value in bad]


@pytest.mark.parametrize(("name", "kind", "value"), TAKEN)
def test_what_is_of_the_form_is_taken_as_it_is(name: str, kind: Any, value: Any) -> None:
    read = TypeAdapter(kind).validate_json(orjson.dumps(value))
    if name not in ("date", "instant"):
        assert (read, type(read)) == (value, type(value))
        assert TypeAdapter(kind).validate_python(value) == value


@pytest.mark.parametrize(("name", "kind", "words", "value"), REFUSED)
def test_anything_else_is_refused_with_words_that_tell_the_form(name: str, kind: Any, words: str, value: Any) -> None:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(kind).validate_json(orjson.dumps(value))
    assert [(error["type"], error["msg"], error["loc"]) for error in raised.value.errors()] == [("format", words, ())]


@pytest.mark.parametrize("value", [bytes(5), object()])
@pytest.mark.parametrize("name", sorted(WORDS.keys() - {"date", "instant"}))
def test_in_python_too_only_texts_are_taken(name: str, value: Any) -> None:
    kind, words, _, _ = WORDS[name]
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(kind).validate_python(value)
    assert [(error["type"], error["msg"]) for error in raised.value.errors()] == [("format", words)]


@pytest.mark.parametrize("kind", [OptionalIdentifier, OptionalNpi])
@pytest.mark.parametrize("given", ["", None])
def test_an_empty_text_says_the_same_as_null(kind: Any, given: Any) -> None:
    assert TypeAdapter(kind).validate_json(orjson.dumps(given)) is None
    assert TypeAdapter(kind).validate_python(given) is None


def test_a_number_keeps_its_kind() -> None:
    for value in (3, 3.0, "3", True):
        if value is True:
            with pytest.raises(ValidationError):
                TypeAdapter(Number).validate_python(value)
        else:
            assert type(TypeAdapter(Number).validate_python(value)) is type(value)
    for text in ("NaN", "Infinity", "-Infinity"):
        with pytest.raises(ValidationError):
            TypeAdapter(Number).validate_python(float(text))


@pytest.mark.parametrize(
    ("kind", "least", "most"),
    [(Cents, -(10**12), 10**12), (Price, 0, 10**12), (Minutes, 0, 1_000_000), (Units, 0, 1_000_000)],
)
def test_a_whole_number_has_its_bounds(kind: Any, least: int, most: int) -> None:
    adapter = TypeAdapter(kind)
    assert (adapter.validate_python(least), adapter.validate_python(most)) == (least, most)
    for value in (least - 1, most + 1):
        with pytest.raises(ValidationError):
            adapter.validate_python(value)


def test_a_free_text_has_at_most_a_million_characters() -> None:
    assert len(TypeAdapter(Text).validate_python("x" * 1_000_000)) == LONGEST_TEXT == 1_000_000
    with pytest.raises(ValidationError):
        TypeAdapter(Text).validate_python("x" * 1_000_001)


def test_an_instant_is_read_to_the_microsecond_in_its_own_offset() -> None:
    read = TypeAdapter(Instant).validate_json(b'"2026-03-02T09:00:00.123456999-05:00"')
    assert read == datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=-5)))
    assert read.utcoffset() == timedelta(hours=-5)


@pytest.mark.parametrize("bound", [FIRST_INSTANT, LAST_INSTANT])
def test_between_its_bounds_an_instant_can_be_written_in_every_offset(bound: datetime) -> None:
    adapter = TypeAdapter(Instant)
    assert adapter.validate_python(bound) == bound
    beyond = bound + timedelta(microseconds=1 if bound is LAST_INSTANT else -1)
    for bad in (beyond, bound.replace(tzinfo=None), "2026-03-02", b"2026-03-02T09:00:00Z", 0, date(2026, 3, 2)):
        with pytest.raises(ValidationError):
            adapter.validate_python(bad)
    for hours in (-23, 23):
        assert bound.astimezone(timezone(timedelta(hours=hours))) == bound


def test_in_python_a_day_is_a_day_or_its_text() -> None:
    adapter = TypeAdapter(LocalDate)
    assert adapter.validate_python(date(2026, 3, 2)) == adapter.validate_python("2026-03-02") == date(2026, 3, 2)
    for bad in (datetime(2026, 3, 2, tzinfo=UTC), 20_514, 20_514.0, b"2026-03-02", "2026-03-02T00:00:00"):
        with pytest.raises(ValidationError):
            adapter.validate_python(bad)


def by_hand(npi: str) -> bool:
    """Luhn over the whole number with its prefix, as the standard tells it."""
    digits = [int(digit) for digit in "80840" + npi]
    doubled = [sum(divmod(2 * digit, 10)) if place % 2 else digit for place, digit in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def test_the_check_digit_is_luhns_over_the_prefix_80840() -> None:
    for first in range(1_000_000_000, 2_000_000_000, 7_654_321):
        for last in range(10):
            npi = f"{first // 10}{last}"
            assert npi_is_valid(npi) is by_hand(npi)


def test_a_zone_is_the_one_of_its_name() -> None:
    assert str(zone("America/New_York")) == "America/New_York"
    assert zone("UTC") is zone("UTC")


def test_what_is_personal_is_marked_with_the_one_mark() -> None:
    assert fields.Personal[str].__metadata__ == (fields.PERSONAL,)
    assert isinstance(fields.PERSONAL, fields.PersonalMark)
