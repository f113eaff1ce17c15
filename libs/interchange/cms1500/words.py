"""How names, days and amounts are typed into a CMS-1500."""

from collections.abc import Sequence
from datetime import date

from interchange.professional import Address, OrganizationName, PersonName, Sex
from interchange.x12.characters import folded


def dollars(cents: int) -> str:
    """Dollars and cents with a space between, as the form has two fields for them.

    >>> dollars(123456), dollars(5)
    ('1234 56', '0 05')
    """
    return f"{cents // 100} {cents % 100:02d}"


def long_day(day: date) -> str:
    """MM DD CCYY."""
    return f"{day.month:02d} {day.day:02d} {day.year:04d}"


def short_day(day: date) -> str:
    """MM DD YY."""
    return f"{day.month:02d} {day.day:02d} {day.year % 100:02d}"


def person(name: PersonName) -> str:
    """Family name with its suffix, given name, middle name; commas between.

    >>> person(PersonName(family="Doe", given="Ann", middle="Q", suffix="Jr"))
    'DOE JR, ANN, Q'
    """
    family = f"{name.family} {name.suffix}" if name.suffix is not None else name.family
    return ", ".join(folded(part) for part in (family, name.given, name.middle) if part is not None)


def address(where: Address) -> Sequence[str]:
    """Street, then city with state and ZIP code."""
    code = where.zip.replace("-", "")
    zip_code = f"{code[:5]}-{code[5:]}" if len(code) > 5 else code
    streets = (folded(line) for line in (where.line1, where.line2) if line is not None)
    return (*streets, f"{folded(where.city)} {where.state} {zip_code}")


def phone(number: str | None) -> str:
    """A telephone number with its area code apart."""
    return "" if number is None else f"({number[:3]}) {number[3:6]}-{number[6:]}"


def full_name(name: PersonName | OrganizationName) -> str:
    """A name as it is signed."""
    if isinstance(name, OrganizationName):
        return folded(name.name)
    parts = (name.given, name.middle, name.family, name.suffix)
    return folded(" ".join(part for part in parts if part is not None))


def yes(held: bool) -> str:
    """A box to tick."""
    return "YES" if held else "NO"


def letter_of(sex: Sex) -> str:
    """F or M; nothing where it is unknown."""
    return "" if sex == Sex.UNKNOWN else sex.value
