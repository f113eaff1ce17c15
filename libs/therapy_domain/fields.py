"""Field types of the contract: strict, checked in pydantic's core where possible, with the words for a refusal."""

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, GetPydanticSchema, StringConstraints
from pydantic_core import PydanticCustomError, core_schema

from therapy_domain.canonical import LARGEST_INTEGER

T = TypeVar("T")

LONGEST_TEXT = 1_000_000
"""A free text may have so many characters; anything longer is no note of a visit."""


class PersonalMark:
    """Marks a field that identifies a person or holds clinical free text: sealed before it is stored."""


PERSONAL = PersonalMark()
Personal = Annotated[T, PERSONAL]


def _pattern_then(
    pattern: str, expected: str, schema: core_schema.CoreSchema, own: core_schema.CoreSchema
) -> GetPydanticSchema:
    """A string of that pattern, then read by `schema` (lax, since the pattern already is strict); in Python
    also what `own` accepts."""
    text = core_schema.custom_error_schema(
        core_schema.str_schema(pattern=pattern, strict=True), "format", custom_error_message=expected
    )
    parsed = core_schema.custom_error_schema(schema, "format", custom_error_message=expected)
    read = core_schema.chain_schema([text, parsed])
    return GetPydanticSchema(
        lambda _source, _handler: core_schema.json_or_python_schema(
            json_schema=read, python_schema=core_schema.union_schema([own, read])
        )
    )


INSTANT_PATTERN = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
"""RFC 3339 with an offset, to the nanosecond."""
INSTANT_WORDS = "an RFC 3339 time with an offset, e.g. 2026-03-02T09:00:00-05:00"
FIRST_INSTANT = datetime(1, 1, 2, tzinfo=UTC)
LAST_INSTANT = datetime(9999, 12, 30, tzinfo=UTC)
"""Between these two, every instant can be written in every offset."""


def _instant_schema(*, strict: bool) -> core_schema.CoreSchema:
    return core_schema.datetime_schema(
        strict=strict,
        tz_constraint="aware",
        microseconds_precision="truncate",
        ge=FIRST_INSTANT,
        le=LAST_INSTANT,
    )


LocalDate = Annotated[
    date,
    _pattern_then(
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        "a date YYYY-MM-DD that is in the calendar",
        core_schema.date_schema(strict=False),
        core_schema.date_schema(strict=True),
    ),
]
"""A calendar day in the clinic's own time zone."""

Instant = Annotated[
    datetime,
    _pattern_then(f"^{INSTANT_PATTERN}$", INSTANT_WORDS, _instant_schema(strict=False), _instant_schema(strict=True)),
]
"""A moment, with the offset it was written in."""


def _text(pattern: str, expected: str) -> Any:
    return GetPydanticSchema(
        lambda _source, _handler: core_schema.custom_error_schema(
            core_schema.str_schema(pattern=pattern, strict=True), "format", custom_error_message=expected
        )
    )


def _optional_text(pattern: str, expected: str) -> Any:
    """A text of that pattern, null or empty; None for the last two."""
    return GetPydanticSchema(
        lambda _source, _handler: core_schema.no_info_after_validator_function(
            lambda text: text or None,
            core_schema.custom_error_schema(
                core_schema.nullable_schema(core_schema.str_schema(pattern=pattern, strict=True)),
                "format",
                custom_error_message=expected,
            ),
        )
    )


def _number(expected: str) -> GetPydanticSchema:
    """A number that every JSON reader keeps whole, or a text."""
    low, high = -LARGEST_INTEGER, LARGEST_INTEGER
    return GetPydanticSchema(
        lambda _source, _handler: core_schema.custom_error_schema(
            core_schema.union_schema(
                [
                    core_schema.int_schema(strict=True, ge=low, le=high),
                    core_schema.float_schema(strict=True, allow_inf_nan=False, ge=low, le=high),
                    core_schema.str_schema(strict=True, max_length=LONGEST_TEXT),
                ]
            ),
            "format",
            custom_error_message=expected,
        )
    )


@lru_cache(maxsize=65_536)
def npi_is_valid(npi: str) -> bool:
    """Whether the check digit of a National Provider Identifier holds (Luhn over 80840 and the number).

    Source:  45 CFR 162.406; CMS, "Requirements for NPI and NPI check digit".

    >>> npi_is_valid("1234567893"), npi_is_valid("1234567890")
    (True, False)
    """
    total = 24  # what the prefix 80840 adds
    for place, digit in enumerate(reversed(npi)):
        number = int(digit) * (1 + place % 2)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


_NPI_WORDS = "an NPI of 10 digits whose last is its Luhn check digit"
_ZONE_WORDS = "an IANA time zone, e.g. America/New_York"
_ID_WORDS = "an id: a text of 1 to 200 characters, no control characters in it"
_ID_CHARACTER = r"[^\x00-\x1f\x7f-\x9f]"


def _checked_npi(npi: str) -> str:
    if not npi_is_valid(npi):
        raise PydanticCustomError("format", _NPI_WORDS)
    return npi


def _checked_timezone(name: str) -> str:
    if name not in _timezones():
        raise PydanticCustomError("format", _ZONE_WORDS)
    return name


def _checked_npi_if_any(npi: str | None) -> str | None:
    return None if npi is None else _checked_npi(npi)


@lru_cache(maxsize=1)
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name."""
    return ZoneInfo(name)


Npi = Annotated[str, _text(r"^[0-9]{10}$", _NPI_WORDS), AfterValidator(_checked_npi)]
ServiceCode = Annotated[
    str,
    _text(r"^(?:[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})$", "a HCPCS or CPT code of 5 characters, e.g. 97112 or G0283"),
]
DiagnosisCode = Annotated[str, _text(r"^[A-Z][0-9][0-9AB](?:\.?[0-9A-Z]{1,4})?$", "an ICD-10-CM code, e.g. R26.81")]
ModifierCode = Annotated[str, _text(r"^[0-9A-Z]{2}$", "a modifier of 2 capital letters or digits, e.g. GP")]
PlaceOfService = Annotated[str, _text(r"^[0-9]{2}$", "a place of service of 2 digits, e.g. 11")]
TaxId = Annotated[str, _text(r"^[0-9]{2}-?[0-9]{7}$", "a tax id of 9 digits, a hyphen after the second allowed")]
Timezone = Annotated[str, _text(r"^[!-~]+$", _ZONE_WORDS), AfterValidator(_checked_timezone)]
Identifier = Annotated[str, _text(rf"^{_ID_CHARACTER}{{1,200}}$", _ID_WORDS)]
Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
Number = Annotated[int | float | str, _number("a number within 2^53, or a text")]
"""A measured value: a number, or what cannot be put into one."""
Cents = Annotated[int, Field(ge=-(10**12), le=10**12)]
Price = Annotated[int, Field(ge=0, le=10**12)]
"""Cents for one unit [US cent]."""
Minutes = Annotated[int, Field(ge=0, le=1_000_000)]
"""More than a day has is understood, and found fault with when the claim is assessed."""
Units = Annotated[int, Field(ge=0, le=1_000_000)]

OptionalIdentifier = Annotated[str | None, _optional_text(rf"^{_ID_CHARACTER}{{0,200}}$", _ID_WORDS)]
OptionalNpi = Annotated[
    str | None, _optional_text(r"^(?:[0-9]{10})?$", _NPI_WORDS), AfterValidator(_checked_npi_if_any)
]
"""An empty text says the same as an absent field."""

_SEGMENT = r"([^/\s\x00-\x1f\x7f-\x9f]{1,100})"
SOURCE = re.compile(rf"\A/orgs/{_SEGMENT}(?:/clinics/{_SEGMENT})?\Z")
"""A CloudEvents `source`: the organization, and the clinic unless the event has none."""
