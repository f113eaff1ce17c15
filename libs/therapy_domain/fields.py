"""Field types of the contract: strict, checked in pydantic's core where possible, with the words for a refusal."""

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, GetPydanticSchema, StringConstraints
from pydantic_core import PydanticCustomError, core_schema

T = TypeVar("T")


class PersonalMark:
    """Marks a field that identifies a person or holds clinical free text: sealed before it is stored."""


PERSONAL = PersonalMark()
Personal = Annotated[T, PERSONAL]


def _pattern_then(pattern: str, expected: str, schema: core_schema.CoreSchema) -> GetPydanticSchema:
    """A string of that pattern, then read by `schema` (lax, since the pattern already is strict)."""
    text = core_schema.custom_error_schema(
        core_schema.str_schema(pattern=pattern, strict=True), "format", custom_error_message=expected
    )
    parsed = core_schema.custom_error_schema(schema, "format", custom_error_message=expected)
    read = core_schema.chain_schema([text, parsed])
    return GetPydanticSchema(
        lambda _source, _handler: core_schema.json_or_python_schema(
            json_schema=read,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(date), read]),
        )
    )


_OFFSET = r"(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
_INSTANT = rf"^\d{{4}}-\d{{2}}-\d{{2}}[Tt]\d{{2}}:\d{{2}}:\d{{2}}(?:\.\d{{1,9}})?{_OFFSET}$"

LocalDate = Annotated[
    date,
    _pattern_then(r"^\d{4}-\d{2}-\d{2}$", "a date YYYY-MM-DD", core_schema.date_schema(strict=False)),
]
"""A calendar day in the clinic's own time zone."""

Instant = Annotated[
    datetime,
    _pattern_then(
        _INSTANT,
        "an RFC 3339 time with an offset, e.g. 2026-03-02T09:00:00-05:00",
        core_schema.datetime_schema(strict=False, tz_constraint="aware", microseconds_precision="truncate"),
    ),
]
"""A moment, with the offset it was written in."""


def _text(pattern: str, expected: str) -> Any:
    return GetPydanticSchema(
        lambda _source, _handler: core_schema.custom_error_schema(
            core_schema.str_schema(pattern=pattern, strict=True), "format", custom_error_message=expected
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


def _checked_npi(npi: str) -> str:
    if not npi_is_valid(npi):
        raise PydanticCustomError("format", "an NPI of 10 digits whose last is its Luhn check digit")
    return npi


def _checked_timezone(name: str) -> str:
    if name not in _timezones():
        raise PydanticCustomError("format", "an IANA time zone, e.g. America/New_York")
    return name


@lru_cache(maxsize=1)
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name."""
    return ZoneInfo(name)


Npi = Annotated[
    str, _text(r"^[0-9]{10}$", "an NPI of 10 digits whose last is its Luhn check digit"), AfterValidator(_checked_npi)
]
ServiceCode = Annotated[
    str, _text(r"^(?:[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})$", "a HCPCS or CPT code of 5 characters, e.g. 97112 or G0283")
]
DiagnosisCode = Annotated[
    str, _text(r"^[A-Z][0-9][0-9AB](?:\.?[0-9A-Z]{1,4})?$", "an ICD-10-CM code, e.g. R26.81")
]
ModifierCode = Annotated[str, _text(r"^[0-9A-Z]{2}$", "a modifier of 2 capital letters or digits, e.g. GP")]
PlaceOfService = Annotated[str, _text(r"^[0-9]{2}$", "a place of service of 2 digits, e.g. 11")]
TaxId = Annotated[str, _text(r"^[0-9]{2}-?[0-9]{7}$", "a tax id of 9 digits, a hyphen after the second allowed")]
Timezone = Annotated[str, AfterValidator(_checked_timezone)]
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(max_length=20_000)]
Cents = Annotated[int, Field(ge=-(10**12), le=10**12)]
Minutes = Annotated[int, Field(ge=0, le=1440)]
Units = Annotated[int, Field(ge=0, le=999)]

SOURCE = re.compile(r"^/orgs/([^/\s]{1,100})(?:/clinics/([^/\s]{1,100}))?$")
"""A CloudEvents `source`: the organization, and the clinic unless the event has none."""
